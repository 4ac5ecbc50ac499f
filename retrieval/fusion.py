"""Join the lists of two indexes into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retrieval.schema import ChunkRef, Hit


def fuse(lists: Sequence[tuple[float, Sequence[Hit]]]) -> dict[ChunkRef, float]:
    """Weighted sum of scores scaled to 0–1 in each list; absent from a list counts 0.

    Beat reciprocal rank fusion on dated news (docs/architecture.md gives the figures).
    Returns chunks with their score, best first.
    """
    fused: dict[ChunkRef, float] = {}
    for weight, hits in lists:
        for ref, score in _scale(hits).items():
            fused[ref] = fused.get(ref, 0.0) + weight * score
    return dict(sorted(fused.items(), key=lambda item: (-item[1], item[0].chunk_id)))


def _scale(hits: Sequence[Hit]) -> Mapping[ChunkRef, float]:
    if not hits:
        return {}
    lowest, highest = min(hit.score for hit in hits), max(hit.score for hit in hits)
    spread = highest - lowest
    return {hit.ref: (hit.score - lowest) / spread if spread else 1.0 for hit in hits}
