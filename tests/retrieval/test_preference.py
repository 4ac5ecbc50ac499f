"""What a question prefers, on scores and dates by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.carriers import Carrier
from retrieval.preference import Preference, prefer
from retrieval.schema import ChunkRef, Window

ASKED_AT = datetime(2026, 7, 15, tzinfo=UTC)
NO_WINDOW = Window()


def days_before(days: float) -> datetime:
    return ASKED_AT - timedelta(days=days)


def rank(
    found: Mapping[str, tuple[float, datetime | None]],
    query: str = "Who cut the cable?",
    window: Window = NO_WINDOW,
    asked_at: datetime | None = ASKED_AT,
    sources: dict[str, str] | None = None,
) -> dict[str, float]:
    """Scores by name, best first; `found` gives relevance and moment of publication."""
    carriers = {
        name: Carrier(name, 1, name, name, (sources or {}).get(name), moment)
        for name, (_, moment) in found.items()
    }
    scores = {ChunkRef(name, 0, 1): score for name, (score, _) in found.items()}
    preferred = prefer(scores, carriers, Preference(query, window, asked_at))
    return {hit.ref.article_id: hit.score for hit in preferred}


def test_a_score_is_multiplied_by_how_new_the_article_is() -> None:
    scores = rank({"today": (0.5, ASKED_AT), "week": (0.5, days_before(7))})
    # Closeness 1 and 1/2, of weight 2: 0.5 * 3 / 3 and 0.5 * 2 / 3
    assert scores == pytest.approx({"today": 0.5, "week": 1 / 3})


def test_a_new_article_that_hardly_bears_on_the_question_stays_behind() -> None:
    assert list(rank({"new": (0.2, ASKED_AT), "old": (0.9, days_before(900))})) == ["old", "new"]
    assert list(rank({"new": (0.6, ASKED_AT), "old": (0.9, days_before(900))})) == ["new", "old"]


def test_years_later_the_order_is_that_of_relevance() -> None:
    later = {"better": (0.9, days_before(1500)), "newer": (0.88, days_before(1400))}
    assert list(rank(later)) == ["better", "newer"]
    assert rank(later)["better"] == pytest.approx(0.9, abs=0.01)


def test_what_came_after_the_question_falls_behind_and_does_not_vanish() -> None:
    scores = rank({"later": (1.0, ASKED_AT + timedelta(days=1)), "old": (0.5, days_before(400))})
    assert list(scores) == ["old", "later"]
    assert scores["later"] > 0


def test_as_of_is_the_moment_that_counts_where_it_is_earlier() -> None:
    window = Window(as_of=days_before(365))
    scores = rank(
        {"then": (0.5, days_before(365)), "older": (0.9, days_before(500))}, window=window
    )
    assert list(scores) == ["then", "older"]


def test_without_a_moment_of_asking_only_relevance_counts() -> None:
    found = {"new": (0.6, ASKED_AT), "old": (0.9, days_before(900))}
    assert rank(found, asked_at=None) == {"old": 0.9, "new": 0.6}


def test_the_days_that_the_question_names_come_before_the_newest() -> None:
    window = Window(prefer_since=days_before(400), prefer_until=days_before(370))
    found = {
        "new": (0.5, ASKED_AT),
        "inside": (0.5, days_before(380)),
        "after": (0.5, days_before(365)),
        "long after": (0.5, days_before(200)),
        "before": (0.5, days_before(420)),
    }
    scores = rank(found, window=window)
    assert list(scores) == ["inside", "after", "new", "before", "long after"]


def test_since_a_day_prefers_the_newest_of_what_came_since() -> None:
    window = Window(prefer_since=days_before(300))
    found = {
        "before": (0.5, days_before(310)),
        "then": (0.5, days_before(290)),
        "now": (0.5, ASKED_AT),
    }
    assert list(rank(found, window=window)) == ["now", "then", "before"]


def test_an_undated_article_neither_wins_nor_vanishes() -> None:
    found = {
        "new": (0.5, days_before(1)),
        "middle": (0.5, days_before(60)),
        "old": (0.5, days_before(900)),
        "undated": (0.5, None),
    }
    assert list(rank(found)) == ["new", "middle", "undated", "old"]
    telling = {"new": (0.2, ASKED_AT), "undated": (1.0, None)}
    assert list(rank(telling)) == ["undated", "new"]


@pytest.mark.parametrize(
    "query", ["What is the latest on the cable?", "Who is the prime minister of Norway?"]
)
def test_the_newest_there_is_leads_where_the_present_is_asked_for(query: str) -> None:
    old_archive = {"older": (0.8, days_before(1500)), "newer": (0.6, days_before(1000))}
    assert list(rank(old_archive)) == ["older", "newer"]
    assert list(rank(old_archive, query)) == ["newer", "older"]


def test_a_source_that_the_question_names_comes_first_of_equals() -> None:
    found = {"a": (0.6, days_before(3)), "b": (0.5, days_before(3))}
    sources = {"a": "CNN", "b": "The Verge"}
    assert list(rank(found, sources=sources)) == ["a", "b"]
    assert list(rank(found, "What did The Verge report?", sources=sources)) == ["b", "a"]


def test_nothing_found_is_nothing_preferred() -> None:
    assert rank({}) == {}
