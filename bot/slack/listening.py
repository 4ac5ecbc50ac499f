"""Which of Slack's events is a question to us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.answering.small_talk import find_small_talk

# With a subtype of these a message is still what a person typed.
_TYPED = (None, "file_share", "thread_broadcast")
_MENTIONED = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
# Somebody, a group or everybody: then it is said to them.
_TO_OTHERS = re.compile(r"<(?:@|!subteam\^|!here|!channel|!everyone)")
_MOST_ID_CHARACTERS = 200
_INTERROGATIVE = re.compile(
    r"(?:and |but |so |ok(?:ay)?,? |then |also,? )*"
    r"(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|has|have|had|"
    r"can|could|will|would|should|may|might|"
    r"tell (?:me|us)|explain|compare|summari[sz]e|list|show (?:me|us))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, who asked it, and where the answer belongs.

    `ts` is the message's; where a click or a command asked, whatever tells that one from every
    other. `thread_ts` is None where there is no thread (`/ask`). `private` is answered to that
    user alone, through `response_url` where Slack gave one.
    """

    team: str
    channel: str
    user: str
    ts: str
    thread_ts: str | None
    text: str
    as_of: str | None = None
    private: bool = False
    response_url: str | None = None

    @property
    def key(self) -> str:
        """The same for every event that brings the same message."""
        return f"{self.team}:{self.channel}:{self.ts}"

    @property
    def owner(self) -> str:
        """Whose conversation it is: everybody's in the channel, or one user's."""
        return build_owner(self.team, self.channel, self.user if self.private else None)

    @property
    def conversation_id(self) -> str:
        return f"{self.team}:{self.channel}:{self.thread_ts or self.ts}"


def build_owner(team: str, channel: str, user: str | None = None) -> str:
    """`user` where the answer was for that user alone."""
    return ":".join(filter(None, ("slack", team, channel, user)))


def read_mention(event: Mapping[str, Any], team: str, bot_user: str | None) -> Asked | None:
    """An `app_mention`: always to us, but in a thread thanks and the like need no reply."""
    asked = _read(event, team) if _is_typed(event, bot_user) else None
    return None if asked is None or _ends_thread(asked) else asked


def read_message(event: Mapping[str, Any], team: str, bot_user: str | None) -> Asked | None:
    """A `message`: to us where it is direct, or mentions us.

    None for what is not, for edits, deletions and joins, and for what bots say, ourselves with
    them. An untagged reply in a thread is read by `read_reply`.
    """
    if not _is_typed(event, bot_user):
        return None
    if event.get("channel_type") == "im":
        return _read(event, team)
    mentions_us = bot_user in _MENTIONED.findall(str(event.get("text", "")))
    return read_mention(event, team, bot_user) if mentions_us else None


def read_reply(event: Mapping[str, Any], team: str, bot_user: str | None) -> Asked | None:
    """A reply in a thread, untagged, that reads like a question: to us if we are in the thread."""
    text = str(event.get("text", ""))
    if not _is_typed(event, bot_user) or not event.get("thread_ts") or _TO_OTHERS.search(text):
        return None
    asked = _read(event, team)
    is_ours = is_question(asked.text) and find_small_talk(asked.text) in (None, "about")
    return asked if is_ours else None


def read_command(command: Mapping[str, Any]) -> Asked:
    """A slash command: answered to its user alone, through the address that came with it."""
    return Asked(
        team=str(command.get("team_id")),
        channel=str(command["channel_id"]),
        user=str(command["user_id"]),
        ts=str(command["trigger_id"])[:_MOST_ID_CHARACTERS],
        thread_ts=None,
        text=read_question(str(command.get("text") or "")),
        private=True,
        response_url=command.get("response_url"),
    )


def is_question(text: str) -> bool:
    return "?" in text or "؟" in text or "？" in text or bool(_INTERROGATIVE.match(text))


def read_question(text: str) -> str:
    """What was typed, without the mention of us and with Slack's escapes undone."""
    words = re.sub(r"<@[A-Z0-9]+(?:\|[^>]*)?>", " ", text)
    words = re.sub(r"<(?:[^|>]*\|)?([^>]*)>", r"\1", words)
    words = words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return " ".join(words.split())


def _ends_thread(asked: Asked) -> bool:
    """Thanks, an assent or a farewell in a channel's thread: nobody waits for an answer to it."""
    in_thread = asked.thread_ts != asked.ts
    return in_thread and find_small_talk(asked.text) in ("thanks", "assent", "farewell")


def _is_typed(event: Mapping[str, Any], bot_user: str | None) -> bool:
    user = event.get("user")
    is_ours = "bot_id" in event or "bot_profile" in event or user == bot_user
    whole = all(isinstance(event.get(name), str) for name in ("user", "channel", "ts"))
    return whole and not is_ours and not event.get("hidden") and event.get("subtype") in _TYPED


def _read(event: Mapping[str, Any], team: str) -> Asked:
    ts = str(event["ts"])
    return Asked(
        team=team,
        channel=str(event["channel"]),
        user=str(event["user"]),
        ts=ts,
        thread_ts=str(event.get("thread_ts") or ts),
        text=read_question(str(event.get("text", ""))),
    )
