"""What a storm left in Slack: the replies to each question, and how long they took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.slack_questions import Asked
from tests.slack_server import Message, SlackServer, read_shown

_WRITES = ("chat.postMessage", "chat.update", "chat.startStream", "chat.stopStream")
_FAILURES = ("Something went wrong", "I could not answer")
_UNFINISHED = "Searching the archive"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one question; the times are from its first delivery, None where it never came."""

    replies: int
    finished: bool
    failed: bool
    first_status_s: float | None
    reply_s: float | None

    @property
    def right(self) -> bool:
        return self.replies == 1 and self.finished


def read_outcomes(
    slack: SlackServer, questions: Sequence[Asked], sent: Mapping[int, float]
) -> tuple[Outcome, ...]:
    """`sent` is when each was first delivered, by its position."""
    statuses = _first_statuses(slack)
    written = _last_writes(slack)
    by_thread: dict[tuple[str, str | None], list[Message]] = {}
    for message in list(slack.workspace.messages):
        if message.is_bots:
            by_thread.setdefault((message.channel, message.thread_ts), []).append(message)
    return tuple(
        _read_outcome(
            by_thread.get((asked.channel, asked.thread_ts), []),
            statuses.get((asked.channel, asked.thread_ts)),
            written,
            sent[number],
        )
        for number, asked in enumerate(questions)
    )


def _read_outcome(
    messages: Sequence[Message],
    status_at: float | None,
    written: Mapping[tuple[str, str], float],
    sent_at: float,
) -> Outcome:
    shown = [read_shown(message) for message in messages]
    ends = [written.get((message.channel, message.ts), message.at) for message in messages]
    begins = [message.at for message in messages] + ([status_at] if status_at else [])
    return Outcome(
        replies=_count_replies(messages),
        finished=bool(messages)
        and not any(message.streaming for message in messages)
        and not any(text.startswith(_UNFINISHED) or not text for text in shown),
        failed=any(mark in text for text in shown for mark in _FAILURES),
        first_status_s=min(begins) - sent_at if begins else None,
        reply_s=max(ends) - sent_at if ends else None,
    )


def _count_replies(messages: Iterable[Message]) -> int:
    """A reply may have several messages, each with a key of its own; a key twice is two replies,
    and so is a message without one beside others."""
    keys = Counter(_read_key(message) for message in messages)
    unkeyed = keys.pop(None, 0)
    return unkeyed + max(keys.values(), default=0)


def _read_key(message: Message) -> str | None:
    key: str | None = (message.metadata or {}).get("event_payload", {}).get("key")
    return key


def _first_statuses(slack: SlackServer) -> dict[tuple[str, str], float]:
    first: dict[tuple[str, str], float] = {}
    for status in list(slack.workspace.statuses):
        if status.status:
            first.setdefault((status.channel, status.thread_ts), status.at)
    return first


def _last_writes(slack: SlackServer) -> dict[tuple[str, str], float]:
    """When each message got what it shows now."""
    return {
        (str(call.reply["channel"]), str(call.reply["ts"])): call.at
        for call in list(slack.log)
        if call.method in _WRITES and call.reply is not None and call.reply["ok"]
    }
