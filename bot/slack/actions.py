"""What people press: ratings, quotes, another date, sharing, and the shortcut on a message.

Each is acknowledged before anything is done, and what goes wrong is told to that person alone.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering.keeping import find_sources, window_of
from bot.answering.turns import KeptAnswer
from bot.feedback import AnswerNotFound, Verdict
from bot.slack import modals
from bot.slack.buttons import ASK_AGAIN, QUOTES, RATE, SHARE
from bot.slack.calls import Refused
from bot.slack.kept import KeptAnswers, StaleAnswer
from bot.slack.listening import Asked, read_question
from bot.slack.place import Place, read_place, read_submitted, tell, write_place
from bot.slack.sharing import share
from retrieval.errors import DatelineError

_log = logging.getLogger(__name__)

Body = dict[str, Any]
Ask = Callable[[Asked], Awaitable[None]]
ABOUT_MESSAGE = "ask_about_message"


def add_actions(bolt: AsyncApp, ask: Ask, answers: KeptAnswers) -> None:
    """`ask` answers a question where it belongs, and takes care of what goes wrong."""
    pressed = _Pressed(answers)
    for action_id, handle in (
        (RATE, pressed.rate),
        (QUOTES, pressed.show_quotes),
        (ASK_AGAIN, pressed.choose_date),
        (SHARE, pressed.share),
    ):
        bolt.action(action_id)(_acknowledged(handle))
    bolt.shortcut(ABOUT_MESSAGE)(_acknowledged(pressed.ask_about))
    submitted = _Submitted(answers, ask)
    bolt.view(modals.COMMENT)(submitted.comment)
    bolt.view(modals.AS_OF)(submitted.ask_as_of)
    bolt.view(modals.ABOUT)(submitted.ask_about)


Handle = Callable[[AsyncWebClient, Body, Place], Coroutine[Any, Any, None]]


def _acknowledged(handle: Handle) -> Callable[..., Awaitable[None]]:
    """A listener that acknowledges first, and tells what goes wrong."""

    async def listen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        place = read_place(body)
        try:
            await handle(client, body, place)
        except DatelineError as error:
            await tell(client, place, str(error))
        except (SlackApiError, Refused) as error:
            code = error.error if isinstance(error, Refused) else str(error.response["error"])
            _log.warning("Slack refused what a button led to: %s", code)
            await tell(client, place, f"Slack rejected this ({code}). Press the button again.")
        except Exception:  # noqa: BLE001 - nobody who presses is left without a word
            error_id = uuid.uuid4().hex[:8]
            _log.exception("a button in Slack failed, error %s", error_id)
            await tell(client, place, f"Something went wrong (error {error_id}). Try again.")

    return listen


class _Pressed:
    def __init__(self, answers: KeptAnswers) -> None:
        self._answers = answers

    async def rate(self, client: AsyncWebClient, body: Body, place: Place) -> None:
        verdict, answer_id = _read_verdict(body)
        await asyncio.to_thread(_give, self._answers, place, answer_id, verdict, None)
        if verdict == "up":
            await tell(client, place, "Thank you. This answer is marked as good.")
            return
        metadata = write_place(place, answer_id=answer_id)
        await _open(client, body, modals.build_comment(metadata))

    async def show_quotes(self, client: AsyncWebClient, body: Body, place: Place) -> None:
        answers = self._answers

        def build() -> dict[str, Any]:
            _, kept = answers.find(place, _read_value(body))
            sources = find_sources(kept, answers.archive)
            return modals.build_quotes(sources, answers.language_of(place.channel))

        await _open(client, body, await asyncio.to_thread(build))

    async def choose_date(self, client: AsyncWebClient, body: Body, place: Place) -> None:
        answers, answer_id = self._answers, _read_value(body)

        def build() -> dict[str, Any]:
            _, kept = answers.find(place, answer_id)
            metadata = write_place(place, answer_id=answer_id)
            return modals.build_as_of(kept.question, _suggest_day(answers, kept), metadata)

        await _open(client, body, await asyncio.to_thread(build))

    async def share(self, client: AsyncWebClient, body: Body, place: Place) -> None:
        await share(client, self._answers, place, _read_value(body))

    async def ask_about(self, client: AsyncWebClient, body: Body, place: Place) -> None:
        said = read_question(str(body["message"].get("text") or ""))[: modals.MOST_QUESTION]
        await _open(client, body, modals.build_about(said, write_place(place)))


class _Submitted:
    """What is wrong with a window is said in it; it closes where nothing is."""

    def __init__(self, answers: KeptAnswers, ask: Ask) -> None:
        self._answers = answers
        self._ask = ask

    async def comment(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        place, more = read_submitted(body)
        said = modals.read_text(body, "comment") or None
        try:
            await asyncio.to_thread(_give, self._answers, place, more["answer_id"], "down", said)
        except DatelineError as error:
            await tell(client, place, str(error))
        else:
            await tell(client, place, "Thank you. This answer is marked as bad.")

    async def ask_as_of(self, ack: AsyncAck, body: Body) -> None:
        place, more = read_submitted(body)
        chosen = modals.read_date(body, "as_of")
        if fault := modals.find_date_fault(chosen):
            await _refuse(ack, "as_of", fault)
            return
        try:
            owner, kept = await asyncio.to_thread(self._answers.find, place, more["answer_id"])
        except DatelineError as error:
            await _refuse(ack, "as_of", str(error))
            return
        await ack()
        private = owner == place.owners[1]
        # As it was understood: what it leant on may lie behind the new date.
        await self._ask(place.ask(kept.understood, body["view"]["id"], chosen, private))

    async def ask_about(self, ack: AsyncAck, body: Body) -> None:
        place, _ = read_submitted(body)
        text = modals.read_text(body, "question")
        if not text:
            await _refuse(ack, "question", "Type a question.")
            return
        await ack()
        await self._ask(place.ask(text, body["view"]["id"]))


def _give(
    answers: KeptAnswers, place: Place, answer_id: str, verdict: Verdict, said: str | None
) -> None:
    """Who cannot see the answer cannot rate it. Raises StaleAnswer."""
    owner, _ = answers.find(place, answer_id)
    try:
        answers.feedback.give(owner, answer_id, verdict, said)
    except AnswerNotFound as error:
        raise StaleAnswer from error


def _suggest_day(answers: KeptAnswers, kept: KeptAnswer) -> date:
    """The day that was asked for, else that of the newest evidence."""
    if as_of := window_of(kept).as_of:
        return as_of.date()
    cited = [source.citation for source in find_sources(kept, answers.archive)]
    days = [each.published_at.date() for each in cited if each and each.published_at]
    return max(days, default=modals.today())


def _read_value(body: Body) -> str:
    return str(body["actions"][0]["value"])


def _read_verdict(body: Body) -> tuple[Verdict, str]:
    verdict, _, answer_id = _read_value(body).partition(":")
    return ("up" if verdict == "up" else "down"), answer_id


async def _open(client: AsyncWebClient, body: Body, view: dict[str, Any]) -> None:
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def _refuse(ack: AsyncAck, block_id: str, fault: str) -> None:
    await ack(response_action="errors", errors={block_id: fault})
