"""Join the lists of two indexes into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retrieval.schema import ChunkRef, Hit


def fuse(lists: Sequence[tuple[float, Sequence[Hit]]]) -> dict[ChunkRef, float]:
    """Weighted sum of scores scaled to 0–1 in each list; absent from a list counts 0.

    Beat reciprocal rank fusion on dated news (docs/architecture.md gives the figures).
    """
    fused: dict[ChunkRef, float] = {}
    for weight, hits in lists:
        for hit, score in zip(hits, scale([hit.score for hit in hits]), strict=True):
            fused[hit.ref] = fused.get(hit.ref, 0.0) + weight * score
    return fused


def best_first(scores: Mapping[ChunkRef, float]) -> list[Hit]:
    """As hits; equals by their chunks, so that it does not matter which index found them first."""
    return sorted(map(Hit._make, scores.items()), key=lambda hit: (-hit.score, hit.ref))


def scale(scores: Sequence[float]) -> list[float]:
    """From 0, the least of them, to 1; all are 1 where all are the same."""
    lowest = min(scores, default=0.0)
    spread = max(scores, default=0.0) - lowest
    return [(score - lowest) / spread if spread else 1.0 for score in scores]
