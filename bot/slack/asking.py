"""Questions put to the service in a bounded number of threads, which can be stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.answering.schema import Answer, Question
from bot.http.leaving import ClientLeft
from bot.service import Service

# Slack takes a status away after two minutes.
_SILENCE_S = 60.0


class Stopped(Exception):
    """The asker pressed Slack's stop button."""


class Stop:
    """Whether an answer is still wanted, for asyncio and for the thread that works on it."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self._flag = threading.Event()

    def set(self) -> None:
        self._flag.set()
        self.event.set()

    def is_set(self) -> bool:
        return self._flag.is_set()

    async def wait(self, timeout_s: float) -> bool:
        """Whether it comes within the time."""
        try:
            await asyncio.wait_for(self.event.wait(), timeout_s)
        except TimeoutError:
            return False
        return True


class Asking:
    def __init__(self, service: Service, threads: int) -> None:
        self._service = service
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="slack-answer")

    async def answer(
        self, question: Question, stop: Stop, on_working: Callable[[bool], Awaitable[None]]
    ) -> Answer:
        """`on_working` hears that a model has begun to write, and every now and then that there is
        no answer yet, and whether one writes. Raises Stopped, and whatever the service raises."""
        loop = asyncio.get_running_loop()
        drafting = asyncio.Event()

        def listen(_text: str) -> None:
            if stop.is_set():
                raise ClientLeft
            loop.call_soon_threadsafe(drafting.set)

        def ask() -> Answer:
            if stop.is_set():
                raise ClientLeft
            return self._service.answer(question, listen)

        answering: asyncio.Future[Any] = loop.run_in_executor(self._threads, ask)
        stopping: asyncio.Future[Any] = asyncio.ensure_future(stop.event.wait())
        writing: asyncio.Future[Any] = asyncio.ensure_future(drafting.wait())
        try:
            while not (answering.done() or stopping.done()):
                waited = {answering, stopping} if writing.done() else {answering, stopping, writing}
                done, _ = await asyncio.wait(
                    waited, timeout=_SILENCE_S, return_when=asyncio.FIRST_COMPLETED
                )
                if not done & {answering, stopping}:
                    await on_working(writing.done())
            if stopping.done():
                # The thread ends by itself; nobody waits for what it raises.
                answering.add_done_callback(lambda done: done.cancelled() or done.exception())
                raise Stopped
            answer: Answer = await answering
            return answer
        finally:
            stopping.cancel()
            writing.cancel()

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
