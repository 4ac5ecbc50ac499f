"""Ingest feeds again and again: a round now, then one every so often, until asked to stop."""

from __future__ import annotations

import logging
import random
import re
import signal
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING

from retrieval.errors import DatelineError, SettingsError

if TYPE_CHECKING:
    from ingest.pipeline import IngestReport

_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_INTERVAL = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*([smhd])")
_SHORTEST_S, _LONGEST_S = 1.0, 7 * 86_400.0
_MOST_APART = 8
# Two watchers that were started together drift apart.
_JITTER = 0.1

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Feed:
    """It is read every `apart` rounds, and is left out of the next `rest`."""

    name: str
    apart: int = 1
    rest: int = 0


class Stop:
    """Asked for by a signal, which may come while we wait.

    `threading.Event.set` in a signal handler can wait for ever for the lock of the `wait` that
    it interrupted; `SimpleQueue.put` cannot.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[None] = SimpleQueue()

    def ask(self) -> None:
        self._asked.put(None)

    def is_asked(self) -> bool:
        return not self._asked.empty()

    def wait(self, seconds: float) -> None:
        """Return after this time, or as soon as stopping is asked for."""
        try:
            self._asked.get(timeout=seconds)
        except Empty:
            return
        self._asked.put(None)


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Ctrl-C and SIGTERM ask to stop; the second Ctrl-C interrupts at once."""
    stop = Stop()

    def ask(signum: int, _: FrameType | None) -> None:
        stop.ask()
        if signum == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {signum: signal.signal(signum, ask) for signum in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def parse_interval(text: str) -> float:
    """`90s`, `15m`, `1.5h` or `1d` in seconds. Raises SettingsError."""
    match = _INTERVAL.fullmatch(text.strip().lower())
    seconds = float(match[1]) * _UNITS_S[match[2]] if match else 0.0
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        raise SettingsError(
            f"cannot read {text!r} as an interval: write it like 90s, 15m, 2h or 1d, up to 7d"
        )
    return seconds


def watch(
    names: Sequence[str],
    every_s: float,
    ingest_once: Callable[[Sequence[str]], IngestReport],
    stop: Stop,
    *,
    on_round: Callable[[str], None],
    draw: Callable[[], float] = random.random,
) -> None:
    """Ingest what is due, say in one line what came of it, wait, and so on until stopped.

    A feed that fails is read every 2, 4, then 8 rounds until it is well again. When a round
    fails as a whole, as on a full disk, all that were due in it have failed.
    """
    feeds, number = tuple(Feed(name) for name in dict.fromkeys(names)), 0
    while not stop.is_asked():
        number += 1
        started = time.monotonic()
        failed, told = _run_round([feed.name for feed in feeds if not feed.rest], ingest_once)
        spent_s = time.monotonic() - started
        feeds, rounds = plan_rounds(feeds, failed)
        pause_s = rounds * every_s * (1 - _JITTER + 2 * _JITTER * draw())
        next_at = "stopped" if stop.is_asked() else f"next at {_describe_moment(pause_s)}"
        on_round(f"round {number}: {told} in {spent_s:.1f} s; {next_at}")
        stop.wait(pause_s)


def plan_rounds(feeds: Sequence[Feed], failed: Collection[str]) -> tuple[tuple[Feed, ...], int]:
    """The feeds after a round, and in how many rounds one of them is due again."""
    planned = [_plan(feed, feed.name in failed) for feed in feeds]
    idle = min((feed.rest for feed in planned), default=0)
    return tuple(replace(feed, rest=feed.rest - idle) for feed in planned), idle + 1


def _plan(feed: Feed, failed: bool) -> Feed:
    if feed.rest:
        return replace(feed, rest=feed.rest - 1)
    apart = min(2 * feed.apart, _MOST_APART) if failed else 1
    return Feed(feed.name, apart, rest=apart - 1)


def _run_round(
    due: Sequence[str], ingest_once: Callable[[Sequence[str]], IngestReport]
) -> tuple[Collection[str], str]:
    """The names of what failed, and what to say of the round."""
    try:
        report = ingest_once(due)
    except DatelineError as error:
        return due, f"failed ({error})"
    for failure in report.failed:
        _log.warning("%s %s", failure.input, failure.error)
    return {failure.input for failure in report.failed}, (
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{len(report.failed)} failed{report.withdrawn_too}"
    )


def _describe_moment(seconds_ahead: float) -> str:
    moment = datetime.now() + timedelta(seconds=seconds_ahead)
    return f"{moment:%H:%M}" if moment.date() == datetime.now().date() else f"{moment:%d %b %H:%M}"
