"""Share an answer that one person was given with the channel, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering.keeping import find_sources, rebuild_answer, sources_of
from bot.slack.blocks import Message, View, build_messages
from bot.slack.calls import Broken, Refused, wait_and_attempt
from bot.slack.kept import KeptAnswers, StaleAnswer
from bot.slack.place import Place
from retrieval.errors import DatelineError

_CHANGED = "An article has changed since this answer: it may no longer say what is quoted."
_UNSURE = (
    "Slack did not confirm the message. Check whether the answer is in the channel; if it is not, "
    "ask the question again."
)


class NotShared(DatelineError):
    """What is wrong and what to do, for the person who pressed."""


async def share(client: AsyncWebClient, answers: KeptAnswers, place: Place, answer_id: str) -> None:
    """Raises StaleAnswer or NotShared. What breaks off in the middle is not tried again: it may
    have been posted."""
    everybodys, own = place.owners
    messages = await asyncio.to_thread(_build, answers, place, own, answer_id)
    turns = answers.turns
    # Kept as everybody's first: whoever presses meanwhile finds that it is.
    if not await asyncio.to_thread(turns.share, own, answer_id, everybodys, answer_id):
        raise NotShared("This answer has already been shared with the channel.")
    try:
        first_ts = await _post(client, place, messages[0], place.thread_ts, f"{answer_id}#0")
    except Refused as refused:
        await asyncio.to_thread(turns.unshare, everybodys, answer_id)
        raise NotShared(_explain(refused.error)) from refused
    except Broken as broken:
        raise NotShared(_UNSURE) from broken
    thread_ts = place.thread_ts or first_ts
    # Whoever asks on below it goes on from this answer.
    conversation = replace(place, thread_ts=thread_ts).ask("", click=first_ts).conversation_id
    await asyncio.to_thread(turns.move, everybodys, answer_id, conversation)
    for number, message in enumerate(messages[1:], 1):
        await _post(client, place, message, thread_ts, f"{answer_id}#{number}")
    await AsyncRespond(response_url=place.response_url)(delete_original=True)


def _build(answers: KeptAnswers, place: Place, owner: str, answer_id: str) -> tuple[Message, ...]:
    kept = answers.turns.find(owner, answer_id)
    answer = None if kept is None else rebuild_answer(kept, answers.archive)
    if kept is None or answer is None:
        raise StaleAnswer
    if not all(source.stands for source in find_sources(kept, answers.archive)):
        answer = replace(answer, notes=(*answer.notes, _CHANGED))
    view = View(
        dates=answers.language_of(place.channel),
        sources=sources_of(kept),
        asked_by=place.user,
    )
    return build_messages(answer, view)


async def _post(
    client: AsyncWebClient, place: Place, message: Message, thread_ts: str | None, key: str
) -> str:
    """Raises Refused or Broken."""
    posted = await wait_and_attempt(
        lambda: client.chat_postMessage(
            channel=place.channel,
            thread_ts=thread_ts,
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": "dateline_answer", "event_payload": {"key": f"shared:{key}"}},
        )
    )
    return str(posted["ts"])


def _explain(error: str) -> str:
    match error:
        case "not_in_channel" | "channel_not_found":
            return "I am not in this channel: invite me to it, then press again."
        case "is_archived":
            return "This channel is archived, so nothing can be posted in it."
        case "ratelimited":
            return "Slack is not taking more messages from me now: press again in a minute."
        case _:
            return f"Slack rejected the message ({error}): press again in a minute."
