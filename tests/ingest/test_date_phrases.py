"""Dates as people write them, read on 1 March 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ingest.date_phrases import DateReader, is_date_line, read_byline

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
    ("language", "line"),
    [
        ("ar", "٢٣ مارس ٢٠٢١"),
        ("fa", "3 فروردین 1400"),
        ("fa", "۱۴۰۰/۰۱/۰۳ - ۱۰:۳۰"),
        ("hi", "२३ मार्च २०२१"),
        ("bn", "২৩ মার্চ, ২০২১"),
        ("hu", "2021. március 23., kedd 10:30"),
        ("lt", "2021 m. kovo 23 d."),
        ("lv", "2021. gada 23. martā"),
        ("th", "วันที่ 23 มีนาคม พ.ศ. 2564"),
        ("th", "23 มี.ค. 2564"),
        ("ka", "23 მარტს, 2021"),
        ("hy", "23 մարտի, 2021 թ."),
        ("vi", "Ngày 23 tháng 3 năm 2021"),
        ("he", "23 במרץ 2021"),
        ("hr", "23. ožujka 2021."),
        ("eu", "2021eko martxoaren 23a"),
        ("fil", "Marso 23, 2021"),
        ("es-CO", "marzo 23 de 2021"),
        ("kk", "2021 ж. 23 наурыз"),
        ("mn", "2021 оны 3 сарын 23"),
        ("ja", "令和3年3月23日"),
        ("zh-TW", "民國110年3月23日"),
        ("zh", "二〇二一年三月二十三日"),
        ("zh", "发布于2021年3月23日 10:30"),
        ("uz", "23-mart, 2021"),
    ],
)
def test_a_date_is_read_in_every_language_digits_and_calendar(language: str, line: str) -> None:
    moment = read(line, language)
    assert moment is not None
    assert moment.date() == date(2021, 3, 23)


def test_a_month_of_no_stated_language_is_read_where_it_means_one() -> None:
    assert read("12 studenoga 2025", "hr") == datetime(2025, 11, 12, tzinfo=UTC)
    assert read("12 listopada 2025", "hr") == datetime(2025, 10, 12, tzinfo=UTC)
    assert read("12 listopada 2025", "pl") == datetime(2025, 11, 12, tzinfo=UTC)
    assert read("12 listopada 2025") is None


@pytest.mark.parametrize(
    "line",
    [
        "BRUSSELS, 12.2.2026",
        "New York, 12 February 2026",
        "12 February 2026, Brussels",
        "By Ann Ekholm, 12 February 2026",
        "Von Bo Lund, 12. Februar 2026, 18:30 Uhr",
        "Published 12 February 2026 10:15 GMT | Updated 5 March 2026",
        "Ann Ekholm | Harbour Gazette | 12 February 2026",
    ],
)
def test_a_line_may_say_where_and_by_whom_besides(line: str) -> None:
    assert is_date_line(line)
    assert read(line) is not None


@pytest.mark.parametrize(
    "line",
    [
        "Der alte Anleger, 12. Februar 2026",
        "Event: 12 February 2026",
        "Printed on 12 February 2026",
        "Minutes of the meeting of 12 February 2026",
        "The council met on 12 February 2026",
    ],
)
def test_a_sentence_a_caption_or_an_event_is_no_line_of_a_date(line: str) -> None:
    assert not is_date_line(line)


def test_who_wrote_it_is_read_apart_from_the_date() -> None:
    assert read_byline("By Ann Ekholm, 12 February 2026") == "Ann Ekholm"
    assert read_byline("Bergen, 12 February 2026") is None


@pytest.mark.parametrize(
    "line",
    [
        "Printed on 12 February 2026",
        "Event date: 12 February 2026",
        "Photo taken 12 February 2026",
        "Veranstaltung am 12.02.2026",
        "Abgerufen am 12. Februar 2026",
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
