"""Where a reply goes: its messages are posted once, edited from then on, and found again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.blocks import Message
from bot.slack.calls import (
    BLOCK_ERRORS,
    TOKEN_ERRORS,
    Broken,
    RateLimited,
    Refused,
    attempt,
    call_once,
    repeat,
    wait_and_attempt,
)
from bot.slack.events import Claim
from bot.slack.keeping import Keeping

EVENT_TYPE = "dateline_answer"
_log = logging.getLogger(__name__)
_PAGE, _MOST_PAGES = 100, 5
_QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


class Thread:
    """The messages of one reply, by number. What Slack refuses is raised as `Refused`."""

    def __init__(
        self, client: AsyncWebClient, claim: Claim, keeping: Keeping, bot_user: str | None
    ) -> None:
        self.asked = claim.asked
        self.posted = list(claim.posted)
        self._client = client
        self._claim = claim
        self._keeping = keeping
        self._bot_user = bot_user
        self._searched = claim.attempt == 1
        self._in_session = False

    async def show_status(self, status: str) -> bool:
        """Whether Slack shows it; "" takes it away. Never waited for."""
        if self.asked.thread_ts is None:
            return False
        try:
            await attempt(
                lambda: self._client.assistant_threads_setStatus(
                    channel_id=self.asked.channel,
                    thread_ts=str(self.asked.thread_ts),
                    status=status,
                )
            )
        except Broken:
            # It may be shown: a status is replaced, or goes with the answer.
            return True
        except Refused as refused:
            if refused.error in TOKEN_ERRORS:
                raise
            return False
        return True

    async def begin_session(self) -> bool:
        """False where the app has no sessions."""
        if self.asked.thread_ts is None:
            return True
        try:
            await self._set_session("processing")
        except (RateLimited, Broken):
            return True
        except Refused:
            return False
        self._in_session = True
        return True

    async def end_session(self) -> None:
        """What was begun; the end of a stream ends it too."""
        if self._in_session:
            with suppress(Refused, Broken):
                await repeat(lambda: self._set_session("active"))
            self._in_session = False

    async def send(self, number: int, message: Message) -> None:
        """Post the reply's message of this number, or edit it where it is there already."""
        await self._find_earlier()
        if number < len(self.posted):
            try:
                await repeat(lambda: self._update(self.posted[number], number, message))
                return
            except Refused as refused:
                if refused.error in BLOCK_ERRORS:
                    raise
                _log.info("Slack refused an edit (%s): posting anew", refused.error)
        ts = await call_once(
            lambda: self._client.chat_postMessage(
                channel=self.asked.channel,
                thread_ts=self.asked.thread_ts,
                metadata=self.build_metadata(number),
                **_build_content(message),
                **_QUIET,
            ),
            lambda: self._find(number),
        )
        await self.keep(number, ts)

    async def send_privately(self, message: Message) -> None:
        """To the asker alone. A broken call is made again: such a message cannot be looked for."""
        if self.asked.response_url is not None and await self._respond(message):
            return
        # Slack shows an ephemeral message in a thread only where the thread has begun.
        in_thread = self.asked.thread_ts != self.asked.ts
        await repeat(
            lambda: self._client.chat_postEphemeral(
                channel=self.asked.channel,
                user=self.asked.user,
                thread_ts=self.asked.thread_ts if in_thread else None,
                **_build_content(message),
            )
        )

    async def send_directly(self, message: Message) -> None:
        """As a direct message to the asker, where there is no way into the channel."""
        await wait_and_attempt(
            lambda: self._client.chat_postMessage(
                channel=self.asked.user, **_build_content(message), **_QUIET
            )
        )

    async def start_stream(self, text: str) -> bool:
        """False where Slack does not stream here, or not now."""
        await self._find_earlier()
        if self.posted or self.asked.thread_ts is None:
            return False
        try:
            response = await attempt(
                lambda: self._client.chat_startStream(
                    channel=self.asked.channel,
                    thread_ts=str(self.asked.thread_ts),
                    recipient_team_id=self.asked.team,
                    recipient_user_id=self.asked.user,
                    markdown_text=text,
                )
            )
            ts: str | None = str(response["ts"])
        except Refused as refused:
            if refused.error in TOKEN_ERRORS:
                raise
            return False
        except Broken:
            ts = await self._find(0, begun=True)
        if ts is None:
            return False
        await self.keep(0, ts)
        return True

    async def append(self, text: str) -> None:
        """One call, whatever comes of it. Raises Refused or Broken."""
        await attempt(
            lambda: self._client.chat_appendStream(
                channel=self.asked.channel, ts=self.posted[0], markdown_text=text
            )
        )

    async def stop_stream(self, blocks: Sequence[dict[str, Any]] = (), text: str = "") -> None:
        """One call, whatever comes of it. Raises Refused or Broken."""
        await attempt(
            lambda: self._client.chat_stopStream(
                channel=self.asked.channel,
                ts=self.posted[0],
                markdown_text=text or None,
                blocks=list(blocks) or None,
                metadata=self.build_metadata(0),
                session_status="active" if self._in_session else None,
            )
        )
        self._in_session = False

    async def close_stream(self) -> None:
        """End a stream that went wrong: until then Slack lets nobody edit it."""
        with suppress(Refused, Broken):
            await repeat(
                lambda: self._client.chat_stopStream(channel=self.asked.channel, ts=self.posted[0])
            )

    async def keep(self, number: int, ts: str) -> None:
        self.posted[number : number + 1] = [ts]
        await self._keeping.record(self._claim, self.posted)

    def build_metadata(self, number: int) -> dict[str, Any]:
        payload = {"key": f"{self.asked.key}#{number}"}
        return {"event_type": EVENT_TYPE, "event_payload": payload}

    async def _set_session(self, status: str) -> Any:
        return await self._client.agents_sessions_setStatus(
            channel_id=self.asked.channel, thread_ts=self.asked.thread_ts, status=status
        )

    async def _find_earlier(self) -> None:
        """What a process that died had posted without having had the time to note it; a stream
        of its is ended, since Slack lets nobody edit one before."""
        if self._searched:
            return
        self._searched = True
        while ts := await self._find(len(self.posted), begun=not self.posted):
            await self.keep(len(self.posted), ts)
        if self.posted:
            await self.close_stream()

    async def _find(self, number: int, begun: bool = False) -> str | None:
        """Our message of this number, or a stream that was `begun`, which has no number before it
        ends. None where it is not there, or Slack does not let us look. Raises Broken."""
        wanted = self.build_metadata(number)["event_payload"]
        try:
            ours = await self._read_ours()
        except Refused as refused:
            _log.info("Slack does not show the thread (%s)", refused.error)
            return None
        for message in ours:
            if message.get("metadata", {}).get("event_payload") == wanted:
                return str(message["ts"])
        if begun:
            others = await self._keeping.run(
                self._keeping.events.read_posted, self.asked.conversation_id
            )
            for message in ours:
                if not message.get("metadata") and message["ts"] not in others:
                    return str(message["ts"])
        return None

    async def _read_ours(self) -> list[dict[str, Any]]:
        """Our messages in the thread since the question. Raises Refused or Broken."""
        if self.asked.thread_ts is None:
            return []
        ours: list[dict[str, Any]] = []
        cursor = None
        for _ in range(_MOST_PAGES):
            response = await repeat(
                lambda: self._client.conversations_replies(
                    channel=self.asked.channel,
                    ts=str(self.asked.thread_ts),
                    oldest=self.asked.thread_ts,
                    include_all_metadata=True,
                    limit=_PAGE,
                    cursor=cursor,  # noqa: B023 - called at once
                )
            )
            found = response.get("messages") or []
            ours += [each for each in found if each.get("user") == self._bot_user]
            cursor = (response.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        since = self.asked.ts if "." in self.asked.ts else str(self.asked.thread_ts)
        return [each for each in ours if _is_later(each["ts"], since)]

    async def _update(self, ts: str, number: int, message: Message) -> Any:
        return await self._client.chat_update(
            channel=self.asked.channel,
            ts=ts,
            metadata=self.build_metadata(number),
            **_build_content(message),
        )

    async def _respond(self, message: Message) -> bool:
        """Through the address that came with a command; False where it has expired."""
        client = AsyncWebhookClient(str(self.asked.response_url), retry_handlers=[])
        try:
            response = await client.send(
                response_type="ephemeral", replace_original=False, **_build_content(message)
            )
        except OSError:
            return False
        return bool(response.status_code == 200)


def _build_content(message: Message) -> dict[str, Any]:
    """Without blocks too: Slack keeps those of before where an edit names none."""
    return {"text": message.text, "blocks": message.blocks}


def _is_later(ts: str, than: str) -> bool:
    try:
        return float(ts) > float(than)
    except ValueError:
        return True
