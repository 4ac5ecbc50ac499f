"""Put every gold question to the bot's own retriever and answerer, and score what comes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answering.answerer import Answerer
from bot.answering.questions import build_question
from bot.answering.schema import Answer, Citation, Question
from eval.dataset import GoldItem
from eval.metrics import containment, hit_rate, mean, reciprocal_rank, unique
from retrieval.archive import Archive
from retrieval.retriever import Retriever
from retrieval.schema import Filters
from retrieval.windows import resolve_window

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One question's scores. Retrieval and containment are None for unanswerable ones."""

    id: str
    kind: str
    question: str
    answerable: bool
    answered: bool
    answer: str
    hit_at_1: float | None
    hit_at_10: float | None
    reciprocal_rank: float | None
    containment: float | None
    citations: int
    valid_quotes: int
    leaks: int
    latency_ms: float


class Runner:
    def __init__(self, archive: Archive, retriever: Retriever, answerer: Answerer) -> None:
        self._archive = archive
        self._retriever = retriever
        self._answerer = answerer
        self._ids = {article.url or article.path: article.article_id for article in archive}

    def run(self, items: Sequence[GoldItem]) -> tuple[Row, ...]:
        return tuple(self._score(item) for item in items)

    def _score(self, item: GoldItem) -> Row:
        question = build_question(
            item.question,
            asked_at=item.asked_at,
            as_of=item.as_of,
            since=item.since,
            until=item.until,
            sources=item.sources,
        )
        ranked = self._retrieve(question)
        relevant = self._with_their_stories(item)
        started = time.perf_counter()
        answer = self._answerer.answer(question)
        latency_ms = 1000 * (time.perf_counter() - started)
        quotes = " ".join(citation.quote for citation in answer.citations)
        scored = item.answerable
        return Row(
            id=item.id,
            kind=item.kind,
            question=item.question,
            answerable=item.answerable,
            answered=answer.answered,
            answer=answer.text,
            hit_at_1=hit_rate(ranked, relevant, 1) if scored else None,
            hit_at_10=hit_rate(ranked, relevant, _DEPTH) if scored else None,
            reciprocal_rank=reciprocal_rank(ranked, relevant, _DEPTH) if scored else None,
            containment=containment(quotes, item.accepted) if scored else None,
            citations=len(answer.citations),
            valid_quotes=sum(map(self._is_exact, answer.citations)),
            leaks=_count_leaks(answer, question.filters),
            latency_ms=round(latency_ms, 1),
        )

    def _retrieve(self, question: Question) -> tuple[str, ...]:
        window = resolve_window(question.text, question.asked_at, question.filters.window)
        filters = Filters(window, question.filters.sources)
        passages = self._retriever.retrieve(question.text, filters, top_k=5 * _DEPTH)
        return unique([passage.article.article_id for passage in passages])

    def _with_their_stories(self, item: GoldItem) -> frozenset[str]:
        """The gold articles and the other carriers of their stories: the same words."""
        named = {self._ids[e.article] for e in item.evidence if e.article in self._ids}
        carriers = self._archive.carriers(named, Filters())
        return frozenset(carrier.article_id for carrier in carriers)

    def _is_exact(self, citation: Citation) -> bool:
        article = self._archive.get_many([citation.article_id]).get(citation.article_id)
        return article is not None and (
            article.text[citation.start : citation.end] == citation.quote
        )


def _count_leaks(answer: Answer, asked: Filters) -> int:
    """Citations that the question, as it was asked, does not allow."""
    closest = answer.abstention.closest if answer.abstention else ()
    shown = (*answer.citations, *closest)
    return sum(not asked.allows(citation.published_at, citation.source) for citation in shown)


def summarise(rows: Sequence[Row]) -> dict[str, float]:
    """Every metric's mean. Retrieval and containment over answerable questions, abstention and
    latency over all; a metric over no questions is 0."""
    answerable = [row for row in rows if row.answerable]
    unanswerable = [row for row in rows if not row.answerable]
    declined = [row for row in rows if not row.answered]
    latencies = sorted(row.latency_ms for row in rows)
    quotes = sum(row.citations for row in rows)
    return {
        "hit_rate@1": mean([row.hit_at_1 or 0.0 for row in answerable]),
        "hit_rate@10": mean([row.hit_at_10 or 0.0 for row in answerable]),
        "mrr@10": mean([row.reciprocal_rank or 0.0 for row in answerable]),
        "containment": mean([row.containment or 0.0 for row in answerable]),
        "quote_validity": sum(row.valid_quotes for row in rows) / quotes if quotes else 0.0,
        "abstention_recall": mean([float(not row.answered) for row in unanswerable]),
        "abstention_precision": mean([float(not row.answerable) for row in declined]),
        "leaks": float(sum(row.leaks for row in rows)),
        "latency_p50_ms": _percentile(latencies, 0.50),
        "latency_p95_ms": _percentile(latencies, 0.95),
    }


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest rank."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else 0.0
