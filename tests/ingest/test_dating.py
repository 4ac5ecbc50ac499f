"""Dates that articles state, read on 1 March 2026."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ingest.date_phrases import DateReader, is_date_line
from ingest.dating import parse_loose, parse_structured

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 2, 12, hour, minute, second, tzinfo=UTC)


def read_byline(
    line: str, other_lines: Sequence[str] = (), language: str | None = None
) -> datetime | None:
    return next(DateReader(language, other_lines, NOW).read_line(line), None)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-02-12T18:30:00+01:00", at(17, 30)),
        ("2026-02-12T18:30:00Z", at(18, 30)),
        ("2026-02-12T18:30", at(18, 30)),
        ("2026-02-12T18:30:07.900Z", at(18, 30, 7)),
        (" 2026-02-12 ", at()),
        (date(2026, 2, 12), at()),
        (datetime(2026, 2, 12, 18, 30), at(18, 30)),
        (datetime(2026, 2, 12, 18, 30, tzinfo=timezone(timedelta(hours=1))), at(17, 30)),
    ],
)
def test_a_structured_date_is_read_to_the_second_in_utc(value: object, moment: datetime) -> None:
    assert parse_structured(value, NOW) == moment


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        "2026-02-30",
        20260212,
        True,
        ["2026-02-12"],
        "2026-03-03",
        "9999-12-31T23:59:59-05:00",
        "0001-01-01T00:00:00+05:00",
    ],
)
def test_a_malformed_or_future_structured_date_is_none(value: object) -> None:
    assert parse_structured(value, NOW) is None


@pytest.mark.parametrize(
    ("value", "hours", "moment"),
    [
        ("2026-02-12T00:30:00+02:00", 2, at() - timedelta(minutes=90)),
        ("2026-02-12T18:30:00+0100", 1, at(17, 30)),
        ("2026-02-12 18:30:00 +01:00", 1, at(17, 30)),
        ("2026-02-12T18:30Z", 0, at(18, 30)),
        ("2026-2-12", 0, at()),
        ("2026/02/12 18:30:07.123", 0, at(18, 30, 7)),
        ("2026-02-12 18:30:00 UTC", 0, at(18, 30)),
        ("20260212", 0, at()),
        ("2026-02-12 13:30:00 EST", -5, at(18, 30)),
        ("Thu, 12 Feb 2026 18:30:00 +01:00", 1, at(17, 30)),
        ("Thu, 12 Feb 2026 18:30:00 GMT+1", 1, at(17, 30)),
        ("Thu, 12 Feb 2026 18:30:00 +0100", 1, at(17, 30)),
        ("1770921000", 0, at(18, 30)),
        ("1770921000123", 0, at(18, 30)),
    ],
)
def test_a_loosely_written_date_keeps_its_zone(value: str, hours: int, moment: datetime) -> None:
    read = parse_loose(value, NOW)
    assert read == moment
    assert read is not None
    assert read.utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "value",
    [
        *(None, 7, "", "soon", "2026-02-30", "0001-01-01T00:00:00+05:00", "9999-12-31"),
        *("1970-01-01T00:00:00Z", "0000000000", "2026-02-12T18:30:00+99:00", "2026-13-01"),
        *("12 February", "Thu, 31 Feb 2026 10:00:00 GMT", "2027-01-01", "9" * 13, "1066-10-14"),
    ],
)
def test_a_loosely_written_date_that_cannot_be_is_none(value: object) -> None:
    assert parse_loose(value, NOW) is None


def test_a_clock_that_is_a_day_ahead_is_forgiven() -> None:
    tomorrow = NOW + timedelta(days=1)
    assert parse_structured(tomorrow, NOW) == tomorrow
    assert parse_structured(tomorrow + timedelta(seconds=1), NOW) is None


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("12 February 2026", at()),
        ("12 Feb 2026", at()),
        ("February 12, 2026", at()),
        ("Feb. 12, 2026", at()),
        ("Thursday, 12 February 2026", at()),
        ("Thursday 12 February 2026", at()),
        ("2026-02-12", at()),
        ("2026-02-12 18:30", at(18, 30)),
        ("2026-02-12T18:30:00Z", at(18, 30)),
        ("12.02.2026", at()),
        ("12.02.2026 18:30", at(18, 30)),
        ("12.02.2026 18:30:05", at(18, 30, 5)),
        ("13/2/2026", at() + timedelta(days=1)),
        ("2/13/2026", at() + timedelta(days=1)),
        ("02/02/2026", at() - timedelta(days=10)),
        ("12 February 2026, 18:30 GMT", at(18, 30)),
        ("12 February 2026, 18:30 CET", at(17, 30)),
        ("12 February 2026, 18:30 +01:00", at(17, 30)),
        ("12 February 2026 at 6:30 p.m.", at(18, 30)),
        ("Feb 12, 2026 6:30 PM EST", at(23, 30)),
        ("12 February 2026, 6:30 PM", at(18, 30)),
        ("Published: 12 February 2026", at()),
        ("Published on 12 February 2026 at 18:30", at(18, 30)),
        ("Posted 12 Feb 2026", at()),
        ("12 lutego 2026", at()),
        ("12. Februar 2026", at()),
        ("12 février 2026", at()),
    ],
)
def test_a_line_that_is_a_date_is_a_byline(line: str, moment: datetime) -> None:
    assert is_date_line(line)
    assert read_byline(line) == moment


@pytest.mark.parametrize(
    "line",
    [
        "On 12 February 2026 leaders met in Brussels.",
        "Leaders met on 12 February 2026",
        "The accord of 12 February 2026 was signed in Brussels by all the members",
        "12 February",
        "February",
        "2026",
        "Article 12",
        "",
    ],
)
def test_a_date_among_other_words_is_no_byline(line: str) -> None:
    assert not is_date_line(line)


@pytest.mark.parametrize("line", ["31 February 2026", "12 Foobar 2026", "99.99.2026", "0/0/2026"])
def test_what_only_looks_like_a_date_is_none(line: str) -> None:
    assert read_byline(line) is None


@pytest.mark.parametrize("line", ["3 March 2026", "12 February 2027", "2026-04-01"])
def test_a_byline_in_the_future_is_none(line: str) -> None:
    assert read_byline(line) is None


@pytest.mark.parametrize("line", ["03/04/2025", "3-4-2025", "03/04/2025 18:30"])
def test_day_and_month_that_cannot_be_told_apart_give_no_date(line: str) -> None:
    assert read_byline(line) is None
    assert read_byline(line, language="en") is None
    assert read_byline(line, other_lines=["It was 5/6/2025, a Monday.", "And 12.13 p.m."]) is None


@pytest.mark.parametrize(
    ("other_lines", "language", "month"),
    [
        (["The talks of 25/12/2024 failed."], None, 4),
        (["The talks of 12/25/2024 failed."], None, 3),
        ([], "en-US", 3),
        ([], "en_us", 3),
        ([], "en-GB", 4),
        ([], "pl", 4),
        ([], "de-DE", 4),
        (["The talks of 12/25/2024 failed."], "en", 3),
    ],
)
def test_day_and_month_are_told_by_the_page_s_other_dates_and_language(
    other_lines: list[str], language: str | None, month: int
) -> None:
    moment = read_byline("03/04/2025", other_lines=other_lines, language=language)
    assert moment == datetime(2025, month, 7 - month, tzinfo=UTC)
