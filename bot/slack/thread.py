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
    check_response,
    repeat,
    wait_and_attempt,
)
from bot.slack.events import Claim
from bot.slack.finding import Search, build_metadata
from bot.slack.keeping import Keeping

_log = logging.getLogger(__name__)
_STATUS_TRIES = 3
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
        self._search = Search(client, claim.asked, bot_user, keeping)
        self._searched = claim.attempt == 1
        self._in_session = False

    async def show_status(self, status: str) -> bool:
        """Whether Slack shows it; "" takes it away. Sent again at once where it breaks, but never
        waited for."""
        if self.asked.thread_ts is None:
            return False
        for _ in range(_STATUS_TRIES):
            try:
                await attempt(lambda: self._set_status(status))
            except Broken:
                continue
            except Refused as refused:
                if refused.error in TOKEN_ERRORS:
                    raise
                return False
            return True
        return False

    async def begin_session(self) -> bool:
        """False where the app has no sessions."""
        if self.asked.thread_ts is None:
            return True
        try:
            await attempt(lambda: self._set_session("processing"))
        except RateLimited:
            return True
        except Refused:
            return False
        except Broken:
            # It may have begun.
            pass
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
                if refused.error == "streaming_state_conflict":
                    # Its stream could not be ended, and will be by itself: not to be said twice.
                    raise Broken(refused.error) from refused
                _log.info("Slack refused an edit (%s): posting anew", refused.error)
        ts = await call_once(
            lambda: self._client.chat_postMessage(
                channel=self.asked.channel,
                thread_ts=self.asked.thread_ts,
                metadata=build_metadata(self.asked, number),
                **_build_content(message),
                **_QUIET,
            ),
            lambda: self._search.find(number),
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
            ts = await self._search.find_stream()
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
                metadata=build_metadata(self.asked, 0),
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

    async def _set_status(self, status: str) -> Any:
        return await self._client.assistant_threads_setStatus(
            channel_id=self.asked.channel, thread_ts=str(self.asked.thread_ts), status=status
        )

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
        while ts := await self._search.find(len(self.posted)):
            await self.keep(len(self.posted), ts)
        if not self.posted and (ts := await self._search.find_stream()):
            await self.keep(0, ts)
        if self.posted:
            await self.close_stream()

    async def _update(self, ts: str, number: int, message: Message) -> Any:
        return await self._client.chat_update(
            channel=self.asked.channel,
            ts=ts,
            metadata=build_metadata(self.asked, number),
            **_build_content(message),
        )

    async def _respond(self, message: Message) -> bool:
        """Through the address that came with a command; False where it has expired. A broken call
        is made again here too."""
        try:
            await repeat(lambda: self._post_to_address(message))
        except Refused as refused:
            if refused.error in BLOCK_ERRORS:
                raise
            _log.info("Slack does not take the command's answer (%s)", refused.error)
            return False
        return True

    async def _post_to_address(self, message: Message) -> None:
        client = AsyncWebhookClient(str(self.asked.response_url), retry_handlers=[])
        content = _build_content(message)
        response = await client.send(response_type="ephemeral", replace_original=False, **content)
        check_response(response.status_code, response.body, response.headers)


def _build_content(message: Message) -> dict[str, Any]:
    """Without blocks too: Slack keeps those of before where an edit names none."""
    return {"text": message.text, "blocks": message.blocks}
