"""An answer as server-sent events, its draft as it comes."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from bot.answering.schema import Question
from bot.answering.wire import build_answer
from bot.http.leaving import ClientLeft
from bot.http.logs import SEE_LOG
from bot.service import Service
from retrieval.errors import DatelineError

_log = logging.getLogger(__name__)
EVENT_STREAM = "text/event-stream"
# A comment, which clients skip: proxies close what is silent for long.
KEEP_ALIVE = ": working\n\n"
_SILENCE_S = 15.0
_LAST = ("answer", "error")

Event = tuple[str, dict[str, Any]]


class _Asking:
    """One question on its way: what happens to it, in order, and whether anyone still listens."""

    def __init__(self, service: Service, question: Question) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.left = threading.Event()
        self._service = service
        self._question = question
        self._loop = asyncio.get_running_loop()
        self._drafting = False
        self._shown = False

    def run(self) -> None:
        """In a thread: answer, and tell. The last event is always `answer` or `error`."""
        try:
            answer = self._service.answer(self._question, self)
        except ClientLeft:
            return
        except DatelineError as error:
            self._tell("error", {"status": 503, "detail": str(error)})
        except Exception:  # noqa: BLE001 - the stream's last event must say so
            _log.exception("a streamed question failed")
            self._tell("error", {"status": 500, "detail": SEE_LOG})
        else:
            if answer.text and not self._shown:
                self._tell("delta", {"text": answer.text})
            self._tell("answer", build_answer(answer))

    def found(self, passages: int, stories: int) -> None:
        self._tell("status", {"stage": "reading", "passages": passages, "stories": stories})

    def __call__(self, text: str) -> None:
        if self.left.is_set():
            raise ClientLeft
        if not self._drafting:
            self._drafting = True
            self._tell("status", {"stage": "drafting"})
        if text:
            self._shown = True
            self._tell("delta", {"text": text})

    def _tell(self, name: str, content: dict[str, Any]) -> None:
        if not self.left.is_set():
            self._loop.call_soon_threadsafe(self.events.put_nowait, (name, content))


def respond_with(events: AsyncIterator[str] | Iterable[str]) -> StreamingResponse:
    # nginx would keep events back until it has a buffer full of them.
    return StreamingResponse(events, media_type=EVENT_STREAM, headers={"X-Accel-Buffering": "no"})


async def stream_answer(service: Service, question: Question) -> AsyncIterator[str]:
    """Server-sent events, the last of them `answer` or `error`."""
    yield _render("status", {"stage": "retrieving"})
    async with aclosing(follow_answer(service, question)) as events:
        async for event in events:
            yield KEEP_ALIVE if event is None else _render(*event)


async def follow_answer(service: Service, question: Question) -> AsyncGenerator[Event | None, None]:
    """What happens to a question, and None now and then while nothing does. The last is `answer`
    or `error`. Closed early, because the client left, it stops the model."""
    asking = _Asking(service, question)
    running = asyncio.create_task(run_in_threadpool(asking.run))
    try:
        name = ""
        while name not in _LAST:
            try:
                event = await asyncio.wait_for(asking.events.get(), _SILENCE_S)
            except TimeoutError:
                yield None
                continue
            name = event[0]
            yield event
        await running
    finally:
        asking.left.set()


def _render(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"
