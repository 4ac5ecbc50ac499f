"""Identity of articles and chunks, and what windows and filters let through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from retrieval.schema import ChunkRef, Filters, Window
from tests.factories import make_article

MONDAY = datetime(2026, 2, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 2, 13, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_article_id_depends_on_the_url_alone_when_there_is_one() -> None:
    article = make_article(url="https://example.org/a", path="a.txt")
    rewritten = replace(article, title="Other", text="Other.", path="b.txt", source=None)
    assert rewritten.article_id == article.article_id
    assert replace(article, url="https://example.org/b").article_id != article.article_id


def test_article_id_without_url_depends_on_the_path_alone() -> None:
    article = make_article(url=None, path="news/a.txt")
    assert replace(article, title="Other", text="Other.").article_id == article.article_id
    assert replace(article, path="news/b.txt").article_id != article.article_id


def test_article_id_is_sixteen_hexadecimal_digits() -> None:
    article_id = make_article(url="https://example.org/żółw").article_id
    assert len(article_id) == 16
    int(article_id, 16)


def test_chunk_id_names_the_piece_whatever_its_revision() -> None:
    assert ChunkRef("abc", 3, 7).chunk_id == ChunkRef("abc", 3, 8).chunk_id == "abc#3"


@pytest.mark.parametrize(
    ("published_at", "allowed"),
    [
        (MONDAY - SECOND, False),
        (MONDAY, True),
        (FRIDAY, True),
        (FRIDAY + SECOND, False),
        (MONDAY.astimezone(timezone(timedelta(hours=9))), True),
        (None, False),
    ],
)
def test_window_allows_both_of_its_ends_and_nothing_undated(
    published_at: datetime | None, allowed: bool
) -> None:
    assert Window(since=MONDAY, until=FRIDAY).allows(published_at) is allowed


def test_window_with_one_bound_is_open_at_the_other_end() -> None:
    assert Window(since=MONDAY).allows(FRIDAY)
    assert not Window(since=FRIDAY).allows(MONDAY)
    assert Window(until=FRIDAY).allows(MONDAY)
    assert not Window(as_of=MONDAY).allows(FRIDAY)


def test_window_without_bounds_allows_what_is_undated() -> None:
    assert Window().allows(None)
    assert Window(prefer_since=MONDAY, prefer_until=FRIDAY).allows(None)


@pytest.mark.parametrize(
    ("window", "latest"),
    [
        (Window(), None),
        (Window(since=MONDAY), None),
        (Window(until=FRIDAY), FRIDAY),
        (Window(as_of=MONDAY), MONDAY),
        (Window(until=FRIDAY, as_of=MONDAY), MONDAY),
        (Window(until=MONDAY, as_of=FRIDAY), MONDAY),
    ],
)
def test_latest_is_the_earlier_of_until_and_as_of(window: Window, latest: datetime | None) -> None:
    assert window.latest == latest


@pytest.mark.parametrize(
    ("window", "hard", "from_question"),
    [
        (Window(), False, False),
        (Window(since=MONDAY), True, False),
        (Window(until=MONDAY), True, False),
        (Window(as_of=MONDAY), True, False),
        (Window(prefer_since=MONDAY), False, True),
        (Window(prefer_until=MONDAY), False, True),
        (Window(as_of=FRIDAY, prefer_since=MONDAY), True, True),
    ],
)
def test_window_is_hard_by_its_bounds_and_soft_by_its_preferences(
    window: Window, hard: bool, from_question: bool
) -> None:
    assert (window.is_hard, window.from_question) == (hard, from_question)


def test_window_prefers_only_dates_inside_its_preference() -> None:
    week = Window(prefer_since=MONDAY, prefer_until=FRIDAY)
    assert week.prefers(MONDAY)
    assert week.prefers(FRIDAY)
    assert not week.prefers(MONDAY - SECOND)
    assert not week.prefers(FRIDAY + SECOND)
    assert not week.prefers(None)
    assert Window(prefer_since=MONDAY).prefers(FRIDAY)
    assert Window(prefer_until=FRIDAY).prefers(MONDAY)


def test_window_without_preference_prefers_nothing() -> None:
    assert not Window(since=MONDAY).prefers(FRIDAY)


def test_filters_tell_sources_apart_without_regard_to_case() -> None:
    filters = Filters(sources=("ŁÓDŹ Herald", "Straße"))
    assert filters.allows(MONDAY, "Łódź herald")
    assert filters.allows(None, "STRASSE")
    assert not filters.allows(MONDAY, "Lodz Herald")
    assert not filters.allows(MONDAY, None)


def test_filters_ask_for_source_and_window_together() -> None:
    filters = Filters(Window(since=MONDAY), ("Wire",))
    assert filters.allows(FRIDAY, "Wire")
    assert not filters.allows(FRIDAY, "Courier")
    assert not filters.allows(MONDAY - SECOND, "Wire")


def test_filters_are_open_until_something_is_hard() -> None:
    assert Filters().is_open
    assert Filters(Window(prefer_since=MONDAY)).is_open
    assert not Filters(Window(since=MONDAY)).is_open
    assert not Filters(sources=("Wire",)).is_open
