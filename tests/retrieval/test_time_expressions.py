"""A table of questions with time words, each asked on three days, against a calendar.

A line of `time_expressions.jsonl` is a question and, for each moment of asking, the first and last
day that its words prefer, or the last day (or moment) that they allow; null where they say nothing.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple

import pytest

from retrieval.cut_offs import find_cut_offs
from retrieval.schema import BY_DAY, Window
from retrieval.windows import resolve_window

_TABLE = Path(__file__).with_name("time_expressions.jsonl")
_LAST_SECOND = time(23, 59, 59)


class Asking(NamedTuple):
    """One line of the table at one moment of asking, with the window that it should have."""

    text: str
    at: datetime
    window: Window


def read_table() -> list[Asking]:
    lines = [json.loads(line) for line in _TABLE.read_text(encoding="utf-8").splitlines()]
    return [make_asking(line["text"], **asked) for line in lines for asked in line["asked"]]


def make_asking(
    text: str, at: str, since: str | None, until: str | None, as_of: str | None
) -> Asking:
    asked_at = datetime.fromisoformat(at)
    window = Window(
        prefer_since=None if since is None else on(since, time.min),
        prefer_until=None if until is None else on(until, _LAST_SECOND),
        # None reaches beyond the moment of asking.
        as_of=None if as_of is None else min(read_bound(as_of), asked_at),
    )
    return Asking(text, asked_at, window)


def read_bound(text: str) -> datetime:
    return datetime.fromisoformat(text) if "T" in text else on(text, _LAST_SECOND)


def on(day: str, at: time) -> datetime:
    return datetime.combine(date.fromisoformat(day), at, BY_DAY)


TABLE = read_table()


@pytest.mark.parametrize(
    "asking", TABLE, ids=[f"{asking.at:%Y-%m-%d} {asking.text}" for asking in TABLE]
)
def test_the_time_words_of_a_question_are_read_by_the_calendar(asking: Asking) -> None:
    assert resolve_window(asking.text, asking.at, Window()) == asking.window


@pytest.mark.parametrize("asking", [each for each in TABLE if "as of" in each.text.lower()])
def test_no_cut_off_is_dropped_in_silence(asking: Asking) -> None:
    named = find_cut_offs(asking.text, asking.at)
    idiom = asking.text.endswith("as of late?")
    assert asking.window.is_hard or idiom or [each.moment for each in named] == [None]


def test_the_table_holds_two_hundred_questions_asked_on_three_days() -> None:
    assert len({asking.text for asking in TABLE}) == 200
    assert len({asking.at for asking in TABLE}) == 3
