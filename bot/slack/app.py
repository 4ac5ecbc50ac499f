"""The Slack bot: answers mentions and direct messages, in the thread, once an event."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering.questions import build_question
from bot.service import Service
from bot.settings import BotSettings
from bot.slack.blocks import build_messages
from bot.slack.events import EventLog
from bot.slack.listening import read_question
from bot.slack.mrkdwn import escape
from bot.slack.token import web_api_url
from retrieval.errors import DatelineError, SettingsError

_log = logging.getLogger(__name__)

Say = Callable[..., Awaitable[Any]]


class SlackBot:
    """Wraps a bolt app; `drain` waits for the answers that are under way."""

    def __init__(self, settings: BotSettings, service: Service, events: EventLog) -> None:
        if settings.slack_bot_token is None:
            raise SettingsError("set SLACK_BOT_TOKEN to the bot token (xoxb-…) of your Slack app")
        token = settings.slack_bot_token.get_secret_value()
        self._service = service
        self._events = events
        self._running: set[asyncio.Task[Any]] = set()
        secret = settings.slack_signing_secret
        client = AsyncWebClient(token=token, base_url=web_api_url(settings))
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=3))
        self.bolt = AsyncApp(
            client=client,
            # Socket Mode is authenticated by its connection and needs no secret.
            signing_secret="" if secret is None else secret.get_secret_value(),
            request_verification_enabled=secret is not None,
        )
        self._register_listeners()

    async def drain(self) -> None:
        """Wait for every answer that is under way."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    def _register_listeners(self) -> None:
        @self.bolt.event("app_mention")
        async def on_mention(body: dict[str, Any], event: dict[str, Any], say: Say) -> None:
            await self._reply(body, event, say)

        @self.bolt.event("message")
        async def on_message(body: dict[str, Any], event: dict[str, Any], say: Say) -> None:
            plain = "subtype" not in event and "bot_id" not in event
            if plain and event.get("channel_type") == "im":
                await self._reply(body, event, say)

        @self.bolt.event(re.compile(".*"))
        async def on_anything_else() -> None:
            """Acknowledged, so that Slack does not send it again."""

    async def _reply(self, body: dict[str, Any], event: dict[str, Any], say: Say) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            if await asyncio.to_thread(self._events.claim, str(body["event_id"])):
                thread_ts = event.get("thread_ts") or event["ts"]
                await self._answer(read_question(str(event.get("text", ""))), thread_ts, say)
        finally:
            self._running.discard(task)

    async def _answer(self, text: str, thread_ts: str, say: Say) -> None:
        quiet = {"thread_ts": thread_ts, "unfurl_links": False, "unfurl_media": False}
        if not text:
            await say(text="Ask me a question about the news in the archive.", **quiet)
            return
        try:
            answer = await asyncio.to_thread(self._service.answer, build_question(text))
        except DatelineError as error:
            await say(text=escape(f"I could not answer: {error}"), **quiet)
        except Exception:  # noqa: BLE001 - nobody is left without a reply
            error_id = uuid.uuid4().hex[:8]
            _log.exception("answering in Slack failed, error %s", error_id)
            await say(text=f"Something went wrong here (error {error_id}).", **quiet)
        else:
            for message in build_messages(answer):
                try:
                    await say(text=message.text, blocks=message.blocks, **quiet)
                except SlackApiError as error:
                    _log.error("Slack refused the blocks of an answer: %s", error.response["error"])
                    await say(text=message.text, **quiet)


async def run_socket_mode(bot: SlackBot, app_token: str) -> None:
    """Listen over a websocket until cancelled."""
    from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

    handler = AsyncSocketModeHandler(bot.bolt, app_token, web_client=bot.bolt.client)
    try:
        await handler.start_async()  # type: ignore[no-untyped-call]
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
        await bot.drain()
