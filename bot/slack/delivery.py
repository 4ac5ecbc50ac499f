"""An answer on its way into a thread: streamed where Slack allows it, else posted or edited."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.answering.schema import Answer
from bot.slack.asking import Stop
from bot.slack.blocks import (
    Message,
    View,
    build_ending,
    build_messages,
    build_rest,
    build_stream,
)
from bot.slack.calls import BLOCK_ERRORS, TOKEN_ERRORS, Broken, Refused
from bot.slack.plain import build_plain
from bot.slack.thread import Thread

_log = logging.getLogger(__name__)
STOPPED = "Stopped."
# Slack closes the stream and tells us of the button in no certain order.
_STOP_MAY_FOLLOW_S = 1.0


@dataclass(frozen=True, slots=True)
class _Streamed:
    parts: tuple[str, ...]
    ending: list[dict[str, Any]]
    rest: tuple[Message, ...]

    @classmethod
    def of(cls, answer: Answer, view: View) -> _Streamed:
        return cls(build_stream(answer, view), build_ending(answer, view), build_rest(answer, view))


async def deliver(thread: Thread, answer: Answer, view: View, stop: Stop) -> None:
    """Nothing lost and nothing twice, whatever breaks on the way. Raises Refused or Broken."""
    # Made before anything is sent: what fails here fails before people have seen half of it.
    messages = build_messages(answer, view)
    if not await _stream(thread, _Streamed.of(answer, view), stop):
        await _send_all(thread, messages, build_plain(answer, view))


async def deliver_privately(thread: Thread, answer: Answer, view: View) -> None:
    """To the asker alone. Raises Refused or Broken."""
    try:
        for message in build_messages(answer, view):
            await thread.send_privately(message)
    except Refused as refused:
        if refused.error not in BLOCK_ERRORS:
            raise
        _log.error("Slack refused the blocks of an answer: %s", refused.error)
        for message in build_plain(answer, view):
            await thread.send_privately(message)


async def end_stopped(thread: Thread, shown: str = "") -> None:
    """The reply ends where it was stopped. `shown` is what was streamed of it."""
    if thread.asked.private:
        await thread.send_privately(Message(STOPPED, []))
        return
    if not shown:
        await thread.send(0, Message(STOPPED, []))
        return
    try:
        await thread.stop_stream(text=f"\n\n{STOPPED}")
    except (Refused, Broken):
        await thread.close_stream()
        text = f"{shown}\n\n{STOPPED}"
        await thread.send(0, Message(text, [{"type": "markdown", "text": text}]))


async def _stream(thread: Thread, streamed: _Streamed, stop: Stop) -> bool:
    """False where the answer has yet to be posted, or the streamed message edited."""
    parts = streamed.parts
    if not parts or not await thread.start_stream(parts[0]):
        return False
    shown = parts[0]
    try:
        for part in parts[1:]:
            if stop.is_set():
                await end_stopped(thread, shown)
                return True
            await thread.append(part)
            shown += part
        await thread.stop_stream(streamed.ending)
    except (Refused, Broken) as error:
        if isinstance(error, Refused) and error.error in TOKEN_ERRORS:
            raise
        if str(error) == "message_not_in_streaming_state" and await stop.wait(_STOP_MAY_FOLLOW_S):
            await end_stopped(thread, shown)
            return True
        _log.info("a stream ended early (%s): its message is edited", error)
        await thread.close_stream()
        return False
    for number, message in enumerate(streamed.rest, start=1):
        await thread.send(number, message)
    return True


async def _send_all(thread: Thread, messages: Sequence[Message], plain: Sequence[Message]) -> None:
    try:
        for number, message in enumerate(messages):
            await thread.send(number, message)
    except Refused as refused:
        if refused.error not in BLOCK_ERRORS:
            raise
        _log.error("Slack refused the blocks of an answer: %s", refused.error)
        for number, message in enumerate(plain):
            await thread.send(number, message)
