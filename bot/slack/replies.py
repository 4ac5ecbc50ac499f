"""How one question in Slack is answered: a status at once, then the answer, a refusal or an error
message with an id. Never silent, never twice."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import replace

from bot.answering.questions import build_question
from bot.answering.schema import Question
from bot.answering.small_talk import find_small_talk
from bot.http.schemas import MOST_QUESTION_CHARACTERS
from bot.slack.asking import Asking, Stop, Stopped
from bot.slack.blocks import Message, View
from bot.slack.calls import THREAD_ERRORS, TOKEN_ERRORS, Broken, Refused
from bot.slack.channels import NOT_ALLOWED, ChannelPolicy
from bot.slack.delivery import deliver, deliver_privately, end_stopped
from bot.slack.events import Claim
from bot.slack.keeping import ClaimLost, Keeping
from bot.slack.listening import Asked
from bot.slack.mrkdwn import escape_own
from bot.slack.thread import Thread
from bot.slack.workspaces import TokenReport, Workspaces
from retrieval.errors import DatelineError, StorageError

_log = logging.getLogger(__name__)
SEARCHING = "is searching the archive…"
WRITING = "is writing an answer…"
PLACEHOLDER = "Searching the archive…"
ASK_SOMETHING = "Ask me a question about the news in the archive."
# How long the status may hold up the question.
_HEAD_START_S = 1.0
_MOST_ATTEMPTS = 3


class Replies:
    def __init__(
        self,
        asking: Asking,
        keeping: Keeping,
        workspaces: Workspaces,
        report: TokenReport,
        policy: ChannelPolicy,
    ) -> None:
        self._asking = asking
        self._keeping = keeping
        self._workspaces = workspaces
        self._report = report
        self._policy = policy
        self._without_sessions: set[str] = set()

    async def reply(self, claim: Claim, stop: Stop) -> None:
        """The whole of it. What could not be finished for now is left with its lease."""
        try:
            workspace = await self._workspaces.find(claim.asked.team)
        except Refused as refused:
            self._report.say(claim.asked.team, refused.error)
            await self._keeping.run(self._keeping.events.finish, claim.event_id)
            return
        thread = Thread(workspace.client, claim, self._keeping, workspace.bot_user)
        try:
            await self._reply(thread, claim, stop)
        except ClaimLost:
            _log.warning("another process took over the reply to %s", claim.event_id)
            return
        except Refused as refused:
            await self._give_up(thread, claim, refused.error)
        await self._keeping.run(self._keeping.events.finish, claim.event_id)
        await thread.end_session()

    async def _reply(self, thread: Thread, claim: Claim, stop: Stop) -> None:
        asked = claim.asked
        if claim.attempt > _MOST_ATTEMPTS:
            await self._fail(thread, claim, "Something keeps going wrong: ask again later")
        elif not self._policy.allows(asked.channel):
            await thread.send_privately(Message(NOT_ALLOWED, []))
        elif claim.wait_s:
            await thread.send_privately(Message(say_wait(claim.wait_s), []))
        elif not asked.text:
            await self._say(thread, ASK_SOMETHING)
        elif len(asked.text) > MOST_QUESTION_CHARACTERS:
            await self._say(
                thread, f"Shorten your question to at most {MOST_QUESTION_CHARACTERS:,} characters."
            )
        else:
            await self._answer(thread, claim, stop)

    async def _answer(self, thread: Thread, claim: Claim, stop: Stop) -> None:
        status = asyncio.create_task(self._show_status(thread))
        try:
            question = self._build_question(claim.asked)
            await asyncio.wait({status}, timeout=_HEAD_START_S)
            answer = await self._asking.answer(
                question, stop, lambda drafting: _show_working(thread, status, drafting)
            )
            await status
            await self._keeping.check(claim)
            view = self._build_view(claim.asked, question)
            if claim.asked.private:
                await deliver_privately(thread, answer, view)
                await thread.show_status("")
            else:
                await deliver(thread, answer, view, stop)
        except Stopped:
            await status
            await end_stopped(thread)
        except (Refused, Broken, ClaimLost):
            raise
        except DatelineError as error:
            if isinstance(error, StorageError) and claim.attempt < _MOST_ATTEMPTS:
                # Of a moment, or of this process alone: its lease runs out, and another tries.
                raise
            await status
            await self._fail(thread, claim, f"I could not answer: {error}", error)
        except Exception as error:  # noqa: BLE001 - nobody is left without a reply
            await status
            await self._fail(thread, claim, "Something went wrong: ask again", error)
        finally:
            status.cancel()

    async def _show_status(self, thread: Thread) -> bool:
        """Whether it is shown as a status, which goes when the answer comes. Raises Refused."""
        asked = thread.asked
        if find_small_talk(asked.text):
            return False
        shown = await thread.show_status(SEARCHING)
        if not shown and not asked.private:
            await thread.send(0, Message(PLACEHOLDER, []))
        if not asked.private and asked.team not in self._without_sessions:
            await self._begin_session(thread)
        return shown

    async def _begin_session(self, thread: Thread) -> None:
        """By its session Slack shows a stop button; not every app has sessions."""
        if not await thread.begin_session():
            self._without_sessions.add(thread.asked.team)

    async def _fail(
        self, thread: Thread, claim: Claim, told: str, error: Exception | None = None
    ) -> None:
        """Tell people by an id which the log has too."""
        error_id = uuid.uuid4().hex[:8]
        expected = error is None or isinstance(error, DatelineError)
        _log.error(
            "a reply in Slack failed (%s), event %s, error %s",
            type(error).__name__,
            claim.event_id,
            error_id,
            exc_info=None if expected else error,
        )
        await self._say(thread, f"{escape_own(told)} (error {error_id}).")

    async def _say(self, thread: Thread, text: str) -> None:
        if thread.asked.private:
            await thread.send_privately(Message(text, []))
        else:
            await thread.send(0, Message(text, []))

    async def _give_up(self, thread: Thread, claim: Claim, error: str) -> None:
        """Nothing can be said where it was asked."""
        if error in TOKEN_ERRORS:
            self._report.say(claim.asked.team, error)
            return
        if error in THREAD_ERRORS:
            _log.info("the thread of %s is gone: its answer is dropped", claim.event_id)
            return
        _log.warning("Slack refused the reply to %s: %s", claim.event_id, error)
        try:
            await thread.send_directly(Message(_explain(claim.asked, error), []))
        except (Refused, Broken) as refused:
            _log.warning("nor could its asker be told (%s)", refused)

    def _build_question(self, asked: Asked) -> Question:
        question = build_question(
            asked.text,
            as_of=asked.as_of,
            sources=self._policy.sources(asked.channel),
            conversation_id=asked.conversation_id,
        )
        return replace(question, owner=asked.owner)

    def _build_view(self, asked: Asked, question: Question) -> View:
        return View(
            dates=self._policy.dates(asked.channel),
            shareable=asked.private,
            sources=question.filters.sources,
        )


def say_wait(wait_s: int) -> str:
    return f"Question limit reached. Try again in {wait_s} second{'' if wait_s == 1 else 's'}."


async def _show_working(thread: Thread, status: asyncio.Task[bool], drafting: bool) -> None:
    """Only where the status is one: a placeholder is edited once, into the answer."""
    if status.done() and not status.cancelled() and not status.exception() and status.result():
        await thread.show_status(WRITING if drafting else SEARCHING)


def _explain(asked: Asked, error: str) -> str:
    where = f"<#{asked.channel}>"
    if error in ("not_in_channel", "channel_not_found"):
        return f"I cannot answer in {where}: add me to it with `/invite`, then ask again."
    if error == "is_archived":
        return f"I cannot answer in {where}, which is archived: ask me here or elsewhere."
    return f"Slack did not let me answer in {where} ({error}): ask me here, or ask whoever runs me."
