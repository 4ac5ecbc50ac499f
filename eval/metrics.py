"""Plain numbers from plain ids. Each function scores one question; means are over questions."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence


def hit_rate(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """1 if any of the first k is relevant."""
    return float(any(article in relevant for article in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """1 over the rank of the first relevant one of the first k, else 0. Its mean is MRR."""
    ranks = (rank for rank, article in enumerate(ranked[:k], 1) if article in relevant)
    return 1.0 / next(ranks, float("inf"))


def containment(text: str, accepted: Collection[str]) -> float:
    """1 if the text holds any accepted string; case and Unicode composition do not count."""
    folded = _fold(text)
    return float(any(_fold(string) in folded for string in accepted))


def mean(values: Sequence[float]) -> float:
    """0 for no values: a run over no questions has shown nothing."""
    return sum(values) / len(values) if values else 0.0


def unique(articles: Sequence[str]) -> tuple[str, ...]:
    """Qrels judge articles: several chunks of one count once, at the best rank."""
    return tuple(dict.fromkeys(articles))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
