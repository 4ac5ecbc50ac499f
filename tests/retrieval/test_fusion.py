"""Fusion on cases worked out by hand."""

from __future__ import annotations

import pytest

from retrieval.fusion import best_first, fuse
from retrieval.schema import ChunkRef, Hit


def hits(**scores: float) -> list[Hit]:
    return [Hit(ChunkRef(name, 0, 1), score) for name, score in scores.items()]


def by_name(fused: dict[ChunkRef, float]) -> dict[str, float]:
    return {ref.article_id: score for ref, score in fused.items()}


def test_scores_are_scaled_in_their_list_weighted_and_added() -> None:
    dense = hits(a=0.9, b=0.7, c=0.5)  # scaled: a 1, b 0.2 / 0.4 = 0.5, c 0
    lexical = hits(b=12.0, d=9.0, c=2.0)  # scaled: b 1, d 7 / 10 = 0.7, c 0
    fused = fuse([(0.5, dense), (0.5, lexical)])
    # b 0.25 + 0.5, a 0.5, d 0.35, c 0
    assert by_name(fused) == pytest.approx({"b": 0.75, "a": 0.5, "d": 0.35, "c": 0.0})
    assert [hit.ref.article_id for hit in best_first(fused)] == ["b", "a", "d", "c"]


def test_weights_decide_how_much_a_list_counts() -> None:
    fused = fuse([(0.8, hits(a=1.0, b=0.0)), (0.2, hits(b=5.0, a=0.0))])
    assert by_name(fused) == pytest.approx({"a": 0.8, "b": 0.2})


def test_equal_scores_of_a_list_all_count_whole() -> None:
    assert by_name(fuse([(0.5, hits(a=0.3, b=0.3))])) == {"a": 0.5, "b": 0.5}
    assert by_name(fuse([(0.5, hits(a=-2.0))])) == {"a": 0.5}


def test_negative_scores_are_scaled_like_others() -> None:
    # -1 to 1 is a spread of 2: b (0 + 1) / 2
    assert by_name(fuse([(1.0, hits(a=1.0, b=0.0, c=-1.0))])) == {"a": 1.0, "b": 0.5, "c": 0.0}


def test_ties_are_ordered_by_chunk_whatever_list_came_first() -> None:
    lists = [(0.5, hits(z=1.0)), (0.5, hits(a=1.0))]
    assert best_first(fuse(lists)) == best_first(fuse(lists[::-1])) == hits(a=0.5, z=0.5)


def test_empty_lists_count_nothing() -> None:
    assert fuse([]) == {}
    assert fuse([(0.5, []), (0.5, [])]) == {}
    assert by_name(fuse([(0.5, []), (0.5, hits(a=3.0, b=1.0))])) == {"a": 0.5, "b": 0.0}
