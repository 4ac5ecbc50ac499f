"""Time words against one moment of asking: Wednesday, 15 July 2026, noon UTC."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from retrieval.errors import InvalidDate
from retrieval.schema import Window
from retrieval.windows import (
    asks_for_newest,
    parse_asked_at,
    parse_moment,
    resolve_window,
    without_time_words,
)

ASKED_AT = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


def first(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")


def last(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T23:59:59+00:00")


def resolve(question: str, given: Window = Window()) -> Window:
    return resolve_window(question, ASKED_AT, given)


@pytest.mark.parametrize(
    ("expression", "since", "until"),
    [
        ("today", "2026-07-15", "2026-07-15"),
        ("yesterday", "2026-07-14", "2026-07-14"),
        ("this week", "2026-07-13", "2026-07-19"),
        ("last week", "2026-07-06", "2026-07-12"),
        ("this month", "2026-07-01", "2026-07-31"),
        ("last month", "2026-06-01", "2026-06-30"),
        ("this year", "2026-01-01", "2026-12-31"),
        ("Last Year", "2025-01-01", "2025-12-31"),
        ("on 24 June 2025", "2025-06-24", "2025-06-24"),
        ("on the 24th of June 2025", "2025-06-24", "2025-06-24"),
        ("on June 24, 2025", "2025-06-24", "2025-06-24"),
        ("on June 24th 2025", "2025-06-24", "2025-06-24"),
        ("on 2025-06-24", "2025-06-24", "2025-06-24"),
        ("on 29 February 2024", "2024-02-29", "2024-02-29"),
        ("in April 2025", "2025-04-01", "2025-04-30"),
        ("in Sept. 2025", "2025-09-01", "2025-09-30"),
        ("in february 2024", "2024-02-01", "2024-02-29"),
        ("in December 2025", "2025-12-01", "2025-12-31"),
        ("in 2024", "2024-01-01", "2024-12-31"),
        ("during 2024", "2024-01-01", "2024-12-31"),
        ("in early 2024", "2024-01-01", "2024-12-31"),
        ("in Q3 2024", "2024-07-01", "2024-09-30"),
        ("in the fourth quarter of 2024", "2024-10-01", "2024-12-31"),
        ("in the 1990s", "1990-01-01", "1999-12-31"),
        ("last spring", "2026-03-01", "2026-05-31"),
        ("last summer", "2025-06-01", "2025-08-31"),
        ("this summer", "2026-06-01", "2026-08-31"),
        ("in spring 2024", "2024-03-01", "2024-05-31"),
        ("last quarter", "2026-04-01", "2026-06-30"),
        ("last weekend", "2026-07-11", "2026-07-12"),
        ("last night", "2026-07-14", "2026-07-15"),
        ("this morning", "2026-07-15", "2026-07-15"),
        ("the day before yesterday", "2026-07-13", "2026-07-13"),
        ("three days ago", "2026-07-12", "2026-07-12"),
        ("two weeks ago", "2026-06-29", "2026-07-05"),
        ("a few weeks ago", "2026-06-17", "2026-07-01"),
        ("in the past three months", "2026-04-16", "2026-07-15"),
        ("over the last ten days", "2026-07-05", "2026-07-15"),
        ("on Tuesday", "2026-07-14", "2026-07-14"),
        ("on Wednesday", "2026-07-15", "2026-07-15"),
        ("last Wednesday", "2026-07-08", "2026-07-08"),
        ("in September", "2025-09-01", "2025-09-30"),
        ("in May", "2026-05-01", "2026-05-31"),
        ("last June", "2026-06-01", "2026-06-30"),
        ("on 24 June", "2026-06-24", "2026-06-24"),
        ("on July 20", "2025-07-20", "2025-07-20"),
        ("in March last year", "2025-03-01", "2025-03-31"),
        ("in March of last year", "2025-03-01", "2025-03-31"),
        ("last year in March", "2025-03-01", "2025-03-31"),
        ("in March two years ago", "2024-03-01", "2024-03-31"),
        ("in March this year", "2026-03-01", "2026-03-31"),
        ("in March '25", "2025-03-01", "2025-03-31"),
        ("in May ’25", "2025-05-01", "2025-05-31"),
        ("in March '98", "1998-03-01", "1998-03-31"),
        ("in March of 2025", "2025-03-01", "2025-03-31"),
        ("in March, 2025", "2025-03-01", "2025-03-31"),
        ("on 3 March last year", "2025-03-03", "2025-03-03"),
        ("on Tuesday, 3 March", "2026-03-03", "2026-03-03"),
        ("in the summer of last year", "2025-06-01", "2025-08-31"),
        ("in the second quarter of last year", "2025-04-01", "2025-06-30"),
        ("on 03.05.2026", "2026-05-03", "2026-05-03"),
        ("over the weekend", "2026-07-11", "2026-07-12"),
        ("at the weekend", "2026-07-11", "2026-07-12"),
        ("during the past weekend", "2026-07-11", "2026-07-12"),
        ("on Monday last week", "2026-07-06", "2026-07-06"),
        ("on Tuesday of last week", "2026-07-07", "2026-07-07"),
        ("Monday", "2026-07-13", "2026-07-13"),
        ("in Tuesday's vote", "2026-07-14", "2026-07-14"),
        ("this Monday", "2026-07-13", "2026-07-13"),
        ("on the 9th", "2026-07-09", "2026-07-09"),
        ("on the ninth of November", "2025-11-09", "2025-11-09"),
        ("in the week of 3 May", "2026-04-27", "2026-05-03"),
        ("in May and June 2024", "2024-05-01", "2024-06-30"),
        ("in the last week", "2026-07-08", "2026-07-15"),
        ("on Christmas Eve", "2025-12-24", "2025-12-24"),
    ],
)
def test_a_period_in_words_is_preferred_from_its_first_to_its_last_second(
    expression: str, since: str, until: str
) -> None:
    assert resolve(f"What was decided {expression}?") == Window(
        prefer_since=first(since), prefer_until=last(until)
    )


@pytest.mark.parametrize(
    ("expression", "since", "until"),
    [
        ("since April 2025", first("2025-04-01"), None),
        ("since 24 February 2022", first("2022-02-24"), None),
        ("since yesterday", first("2026-07-14"), None),
        ("after 24 June 2025", first("2025-06-25"), None),
        ("after 2024", first("2025-01-01"), None),
        ("before 24 June 2025", None, last("2025-06-23")),
        ("before 2025", None, last("2024-12-31")),
        ("until March 2026", None, last("2026-03-31")),
        ("by the end of April", None, last("2026-04-30")),
        ("prior to 3 May", None, last("2026-05-02")),
        ("no later than 3 May", None, last("2026-05-03")),
        ("by 1 March 2026", None, last("2026-03-01")),
    ],
)
def test_a_bound_in_words_is_a_preference_open_at_the_other_end(
    expression: str, since: datetime | None, until: datetime | None
) -> None:
    assert resolve(f"What was decided {expression}?") == Window(
        prefer_since=since, prefer_until=until
    )


def test_a_span_in_words_is_preferred_from_its_first_to_its_last_day() -> None:
    week = Window(prefer_since=first("2026-03-01"), prefer_until=last("2026-03-05"))
    assert resolve("What happened between 1 March 2026 and 5 March 2026?") == week
    assert resolve("What was said from 1 March 2026 to 5 March 2026?") == week


@pytest.mark.parametrize(
    ("expression", "until"),
    [
        ("As of 1 March 2026", "2026-03-01"),
        ("as of March 2026", "2026-03-31"),
        ("as of the end of 2025", "2025-12-31"),
        ("as of 2026-02-12", "2026-02-12"),
        ("as at yesterday", "2026-07-14"),
        ("as of last month", "2026-06-30"),
    ],
)
def test_as_of_in_words_is_hard(expression: str, until: str) -> None:
    assert resolve(f"{expression}, who leads the alliance?") == Window(as_of=last(until))


def test_as_of_in_words_cannot_reach_beyond_the_caller_s() -> None:
    given = Window(as_of=last("2025-12-31"))
    assert resolve("Who leads as of 1 March 2026?", given) == given
    assert resolve("Who leads as of 1 March 2025?", given) == Window(as_of=last("2025-03-01"))


def test_what_the_caller_gave_stays() -> None:
    given = Window(since=first("2025-01-01"), until=last("2026-01-01"))
    assert resolve("What was decided in April 2025?", given) == Window(
        since=given.since,
        until=given.until,
        prefer_since=first("2025-04-01"),
        prefer_until=last("2025-04-30"),
    )
    assert resolve("Who leads the alliance?", given) == given


@pytest.mark.parametrize(
    "question",
    [
        "Who leads the alliance?",
        "Who will host the 2026 NATO summit?",
        "What did the 2025 budget change?",
        "What may follow from the march on the capital?",
        "How many of the 2000 soldiers came home?",
        "What is article 5?",
        "Who spoke on 31 February 2026?",
        "Who spoke on 2026-13-01?",
        "How much will they spend by 2035?",
        "What is planned in August 2026?",
        "What may the court decide?",
        "What did Theresa May say?",
        "What changed after May resigned?",
        "Who spoke at the March on Washington?",
        "Who reads the Sunday Times?",
        "Who won on Sunday Night Football?",
        "What has changed since the pandemic?",
        "What did April Ryan ask?",
        "Who wrote in May's defence?",
        "Who works at weekends?",
        "Who sang Manic Monday?",
        "Which bus runs every Monday?",
        "What is the ratio of 16/9 screens?",
        "Which party won in the spring election of 2024?",
        "What will be open by the end of April?",
        "Who led before 0001-01-01?",
        "What happened over the weekend of the storm?",
        "",
    ],
)
def test_a_question_without_time_words_has_no_window(question: str) -> None:
    assert resolve(question) == Window()


@pytest.mark.parametrize(
    "question",
    [
        "What did NATO leaders agree on 24 June 2025 NATO officials did not expect?",
        "What has been built since 24 June 2025 Poland says it needs?",
    ],
)
def test_a_whole_date_is_a_window_whatever_word_follows(question: str) -> None:
    assert resolve(question).prefer_since == first("2025-06-24")


def test_a_year_says_which_of_the_time_words_counts() -> None:
    window = resolve("Who won the vote held this week in October 2022?")
    assert window.prefer_since == first("2022-10-01")


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "0000-00-00", "9999-99-99"])
def test_a_date_at_the_end_of_the_calendar_breaks_nothing(day: str) -> None:
    window = resolve(f"What happened on {day}?")
    assert not window.is_hard
    assert not resolve(f"Who leads as of {day}?").from_question


@pytest.mark.parametrize(
    ("asked_at", "yesterday"),
    [
        ("2026-06-15T23:30:00-07:00", "2026-06-14"),
        ("2026-07-16T01:00:00+09:00", "2026-07-15"),
        ("2026-07-16T01:00:00Z", "2026-07-15"),
    ],
)
def test_time_words_count_from_the_asker_s_own_day(asked_at: str, yesterday: str) -> None:
    for words, day in ((f"on {yesterday}", yesterday), ("yesterday", yesterday)):
        window = resolve_window(f"How high was it {words}?", parse_asked_at(asked_at), Window())
        assert (window.prefer_since, window.prefer_until) == (first(day), last(day))


def test_today_has_begun_where_it_is_asked_though_not_in_utc() -> None:
    asked_at = datetime(2026, 7, 16, 1, 0, tzinfo=timezone(timedelta(hours=9)))
    window = resolve_window("What happened today?", asked_at, Window())
    assert window.prefer_since == first("2026-07-16")


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("2026-02-12", first("2026-02-12"), last("2026-02-12")),
        (" 2026-02-12 ", first("2026-02-12"), last("2026-02-12")),
        ("12 February 2026", first("2026-02-12"), last("2026-02-12")),
        ("2026-02", first("2026-02-01"), last("2026-02-28")),
        ("February 2026", first("2026-02-01"), last("2026-02-28")),
        ("2026", first("2026-01-01"), last("2026-12-31")),
    ],
)
def test_a_date_alone_is_its_first_second_or_its_last(
    value: str, start: datetime, end: datetime
) -> None:
    assert parse_moment(value) == start
    assert parse_moment(value, end_of_day=True) == end


@pytest.mark.parametrize(
    ("value", "hour"),
    [
        ("2026-02-12T18:30", 18),
        ("2026-02-12 18:30", 18),
        ("2026-02-12T18:30:00Z", 18),
        ("2026-02-12T18:30+01:00", 17),
        ("2026-02-12T18:30-05:00", 23),
    ],
)
def test_a_date_with_a_time_is_that_moment_and_utc_without_a_zone(value: str, hour: int) -> None:
    moment = datetime(2026, 2, 12, hour, 30, tzinfo=UTC)
    assert parse_moment(value) == parse_moment(value, end_of_day=True) == moment
    assert parse_moment(value).tzinfo == UTC


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2026-02-30",
        "2026-13-01",
        "2026-13",
        "31 June 2025",
        "12/02/2026",
        "18:30",
        "5",
        "1750000000",
        "noon",
        "0001-01-01T00:00+05:00",
        "9999-12-31T23:59-05:00",
    ],
)
def test_what_is_not_one_certain_date_is_refused_by_name(value: str) -> None:
    with pytest.raises(InvalidDate) as caught:
        parse_moment(value)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize(
    ("question", "newest"),
    [
        ("What is the latest on the talks?", True),
        ("Who is currently in command?", True),
        ("How many ships are there now?", True),
        ("What is the most recent figure?", True),
        ("How much has been spent so far?", True),
        ("Who is the prime minister of Norway?", True),
        ("Who is Norway's prime minister?", True),
        ("Who leads the alliance?", True),
        ("Who is the first president?", False),
        ("Who is the minister who resigned?", False),
        ("Who was the prime minister of Norway?", False),
        ("Who took office in 2024?", False),
        ("Who is known for the nowcast?", False),
    ],
)
def test_words_for_the_present_ask_for_the_newest(question: str, newest: bool) -> None:
    assert asks_for_newest(question) is newest


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("What was decided in April 2025 on tariffs?", "What was decided on tariffs?"),
        ("As of 1 March 2026, who leads?", ", who leads?"),
        ("What is article 5?", "What is article 5?"),
        ("How many of the 2000 soldiers came home?", "How many of the 2000 soldiers came home?"),
        ("How much will they spend by 2035?", "How much will they spend by 2035?"),
    ],
)
def test_only_the_time_words_are_taken_out_of_a_question(question: str, left: str) -> None:
    assert " ".join(without_time_words(question, ASKED_AT).split()) == left


def test_a_question_without_time_words_does_not_load_the_reader_of_dates() -> None:
    ask = (
        "import sys; from datetime import datetime, UTC; from retrieval.windows import *; "
        "from retrieval.schema import Window; "
        "resolve_window('Who leads the alliance?', datetime.now(UTC), Window()); "
        "sys.exit('dateparser' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0


def test_of_several_days_as_of_the_earliest_holds() -> None:
    text = "As of May 2025, what was agreed as of June 2024?"
    window = resolve_window(text, datetime(2026, 1, 1, tzinfo=UTC), Window())
    assert window.as_of == datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)
