"""What an evaluation found, as one JSON object; every other form is made from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from eval.dataset import GoldSet
from eval.runner import Row
from eval.statistics import Estimate, area_under_curve, calibration_error, estimate, percentile
from retrieval.schema import Passage
from retrieval.wire import build_moment, build_published

_MOST_PASSAGES = 5
_MOST_TEXT = 300


def build_report(
    gold_set: GoldSet,
    rows: Sequence[Row],
    articles: int,
    baselines: Mapping[str, Mapping[str, float]],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """The report's shape is in docs/evaluation.md; estimates are `{mean, low, high, n}`."""
    kinds = sorted({row.item.kind for row in rows})
    return {
        "version": version("dateline"),
        "created_at": build_moment(datetime.now(UTC)),
        "dataset": {
            "name": gold_set.name,
            "digest": gold_set.digest,
            "questions": len(rows),
            "answerable": sum(row.item.answerable for row in rows),
            "articles": articles,
        },
        "settings": dict(settings),
        "summary": _round(summarise(rows)),
        "by_kind": {
            kind: _round(summarise([row for row in rows if row.item.kind == kind]))
            for kind in kinds
        },
        "baselines": {
            name: {metric: round(value, 4) for metric, value in scores.items()}
            for name, scores in baselines.items()
        },
        "rows": [_build_row(row) for row in rows],
    }


def summarise(rows: Sequence[Row]) -> dict[str, Estimate]:
    """Each metric over the questions it applies to: retrieval and answers over the answerable,
    abstention recall over the unanswerable, precision over the declined, the rest over all."""
    metrics = dict.fromkeys(metric for row in rows for metric in row.scores)
    summary = {
        metric: estimate([row.scores[metric] for row in rows if metric in row.scores])
        for metric in metrics
    }
    latencies = [row.latency_ms for row in rows]
    right = [_is_right(row) for row in rows]
    confidences = [row.answer.confidence for row in rows]
    answerable = [row.item.answerable for row in rows]
    summary |= {
        "leaks": _exactly(float(sum(row.leaks for row in rows)), len(rows)),
        "calibration_error": _exactly(calibration_error(confidences, right), len(rows)),
        "latency_p50_ms": _exactly(percentile(latencies, 0.50), len(rows)),
        "latency_p95_ms": _exactly(percentile(latencies, 0.95), len(rows)),
    }
    if len(set(answerable)) > 1:
        curve = area_under_curve(confidences, answerable)
        summary["confidence_auc"] = _exactly(curve, len(rows))
    return summary


def means(report: Mapping[str, Any]) -> dict[str, float]:
    """A report's metrics by name, without their intervals."""
    return {metric: found["mean"] for metric, found in report["summary"].items()}


def _is_right(row: Row) -> float:
    """Whether the evidence holds the answer, which is what the confidence is about."""
    return row.scores.get("containment", 0.0)


def _exactly(value: float, n: int) -> Estimate:
    return Estimate(value, value, value, n)


def _round(summary: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    return {
        metric: {name: round(value, 4) for name, value in asdict(found).items()}
        for metric, found in summary.items()
    }


def _build_row(row: Row) -> dict[str, Any]:
    item, answer = row.item, row.answer
    return {
        "id": item.id,
        "kind": item.kind,
        "question": item.question,
        "answerable": item.answerable,
        "answered": answer.answered,
        "answer": answer.text,
        "expected": item.answer,
        "accepted": list(item.accepted),
        "reason": answer.abstention.reason if answer.abstention else None,
        "confidence": answer.confidence,
        "latency_ms": row.latency_ms,
        "leaks": row.leaks,
        "first_relevant_rank": row.first_relevant_rank,
        "scores": {metric: round(score, 4) for metric, score in row.scores.items()},
        "citations": [
            {
                "marker": each.citation.marker,
                "title": each.citation.title,
                "source": each.citation.source,
                "published_at": build_published(each.citation.published_at),
                "quote": each.citation.quote,
                "is_gold": each.is_gold,
            }
            for each in row.cited
        ],
        "passages": [_build_passage(row, p) for p in row.passages[:_MOST_PASSAGES]],
    }


def _build_passage(row: Row, passage: Passage) -> dict[str, Any]:
    return {
        "rank": passage.rank,
        "title": passage.article.title,
        "source": passage.article.source,
        "published_at": build_published(passage.article.published_at),
        "relevant": passage.article.article_id in row.relevant,
        "text": passage.text[:_MOST_TEXT],
    }
