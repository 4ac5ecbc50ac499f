"""Join the lists of two indexes into one."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.schema import ChunkRef, Hit


def fuse(lists: Sequence[tuple[float, Sequence[Hit]]]) -> dict[ChunkRef, float]:
    """Weighted sum of scores scaled to 0–1 in each list; absent from a list counts 0.

    Beat reciprocal rank fusion on dated news (docs/architecture.md gives the figures).
    Returns chunks with their score, best first.
    """
    fused: dict[ChunkRef, float] = {}
    for weight, hits in lists:
        for hit, score in zip(hits, scale([hit.score for hit in hits]), strict=True):
            fused[hit.ref] = fused.get(hit.ref, 0.0) + weight * score
    best_first = sorted(
        fused.items(), key=lambda item: (-item[1], item[0].article_id, item[0].ordinal)
    )
    return dict(best_first)


def scale(scores: Sequence[float]) -> list[float]:
    """From 0, the least of them, to 1; all are 1 where all are the same."""
    lowest = min(scores, default=0.0)
    spread = max(scores, default=0.0) - lowest
    return [(score - lowest) / spread if spread else 1.0 for score in scores]
