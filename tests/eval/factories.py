"""Rows and gold questions to test with."""

from __future__ import annotations

from eval.dataset import GoldEvidence, GoldItem
from eval.runner import Row


def make_row(
    row_id: str = "q1",
    kind: str = "fact",
    answerable: bool = True,
    answered: bool = True,
    reciprocal_rank: float = 1.0,
    containment: float = 1.0,
    citations: int = 1,
    valid_quotes: int = 1,
    leaks: int = 0,
    latency_ms: float = 5.0,
) -> Row:
    """Retrieval scores follow from the reciprocal rank."""
    return Row(
        id=row_id,
        kind=kind,
        question="Who chaired?",
        answerable=answerable,
        answered=answered,
        answer="Mark Rutte chaired the talks [1]." if answered else "",
        hit_at_1=float(reciprocal_rank == 1.0) if answerable else None,
        hit_at_10=float(reciprocal_rank > 0.0) if answerable else None,
        reciprocal_rank=reciprocal_rank if answerable else None,
        containment=containment if answerable else None,
        citations=citations if answered else 0,
        valid_quotes=valid_quotes if answered else 0,
        leaks=leaks,
        latency_ms=latency_ms,
    )


def make_item(
    item_id: str = "q1",
    question: str = "Who chaired the talks?",
    article: str | None = "https://example.org/summit",
    accepted: tuple[str, ...] = ("Mark Rutte",),
    as_of: str | None = None,
    sources: tuple[str, ...] = (),
) -> GoldItem:
    """Answerable where an article is named."""
    evidence = () if article is None else (GoldEvidence(article=article, quote="(not read)"),)
    return GoldItem(
        id=item_id,
        kind="fact",
        question=question,
        answerable=article is not None,
        answer="",
        accepted=accepted if article is not None else (),
        evidence=evidence,
        asked_at="2025-07-01",
        as_of=as_of,
        sources=sources,
    )
