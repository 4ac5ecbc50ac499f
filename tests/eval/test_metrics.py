"""Metrics on cases computed by hand."""

from __future__ import annotations

import pytest

from eval.metrics import containment, hit_rate, mean, reciprocal_rank, unique

RANKED = ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("relevant", "k", "expected"),
    [
        ({"a"}, 1, 1.0),  # a is at rank 1, and 1 <= 1
        ({"b"}, 1, 0.0),  # b is at rank 2, and 2 > 1
        ({"b"}, 2, 1.0),
        ({"c", "d"}, 3, 1.0),  # c at 3 is enough
        ({"d"}, 3, 0.0),
        ({"x"}, 10, 0.0),
        (set(), 10, 0.0),
    ],
)
def test_hit_rate_is_whether_any_relevant_article_is_among_the_first_k(
    relevant: set[str], k: int, expected: float
) -> None:
    assert hit_rate(RANKED, relevant, k) == expected


@pytest.mark.parametrize(
    ("relevant", "k", "expected"),
    [
        ({"a"}, 10, 1.0),  # 1 / 1
        ({"b"}, 10, 0.5),  # 1 / 2
        ({"c", "d"}, 10, 1 / 3),  # the first of them is at rank 3
        ({"d"}, 10, 0.25),  # 1 / 4
        ({"d"}, 3, 0.0),  # rank 4 is beyond 3
        ({"x"}, 10, 0.0),
        (set(), 10, 0.0),
    ],
)
def test_reciprocal_rank_is_one_over_the_rank_of_the_first_relevant_article(
    relevant: set[str], k: int, expected: float
) -> None:
    assert reciprocal_rank(RANKED, relevant, k) == expected


def test_nothing_ranked_scores_nothing() -> None:
    assert hit_rate((), {"a"}, 10) == 0.0
    assert reciprocal_rank((), {"a"}, 10) == 0.0


def test_a_perfect_ranking_of_two_relevant_articles_is_perfect() -> None:
    # MultiHop-RAG's own script gives such a ranking 0.75.
    assert hit_rate(("a", "b"), {"a", "b"}, 1) == 1.0
    assert reciprocal_rank(("a", "b"), {"a", "b"}, 10) == 1.0


@pytest.mark.parametrize(
    ("text", "accepted", "expected"),
    [
        ("About 4,500 troops.", ["4,500"], 1.0),
        ("About 4,500 troops.", ["4500", "4,500"], 1.0),
        ("JFC NORFOLK leads.", ["jfc norfolk"], 1.0),
        ("Straße", ["STRASSE"], 1.0),
        ("Tu\u0308rkiye", ["T\u00fcrkiye"], 1.0),
        ("Ankara.", ["Oslo"], 0.0),
        ("Ankara.", [], 0.0),
        ("", ["Oslo"], 0.0),
    ],
)
def test_containment_is_whether_any_accepted_string_stands_in_the_text(
    text: str, accepted: list[str], expected: float
) -> None:
    assert containment(text, accepted) == expected


def test_mean_is_the_sum_over_the_number() -> None:
    assert mean([1.0, 0.0, 0.5]) == 0.5  # 1.5 / 3
    assert mean([1 / 1, 1 / 2, 0.0]) == 0.5  # the MRR of ranks 1, 2 and none
    assert mean([]) == 0.0


def test_an_article_counts_once_at_its_best_rank() -> None:
    assert unique(["b", "a", "b", "c", "a"]) == ("b", "a", "c")
    assert reciprocal_rank(unique(["b", "b", "a"]), {"a"}, 10) == 0.5  # 1 / 2, not 1 / 3
