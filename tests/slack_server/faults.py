"""What goes wrong on the way to Slack and back: planned for a method, or by chance."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["delay", "drop", "reset", "rate_limit", "refusal"]


@dataclass(frozen=True)
class Fault:
    kind: Kind
    # For a delay how long, for a rate limit its Retry-After.
    seconds: float = 0.0
    error: str = ""
    # Whether what was asked for is done all the same.
    takes_effect: bool = False


def delay(seconds: float) -> Fault:
    """The answer is right, but late."""
    return Fault("delay", seconds, takes_effect=True)


def drop(takes_effect: bool = False) -> Fault:
    """No answer ever comes."""
    return Fault("drop", takes_effect=takes_effect)


def reset(takes_effect: bool = False) -> Fault:
    """The connection breaks, before the call was carried out or after it."""
    return Fault("reset", takes_effect=takes_effect)


def rate_limit(retry_after_s: float = 1) -> Fault:
    return Fault("rate_limit", retry_after_s, "ratelimited")


def refuse(error: str) -> Fault:
    return Fault("refusal", error=error)


@dataclass(frozen=True)
class _Chance:
    share: float
    faults: Sequence[Fault]
    methods: Collection[str] | None
    but: Collection[str]


class FaultPlan:
    """Planned faults come first, in their order; then standing ones; then those by chance."""

    def __init__(self, seed: int = 0) -> None:
        self._planned: dict[str, deque[Fault | None]] = defaultdict(deque)
        self._standing: dict[str, Fault] = {}
        self._chances: list[_Chance] = []
        self._random = random.Random(seed)

    def plan(self, method: str, *faults: Fault | None) -> None:
        """The next calls of the method meet these, one each; None lets one through."""
        self._planned[method].extend(faults)

    def always(self, method: str, fault: Fault | None) -> None:
        """Every call of the method meets it, until None is set."""
        if fault is None:
            self._standing.pop(method, None)
        else:
            self._standing[method] = fault

    def chance(
        self,
        share: float,
        *faults: Fault,
        methods: Collection[str] | None = None,
        but: Collection[str] = ("apps.connections.open", "auth.test"),
    ) -> None:
        """This share of calls meets one of the faults, by the plan's own random numbers."""
        self._chances.append(_Chance(share, faults, methods, but))

    def next(self, method: str) -> Fault | None:
        if planned := self._planned.get(method):
            return planned.popleft()
        if method in self._standing:
            return self._standing[method]
        for chance in self._chances:
            concerned = method not in chance.but and method in (chance.methods or (method,))
            if concerned and self._random.random() < chance.share:
                return self._random.choice(chance.faults)
        return None
