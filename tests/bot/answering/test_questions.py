"""A caller's dates, read into a question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.answering.questions import EmptyQuestion, build_question, resolve_question
from retrieval.errors import InvalidDate


def test_dates_bound_whole_days_and_moments_keep_their_zone() -> None:
    question = build_question(
        " Who won? ",
        since="2025-06-01",
        until="2025-06-30",
        as_of="2025-07-01T12:00+02:00",
        asked_at="2025-07-02",
        sources=["Meridian Wire"],
        conversation_id="c1",
    )
    window = question.filters.window
    assert question.text == "Who won?"
    assert window.since == datetime(2025, 6, 1, tzinfo=UTC)
    assert window.until == datetime(2025, 6, 30, 23, 59, 59, tzinfo=UTC)
    assert window.as_of == datetime(2025, 7, 1, 10, 0, tzinfo=UTC)
    assert question.asked_at == datetime(2025, 7, 2, 23, 59, 59, tzinfo=UTC)
    assert question.filters.sources == ("Meridian Wire",)
    assert question.conversation_id == "c1"


def test_relative_time_words_mean_the_asker_s_own_days() -> None:
    question = build_question("Who won yesterday?", asked_at="2026-06-15T23:30:00-07:00")
    window = resolve_question(question).filters.window
    assert window.prefer_since == datetime(2026, 6, 14, tzinfo=UTC)


def test_a_question_is_asked_as_of_the_date_it_is_bounded_by() -> None:
    question = build_question("What happened yesterday?", as_of="2025-06-25")
    assert question.asked_at == datetime(2025, 6, 25, 23, 59, 59, tzinfo=UTC)


def test_a_question_without_dates_is_asked_now_and_bounded_by_nothing() -> None:
    question = build_question("Who won?")
    assert datetime.now(UTC) - question.asked_at < timedelta(minutes=1)
    assert question.filters.is_open


@pytest.mark.parametrize("name", ["asked_at", "as_of", "since", "until"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "soonish",
        "2025-13-01",
        "2025-02-30",
        "9999-12-31T23:59-10:00",
        "0001-01-01T00:00+10:00",
    ],
)
def test_a_date_that_cannot_be_read_is_named_with_the_way_to_write_it(
    name: str, value: str
) -> None:
    with pytest.raises(InvalidDate, match="write it like 2026-02-12"):
        build_question("Who won?", **{name: value})


@pytest.mark.parametrize("text", ["", " \n", "\x00", "\u202e\u200b", "\ud800"])
def test_a_question_of_which_nothing_is_seen_is_refused(text: str) -> None:
    with pytest.raises(EmptyQuestion, match="write one"):
        build_question(text)


def test_no_database_is_asked_for_a_character_that_it_cannot_keep() -> None:
    question = build_question("Who?", sources=["\ud800", "Wire\x00"], conversation_id="a\x00b")
    assert question.filters.sources == ("", "Wire")
    assert question.conversation_id == "ab"
