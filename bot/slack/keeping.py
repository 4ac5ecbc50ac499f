"""The table of events from asyncio: its calls wait for a disk, so a thread of their own makes them.

One thread: SQLite lets one write at a time, and waiters that poll for it waste more than a queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from bot.slack.events import Claim, EventLog

P = ParamSpec("P")
T = TypeVar("T")


class ClaimLost(Exception):
    """Another process has taken the claim over: the reply is its business."""


class Keeping:
    def __init__(self, events: EventLog) -> None:
        self.events = events
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slack-events")

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A method of `events`, in its thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: call(*args, **kwargs))

    async def check(self, claim: Claim) -> None:
        """Raises ClaimLost."""
        if not await self.run(self.events.is_ours, claim.event_id):
            raise ClaimLost

    async def record(self, claim: Claim, posted: Sequence[str]) -> None:
        """Raises ClaimLost."""
        if not await self.run(self.events.record, claim.event_id, posted):
            raise ClaimLost
