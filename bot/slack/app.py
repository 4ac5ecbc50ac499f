"""The Slack bot: one bolt app for Socket Mode and HTTP.

A question is claimed in the database before its event is acknowledged: what Slack need not send
again is answered, whatever becomes of this process.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.answering.small_talk import find_small_talk
from bot.answering.turns import TurnLog
from bot.feedback import FeedbackLog
from bot.http.front import count_turns
from bot.service import Service
from bot.settings import BotSettings
from bot.slack.actions import add_actions
from bot.slack.asking import Asking
from bot.slack.channels import NOT_ALLOWED, ChannelPolicy
from bot.slack.events import LEASE_S, EventLog
from bot.slack.keeping import Keeping
from bot.slack.kept import KeptAnswers
from bot.slack.listening import Asked, read_command, read_mention, read_message, read_reply
from bot.slack.oauth import OAuth
from bot.slack.prompts import add_prompts
from bot.slack.replies import Replies
from bot.slack.work import Closing, Work
from bot.slack.workspaces import (
    INSTALL_AGAIN,
    INSTALL_THERE_AGAIN,
    OneWorkspace,
    TokenReport,
    build_client,
)
from retrieval.opening import Library

Next = Callable[[], Awaitable[None]]
Ack = Callable[..., Awaitable[BoltResponse]]
Read = Callable[[dict[str, Any], AsyncBoltContext], Awaitable[Asked | None]]

_LAST_WORDS_S = 10.0
USAGE = "Ask me about the news, for example `/ask Who won the election in Norway?`"
COMMAND_RECEIVED = "Searching the archive…"
NOT_INSTALLED = (
    "I am no longer installed in this workspace: ask whoever runs me to install me again."
)
_CLOSING = "I am being restarted: ask again in a moment."


class SlackBot:
    """`running` takes over what other processes left, and drains at its end."""

    def __init__(
        self,
        settings: BotSettings,
        service: Service,
        library: Library,
        *,
        policy: ChannelPolicy | None = None,
        oauth: OAuth | None = None,
        lease_s: float = LEASE_S,
        last_words_s: float = _LAST_WORDS_S,
    ) -> None:
        policy = policy or ChannelPolicy.of(settings)
        report = TokenReport(INSTALL_AGAIN if oauth is None else INSTALL_THERE_AGAIN)
        workspaces = OneWorkspace(settings, report) if oauth is None else oauth.workspaces
        keeping = Keeping(EventLog(library.database, settings.slack_rate_limit, lease_s))
        threads = settings.answers_at_once or count_turns(settings.llm)
        self._asking = Asking(service, threads)
        replies = Replies(self._asking, keeping, workspaces, report, policy)
        self._events = keeping.events
        self._policy = policy
        self._work = Work(replies, keeping, settings.llm_timeout_s + last_words_s)
        self._turns = TurnLog(library.database, timedelta(days=settings.conversation_days))
        secret = settings.slack_signing_secret
        self.bolt = AsyncApp(
            client=build_client(settings, None),
            authorize=workspaces,  # type: ignore[arg-type]  # None: not installed there
            oauth_flow=None if oauth is None else oauth.flow,
            user_facing_authorize_error_message=NOT_INSTALLED,
            # Socket Mode is authenticated by its connection and needs no secret.
            signing_secret="" if secret is None else secret.get_secret_value(),
            request_verification_enabled=secret is not None,
        )
        if oauth is not None:
            self.bolt.enable_token_revocation_listeners()
        add_prompts(self.bolt, library.archive, policy)
        feedback = FeedbackLog(library.database)
        kept = KeptAnswers(self._turns, library.archive, feedback, policy.dates)
        add_actions(self.bolt, self.ask, kept)
        self._register_listeners()

    async def ask(self, asked: Asked) -> None:
        """Answer in the background what a click or a form asked; once, however often it comes."""
        event_id, placed = _identify(asked.key), self._place(asked)
        try:
            await self._work.take(event_id, placed)
        except Closing:
            # Slack does not bring a click again, as it does an event.
            await self._work.leave(event_id, placed)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._work.running():
            yield
        self._asking.close()

    def close(self) -> None:
        """Take no more questions: Slack brings them to another process, or later."""
        self._work.close()

    async def drain(self) -> None:
        """Take no more questions, and wait for every answer that is under way."""
        await self._work.drain()

    def _register_listeners(self) -> None:
        self.bolt.event("app_mention", middleware=[self._taking(_read_mention)])(_acknowledge)
        self.bolt.event("message", middleware=[self._taking(self._read_message)])(_acknowledge)
        self.bolt.event("agent_session_stopped")(self._stop)
        self.bolt.command(re.compile("/.+"))(self._answer_command)
        # Whatever else comes, from buttons of an older version too.
        self.bolt.event(re.compile(".*"))(_acknowledge)
        for listen in (self.bolt.action, self.bolt.shortcut, self.bolt.view):
            listen(re.compile(".*"))(_acknowledge_click)

    def _taking(self, read: Read) -> Callable[..., Awaitable[BoltResponse | None]]:
        """Bolt runs this before it acknowledges; an error here is answered 500 (in Socket Mode
        not at all), and Slack sends the event again."""

        async def take(
            body: dict[str, Any], context: AsyncBoltContext, next_: Next
        ) -> BoltResponse | None:
            asked = await read(body["event"], context)
            if asked is not None:
                try:
                    await self._work.take(str(body["event_id"]), self._place(asked))
                except Closing:
                    return BoltResponse(status=503)
            await next_()
            return None

        return take

    async def _read_message(self, event: dict[str, Any], context: AsyncBoltContext) -> Asked | None:
        team, bot_user = str(context.team_id), context.bot_user_id
        if asked := read_message(event, team, bot_user):
            return asked
        asked = read_reply(event, team, bot_user)
        if asked is None or not self._policy.allows(asked.channel):
            return None
        return asked if await asyncio.to_thread(self._has_answered, self._place(asked)) else None

    def _has_answered(self, asked: Asked) -> bool:
        """Also a greeting, which is no turn of a conversation."""
        turns = self._turns.read(asked.owner, asked.conversation_id)
        return bool(turns or self._events.read_posted(asked.conversation_id))

    def _place(self, asked: Asked) -> Asked:
        """Answered to its asker alone where its channel is to be answered so."""
        return replace(asked, private=asked.private or self._policy.private(asked.channel))

    async def _stop(self, event: dict[str, Any], context: AsyncBoltContext) -> None:
        asked = Asked(
            team=str(context.team_id),
            channel=str(event["channel"]),
            user=str(event.get("user")),
            ts=str(event["thread_ts"]),
            thread_ts=str(event["thread_ts"]),
            text="",
        )
        await self._work.stop(asked.conversation_id)

    async def _answer_command(self, ack: Ack, command: dict[str, Any]) -> None:
        """`/ask`, whatever it is called in this workspace: answered to its user alone."""
        asked = read_command(command)
        if not asked.text or not self._policy.allows(asked.channel):
            await ack(NOT_ALLOWED if asked.text else USAGE)
            return
        try:
            claim = await self._work.take(_identify(asked.key), asked)
        except Closing:
            await ack(_CLOSING)
            return
        searches = claim and not claim.wait_s and not find_small_talk(asked.text)
        await ack(COMMAND_RECEIVED if searches else "")


async def _read_mention(event: dict[str, Any], context: AsyncBoltContext) -> Asked | None:
    return read_mention(event, str(context.team_id), context.bot_user_id)


async def _acknowledge() -> None:
    """So that Slack does not send it again."""


async def _acknowledge_click(ack: Ack) -> None:
    """So that nobody sees a warning sign."""
    await ack()


def _identify(key: str) -> str:
    """The id of an event that Slack gave none."""
    return hashlib.sha256(key.encode()).hexdigest()
