"""Cut-offs in words against one moment of asking: Tuesday, 30 June 2026, noon UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retrieval.cut_offs import find_cut_offs
from retrieval.schema import Window
from retrieval.windows import resolve_window, without_time_words

ASKED_AT = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)


def read(cut_off: str, asked_at: datetime = ASKED_AT) -> list[datetime | None]:
    question = f"How many tugs does the port of Aldmoor have {cut_off}?"
    return [each.moment for each in find_cut_offs(question, asked_at)]


def last(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T23:59:59+00:00")


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("3 May", "2026-05-03"),
        ("May 3", "2026-05-03"),
        ("May 3rd", "2026-05-03"),
        ("the 3rd of May", "2026-05-03"),
        ("3rd May", "2026-05-03"),
        ("3 May 2026", "2026-05-03"),
        ("3 May, 2026", "2026-05-03"),
        ("3 May '26", "2026-05-03"),
        ("3 May ’25", "2025-05-03"),
        ("3 May 25", "2025-05-03"),
        ("3 May this year", "2026-05-03"),
        ("3 May of last year", "2025-05-03"),
        ("Sun 3 May", "2026-05-03"),
        ("Sunday, May 3, 2026", "2026-05-03"),
        ("03.05.2026", "2026-05-03"),
        ("3.5.2026", "2026-05-03"),
        ("3/5/2026", "2026-05-03"),
        ("3-5-2026", "2026-05-03"),
        ("2026/05/03", "2026-05-03"),
        ("2026-05-03", "2026-05-03"),
        ("3/5/26", "2026-05-03"),
        ("3/5", "2026-05-03"),
        ("5/3/2026", "2026-03-05"),
        ("5/23/2026", "2026-05-23"),
        ("1 July", "2025-07-01"),
        ("29 February", "2024-02-29"),
        ("the 3rd", "2026-06-03"),
        ("the 31st", "2026-05-31"),
        ("5 May 1945", "1945-05-05"),
        ("May", "2026-05-31"),
        ("May 2026", "2026-05-31"),
        ("May, 2025", "2025-05-31"),
        ("May of last year", "2025-05-31"),
        ("May '25", "2025-05-31"),
        ("last May", "2026-05-31"),
        ("September", "2025-09-30"),
        ("March two years ago", "2024-03-31"),
        ("last year in March", "2025-03-31"),
        ("2025-11", "2025-11-30"),
        ("2025", "2025-12-31"),
        ("early May 2026", "2026-05-10"),
        ("early May", "2026-05-10"),
        ("mid-May 2026", "2026-05-20"),
        ("mid May", "2026-05-20"),
        ("the middle of May", "2026-05-20"),
        ("late May", "2026-05-31"),
        ("the end of May", "2026-05-31"),
        ("the beginning of May", "2026-05-01"),
        ("early 2026", "2026-04-30"),
        ("mid-2025", "2025-08-31"),
        ("late 2025", "2025-12-31"),
        ("year-end 2025", "2025-12-31"),
        ("the end of last month", "2026-05-31"),
        ("Q1", "2026-03-31"),
        ("the third quarter", "2025-09-30"),
        ("Q4 last year", "2025-12-31"),
        ("spring", "2026-05-31"),
        ("Sunday", "2026-06-28"),
        ("last Monday", "2026-06-29"),
        ("Monday last week", "2026-06-22"),
        ("the weekend", "2026-06-28"),
        ("last night", "2026-06-29"),
        ("one month ago", "2026-05-30"),
    ],
)
def test_a_cut_off_means_to_the_end_of_what_it_names(words: str, day: str) -> None:
    assert read(f"as of {words}") == [last(day)]


@pytest.mark.parametrize(
    "words",
    ["June", "30 June", "today", "now", "mid-2026", "this year", "the end of the month", "2030"],
)
def test_no_cut_off_lies_beyond_the_moment_of_asking(words: str) -> None:
    assert read(f"as of {words}") == [ASKED_AT]


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("2026-05-03T10:00", "2026-05-03T10:00+00:00"),
        ("2026-05-03T10:00+02:00", "2026-05-03T08:00+00:00"),
        ("3 May 2026, 10:00", "2026-05-03T10:00+00:00"),
        ("3 May at 5 pm", "2026-05-03T17:00+00:00"),
        ("10:00 EST on 3 May", "2026-05-03T15:00+00:00"),
        ("noon yesterday", "2026-06-29T12:00+00:00"),
        ("Monday morning", "2026-06-29T12:00+00:00"),
        ("the morning of 3 May", "2026-05-03T12:00+00:00"),
        ("the evening of May 3", "2026-05-03T23:59+00:00"),
        ("10:00", "2026-06-30T10:00+00:00"),
        ("18:00", "2026-06-29T18:00+00:00"),
        ("36 hours ago", "2026-06-29T00:00+00:00"),
    ],
)
def test_a_cut_off_that_names_a_time_is_that_moment(words: str, moment: str) -> None:
    assert read(f"as of {words}") == [datetime.fromisoformat(moment)]


@pytest.mark.parametrize(
    "cut_off",
    [
        "as of: 3 May",
        "as-of 3 May",
        "AS OF 3 May",
        "as at 3 May",
        "(as of 3 May)",
        "as of (3 May)",
        "as of 3 May - and why",
        "as of 3 May. How many are used for salvage",
    ],
)
def test_a_cut_off_is_read_however_it_is_written(cut_off: str) -> None:
    assert read(cut_off) == [last("2026-05-03")]


@pytest.mark.parametrize(
    "words",
    [
        "the summit",
        "the 2025 summit",
        "Christmas",
        "May Day",
        "31 February 2026",
        "2026-13-01",
        "3 Mai 2026",
        "3-5 May 2026",
        "May-June 2026",
        "2025/26",
        "May 3 15 tugs",
    ],
)
def test_a_cut_off_that_names_no_certain_date_is_found_and_not_guessed(words: str) -> None:
    (cut_off,) = find_cut_offs(f"Who led as of {words}?", ASKED_AT)
    assert cut_off.moment is None
    assert cut_off.words == f"as of {words}"
    assert not resolve_window(f"Who led as of {words}?", ASKED_AT, Window()).is_hard


@pytest.mark.parametrize("words", ["as of yet", "as of late", "as at the last summit", "as often"])
def test_idioms_and_comparisons_are_not_cut_offs(words: str) -> None:
    assert read(words) == []


def test_an_unreadable_cut_off_leaves_the_other_time_words() -> None:
    window = resolve_window("Who led as of the summit in March 2025?", ASKED_AT, Window())
    assert window.prefer_since == datetime(2025, 3, 1, tzinfo=UTC)


def test_only_a_cut_off_that_was_read_is_taken_out_of_a_question() -> None:
    assert without_time_words("Who led as of 3 May?", ASKED_AT).split() == ["Who", "led", "?"]
    assert without_time_words("Who led as of the vote?", ASKED_AT) == "Who led as of the vote?"


def test_the_days_of_a_cut_off_are_counted_in_the_asker_s_zone() -> None:
    late_in_the_west = datetime.fromisoformat("2026-06-15T23:30:00-07:00")
    assert read("as of yesterday", late_in_the_west) == [last("2026-06-14")]
    assert read("as of 9 pm", late_in_the_west) == [datetime(2026, 6, 16, 4, 0, tzinfo=UTC)]
