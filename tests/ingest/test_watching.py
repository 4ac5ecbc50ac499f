"""Rounds, how far apart, and how they end."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Sequence

import pytest

from ingest.documents import Failure
from ingest.pipeline import IngestReport
from ingest.watching import Feed, Stop, parse_interval, plan_rounds, stop_on_signals, watch
from retrieval.errors import SettingsError, StorageError

GOOD, BAD = "https://good.example/feed", "https://bad.example/feed"


class Script:
    """Stands for what ingests: gives its outcomes in turn, then asks to stop."""

    def __init__(self, *outcomes: IngestReport | Exception, stop: Stop) -> None:
        self.due: list[list[str]] = []
        self._outcomes = list(outcomes)
        self._stop = stop

    def __call__(self, due: Sequence[str]) -> IngestReport:
        self.due.append(list(due))
        outcome = self._outcomes.pop(0)
        if not self._outcomes:
            self._stop.ask()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def failing(*names: str) -> IngestReport:
    return IngestReport(failed=[Failure(name, "does not answer") for name in names])


def run(names: Sequence[str], *outcomes: IngestReport | Exception) -> tuple[Script, list[str]]:
    stop, lines = Stop(), list[str]()
    script = Script(*outcomes, stop=stop)
    watch(names, 0.001, script, stop, on_round=lines.append)
    return script, lines


def test_every_round_is_told_in_one_line() -> None:
    report = IngestReport(2, 1, 40, 3, [Failure("https://good.example/a", "answers 404")])
    script, lines = run([GOOD], report, IngestReport())
    assert script.due == [[GOOD], [GOOD]]
    first, last = lines
    pattern = (
        r"round 1: 2 added, 1 updated, 40 unchanged, 1 failed in \d+\.\d s; next at .*\d\d:\d\d"
    )
    assert re.fullmatch(pattern, first)
    assert re.fullmatch(r"round 2: 0 added, .* 0 failed in \d+\.\d s; stopped", last)


def test_why_something_failed_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    run([GOOD], failing("https://good.example/a"))
    assert caplog.messages == ["https://good.example/a does not answer"]


def test_a_feed_that_fails_is_left_out_for_longer_and_longer() -> None:
    failed = [failing(BAD)] * 13
    script, _ = run([GOOD, BAD, GOOD], *failed)
    assert [n for n, due in enumerate(script.due) if BAD in due] == [0, 2, 6]
    assert all(due[0] == GOOD for due in script.due)


def test_a_feed_that_is_well_again_is_read_in_every_round() -> None:
    script, _ = run([GOOD, BAD], failing(BAD), failing(), failing(), failing())
    assert [BAD in due for due in script.due] == [True, False, True, True]


def test_the_failure_of_a_page_is_not_its_feed_s() -> None:
    script, _ = run([GOOD], failing("https://good.example/a"), failing())
    assert script.due == [[GOOD], [GOOD]]


def test_a_round_that_fails_as_a_whole_is_survived() -> None:
    script, lines = run([GOOD], StorageError("the disk is full"), IngestReport())
    assert script.due == [[GOOD], [GOOD]]
    assert lines[0].startswith("round 1: failed (the disk is full) in ")


def test_a_fault_of_our_own_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run([GOOD], ZeroDivisionError())


def test_rounds_in_which_nothing_is_due_are_passed_over() -> None:
    assert plan_rounds([Feed(BAD)], {BAD}) == ((Feed(BAD, apart=2),), 2)
    assert plan_rounds([Feed(BAD, apart=8)], {BAD}) == ((Feed(BAD, apart=8),), 8)
    feeds = [Feed(BAD, apart=4), Feed(GOOD, apart=2, rest=1)]
    assert plan_rounds(feeds, {BAD}) == ((Feed(BAD, 4 * 2, 7), Feed(GOOD, 2, 0)), 1)
    assert plan_rounds([Feed(BAD, apart=8)], ()) == ((Feed(BAD),), 1)


@pytest.mark.parametrize(("drawn", "pause_s"), [(0.0, 0.9), (0.5, 1.0), (0.999, 1.1)])
def test_pauses_vary_so_that_watchers_drift_apart(drawn: float, pause_s: float) -> None:
    class Patient(Stop):
        def wait(self, seconds: float) -> None:
            pauses.append(seconds)
            self.ask()

    pauses: list[float] = []
    watch([GOOD], 60, lambda _: failing(), Patient(), on_round=lambda _: None, draw=lambda: drawn)
    assert pauses == pytest.approx([60 * pause_s], rel=0.01)


def test_a_pause_ends_when_stopping_is_asked_for() -> None:
    stop = Stop()
    timer = threading.Timer(0.05, stop.ask)
    timer.start()
    started = time.monotonic()
    watch([GOOD], 3_600, lambda _: IngestReport(), stop, on_round=lambda _: None)
    assert time.monotonic() - started < 5
    timer.join()
    stop.wait(60)
    assert stop.is_asked()


def signal_soon(signum: signal.Signals) -> threading.Timer:
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signum))
    timer.start()
    return timer


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_pause_and_is_then_nobody_s_again(signum: signal.Signals) -> None:
    before = signal.getsignal(signum)
    started = time.monotonic()
    with stop_on_signals() as stop:
        timer = signal_soon(signum)
        stop.wait(60)
        assert stop.is_asked()
        timer.join()
    assert time.monotonic() - started < 5
    assert signal.getsignal(signum) is before


def test_a_second_ctrl_c_interrupts_at_once() -> None:
    with stop_on_signals() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), (" 2 H ", 7_200), ("1d", 86_400), ("1.5h", 5_400), ("7d", 604_800)],
)
def test_an_interval_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert parse_interval(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "15", "m", "0m", "-5m", "8d", "1e3s", "5 minutes", "٣m", "0.1s"]
)
def test_an_interval_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(SettingsError, match="write it like 90s, 15m, 2h or 1d"):
        parse_interval(text)
