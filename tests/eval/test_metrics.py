"""Metrics on cases computed by hand."""

from __future__ import annotations

import math

import pytest

from eval.metrics import (
    choice_accuracy,
    containment,
    first_relevant_rank,
    mean_scores,
    score_ranking,
    token_f1,
    unique,
)

RANKED = ("a", "b", "c", "d", "e")


def test_a_ranking_is_scored_as_by_hand() -> None:
    # Relevant are b at rank 2, d at rank 4, and x, which is not ranked.
    scores = score_ranking(RANKED, {"b", "d", "x"})
    assert scores["hit_rate@1"] == 0.0
    assert scores["hit_rate@4"] == 1.0
    assert scores["recall@10"] == pytest.approx(2 / 3)
    assert scores["mrr@10"] == pytest.approx(1 / 2)
    gained = 1 / math.log2(3) + 1 / math.log2(5)
    ideal = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert scores["ndcg@10"] == pytest.approx(gained / ideal)
    assert first_relevant_rank(RANKED, {"b", "d"}) == 2


def test_nothing_ranked_or_nothing_relevant_scores_nothing() -> None:
    assert set(score_ranking((), {"a"}).values()) == {0.0}
    assert set(score_ranking(RANKED, {"x"}).values()) == {0.0}
    assert first_relevant_rank(RANKED, {"x"}) is None


def test_a_perfect_ranking_of_two_relevant_articles_is_perfect() -> None:
    # MultiHop-RAG's own script gives such a ranking 0.75.
    scores = score_ranking(("a", "b"), {"a", "b"})
    assert set(scores.values()) == {1.0}


def test_what_is_beyond_the_tenth_rank_does_not_count() -> None:
    ranked = tuple("abcdefghijk")
    assert score_ranking(ranked, {"k"})["hit_rate@10"] == 0.0
    assert score_ranking(ranked, {"j"})["mrr@10"] == pytest.approx(1 / 10)


def test_an_article_counts_once_at_its_best_rank() -> None:
    assert unique(["b", "a", "b", "c", "a"]) == ("b", "a", "c")
    assert score_ranking(unique(["b", "b", "a"]), {"a"})["mrr@10"] == 0.5  # 1 / 2, not 1 / 3


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


@pytest.mark.parametrize(
    ("answer", "expected", "f1"),
    [
        ("the cat sat", "A cat sat", 1.0),  # articles do not count
        # Two of four words are right, two of three are found: 2 * 1/2 * 2/3 / (1/2 + 2/3) = 4/7.
        ("cat sat down there", "cat sat up", 4 / 7),
        ("dog", "cat", 0.0),
        ("", "cat", 0.0),
    ],
)
def test_token_f1_is_the_harmonic_mean_of_words_shared(
    answer: str, expected: str, f1: float
) -> None:
    assert token_f1(answer, expected) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("text", "right"),
    [("It was Oslo.", 1.0), ("It was Riga.", 0.0), ("Oslo or Riga.", 0.0), ("Nowhere.", 0.0)],
)
def test_a_choice_is_right_where_it_alone_is_named(text: str, right: float) -> None:
    assert choice_accuracy(text, ["Oslo", "Riga", "Bonn"], ["Oslo"]) == right


def test_mean_scores_are_metric_by_metric() -> None:
    assert mean_scores([{"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 0.0}]) == {"a": 0.5, "b": 0.0}
    assert mean_scores([]) == {}
