"""What this process is answering in Slack: begun once, kept alive, stopped, handed over."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.slack.asking import Stop
from bot.slack.calls import Broken
from bot.slack.events import Claim
from bot.slack.keeping import Keeping
from bot.slack.listening import Asked
from bot.slack.replies import Replies
from retrieval.errors import StorageError

_log = logging.getLogger(__name__)
_BEAT_S = 1.0
_TURN_S = 0.01
_BEATS_A_LEASE = 3
_FORGETTING_S = 3600.0


class Closing(Exception):
    """This process takes no more questions."""


@dataclass(frozen=True, slots=True)
class _Job:
    task: asyncio.Task[None]
    stop: Stop
    conversation_id: str


class Work:
    def __init__(self, replies: Replies, keeping: Keeping, longest_s: float) -> None:
        self._replies = replies
        self._keeping = keeping
        self._events = keeping.events
        self._longest_s = longest_s
        self._jobs: dict[str, _Job] = {}
        self._claiming = 0
        self._closing = False

    async def take(self, event_id: str, asked: Asked) -> Claim | None:
        """Claim the question and begin to answer it; None where somebody has it already. Once
        this returns it will be answered, by this process or by another. Raises Closing."""
        if self._closing:
            raise Closing
        self._claiming += 1
        try:
            claim = await self._keeping.run(self._events.claim, event_id, asked)
            if claim is not None:
                self._begin(claim)
        finally:
            self._claiming -= 1
        return claim

    async def leave(self, event_id: str, asked: Asked) -> None:
        """Claim the question for whichever process comes next."""
        claim = await self._keeping.run(self._events.claim, event_id, asked)
        if claim is not None:
            await self._keeping.run(self._events.release, [claim.event_id])

    async def stop(self, conversation_id: str) -> None:
        """Stop what is being answered there, here or in another process."""
        for job in self._jobs.values():
            if job.conversation_id == conversation_id:
                job.stop.set()
        await self._keeping.run(self._events.stop, conversation_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the leases, and take over what other processes left; drained at the end."""
        self._closing = False
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            await self.drain()
            watch.cancel()

    def close(self) -> None:
        """Take nothing more."""
        self._closing = True

    async def drain(self) -> None:
        """Finish what is under way, as long as an answer may take; the rest is left to others."""
        self.close()
        deadline = time.monotonic() + self._longest_s
        while (self._jobs or self._claiming) and (left_s := deadline - time.monotonic()) > 0:
            if tasks := {job.task for job in self._jobs.values()}:
                await asyncio.wait(tasks, timeout=left_s)
            # A turn of the loop for a claim that is on its way, and for what has just ended.
            await asyncio.sleep(_TURN_S)
        left = list(self._jobs)
        for event_id in left:
            self._jobs[event_id].task.cancel()
        if left:
            _log.warning("%d answers are left to another process", len(left))
            await self._keeping.run(self._events.release, left)

    def _begin(self, claim: Claim) -> None:
        stop = Stop()
        task = asyncio.create_task(self._reply(claim, stop))
        self._jobs[claim.event_id] = _Job(task, stop, claim.asked.conversation_id)
        task.add_done_callback(lambda _: self._jobs.pop(claim.event_id, None))

    async def _reply(self, claim: Claim, stop: Stop) -> None:
        try:
            await self._replies.reply(claim, stop)
        except Broken as broken:
            _log.warning("Slack cannot be reached (%s): %s waits", broken, claim.event_id)
            await self._keeping.run(self._events.postpone, claim.event_id)
        except StorageError as error:
            _log.warning("the reply to %s will be tried again: %s", claim.event_id, error)
        except Exception:  # noqa: BLE001 - its lease runs out, and it is tried again
            _log.exception("the reply to %s failed and will be tried again", claim.event_id)

    async def _watch(self) -> None:
        renewed = forgot = float("-inf")
        while True:
            try:
                now = time.monotonic()
                if now - renewed >= self._events.lease_s / _BEATS_A_LEASE:
                    renewed = now
                    await self._keeping.run(self._events.renew, list(self._jobs))
                if now - forgot >= _FORGETTING_S:
                    forgot = now
                    await self._keeping.run(self._events.forget_old)
                await self._notice_stops()
                await self._take_over()
            except StorageError as error:
                _log.error("Slack's events cannot be kept, will try again: %s", error)
            except Exception:  # noqa: BLE001 - without it the leases run out
                _log.exception("keeping Slack's events failed, will try again")
            await asyncio.sleep(min(_BEAT_S, self._events.lease_s / _BEATS_A_LEASE))

    async def _take_over(self) -> None:
        if self._closing:
            return
        for claim in await self._keeping.run(self._events.take_over, list(self._jobs)):
            _log.info("taking over %s, attempt %d", claim.event_id, claim.attempt)
            self._begin(claim)

    async def _notice_stops(self) -> None:
        """Stops that reached another process."""
        if not self._jobs:
            return
        for event_id in await self._keeping.run(self._events.read_stopped):
            if job := self._jobs.get(event_id):
                job.stop.set()
