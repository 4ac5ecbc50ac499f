"""Dates as people write them, read on 1 March 2026."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ingest.date_phrases import DateReader

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def read(line: str, language: str | None = None, *other_lines: str) -> datetime | None:
    return next(DateReader(language, other_lines, NOW).read_line(line), None)


def at(hour: int = 0, minute: int = 0, zone_hours: float = 0) -> datetime:
    zone = timezone(timedelta(hours=zone_hours)) if zone_hours else UTC
    return datetime(2026, 2, 12, hour, minute, tzinfo=zone)


@pytest.mark.parametrize(
    ("line", "language", "moment"),
    [
        ("By Ann Ekholm | 12 February 2026", "en", at()),
        ("Published: February 12th, 2026 at 6:30 p.m.", "en", at(18, 30)),
        ("21:22, 12 FEB 2026", "en", at(21, 22)),
        ("Feb 12, 2026, 10:31 pm CST", "en", at(22, 31)),
        ("12 February 2026, 18:30 GMT+2", "en", at(18, 30, 2)),
        ("Thu 12 Feb 2026 18:30 EST", "en", at(18, 30, -5)),
        ("Von Bo Lund, 12. Februar 2026, 18:30 Uhr", "de", at(18, 30)),
        ("12.02.26, 18:30 Uhr", "de", at(18, 30)),
        ("Bo Lund / 12.02.2026 / 09:30 / 3 Kommentare", "de", at(9, 30)),
        ("Publié le 12/02/2026 à 15h57", "fr", at(15, 57)),
        ("Publié le 12 février 2026 à 15:57", "fr", at(15, 57)),
        ("12 de febrero de 2026", "es", at()),
        ("12 lutego 2026", "pl", at()),
        ("12 februar 2026", "no", at()),
        ("2026-02-12 18:30", None, at(18, 30)),
        ("2026/02/12", None, at()),
        ("2026年2月12日", "ja", at()),
        ("2026년 2월 12일", "ko", at()),
        ("12 February 2026", "xx-unknown", at()),
        ("12 février 2026", None, at()),
    ],
)
def test_a_date_is_read_with_its_time_and_zone(line: str, language: str, moment: datetime) -> None:
    read_moment = read(line, language)
    assert read_moment == moment
    assert read_moment is not None
    assert read_moment.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize(
    "line",
    [
        "Updated 12 February 2026",
        "Last modified: 12/02/2026",
        "Stand: 12.02.2026",
        "Aktualisiert am 12. Februar 2026",
        "Mis à jour le 12 février 2026",
        "© 2026 Harbour Gazette",
        "Tel. 12-02-2026-55",
        "Version 1.12.02.2026",
        "12 Foobar 2026",
        "31.02.2026",
        "3 March 2027",
        "24/7 service in 2026",
    ],
)
def test_what_is_no_date_of_publication_is_left(line: str) -> None:
    assert read(line, "de") is None


def test_the_date_of_publication_is_taken_beside_that_of_a_change() -> None:
    assert read("Updated 20 February 2026, published 12 February 2026", "en") == at()
    assert read("12 February 2026, updated 20 February 2026", "en") == at()


@pytest.mark.parametrize(
    ("language", "other_line", "month"),
    [
        ("en-GB", "", 4),
        ("en-US", "", 3),
        ("fr", "", 4),
        ("en", "https://example.org/a?d=13/02/2024", 4),
        ("en", "The talks of 12/25/2024 failed.", 3),
    ],
)
def test_day_and_month_are_told_by_language_and_other_dates(
    language: str, other_line: str, month: int
) -> None:
    assert read("03/04/2025", language, other_line) == datetime(2025, month, 7 - month, tzinfo=UTC)


def test_day_and_month_that_cannot_be_told_apart_give_no_date() -> None:
    assert read("03/04/2025", "en", "Nothing else.") is None


def test_an_impossible_time_of_day_is_none() -> None:
    assert read("12 February 2026 29:75", "en") == at()
