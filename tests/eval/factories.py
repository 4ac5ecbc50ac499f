"""Rows and gold questions to test with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.answering.schema import Abstention
from eval.dataset import GoldEvidence, GoldItem, GoldSet
from eval.report import build_report
from eval.runner import Row
from tests.bot.factories import make_answer


def make_row(
    row_id: str = "q1",
    kind: str = "fact",
    answerable: bool = True,
    answered: bool = True,
    scores: dict[str, float] | None = None,
    confidence: float = 0.5,
    leaks: int = 0,
    latency_ms: float = 5.0,
) -> Row:
    declined = Abstention("no_evidence", "No article here answers this.")
    article = "https://example.org/summit" if answerable else None
    answer = make_answer(abstention=None if answered else declined)
    return Row(
        item=make_item(row_id, "Who chaired?", article).model_copy(update={"kind": kind}),
        answer=replace(answer, confidence=confidence),
        passages=(),
        relevant=frozenset(),
        cited=(),
        leaks=leaks,
        latency_ms=latency_ms,
        first_relevant_rank=None,
        scores=scores or {},
    )


def make_report(
    rows: Sequence[Row], settings: dict[str, Any] | None = None, digest: str = "d1"
) -> dict[str, Any]:
    gold_set = GoldSet("made", tuple(row.item for row in rows), digest, Path("corpus"))
    baselines = {"full": {"hit_rate@1": 1.0, "mrr@10": 0.5}}
    return build_report(gold_set, rows, 3, baselines, settings or {"bot.llm": "none"})


def make_item(
    item_id: str = "q1",
    question: str = "Who chaired the talks?",
    article: str | None = "https://example.org/summit",
    accepted: tuple[str, ...] = ("Mark Rutte",),
    as_of: str | None = None,
    sources: tuple[str, ...] = (),
    quote: str = "Mark Rutte chaired the talks.",
) -> GoldItem:
    """Answerable where an article is named."""
    evidence = () if article is None else (GoldEvidence(article=article, quote=quote),)
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
