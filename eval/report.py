"""What an evaluation shows: a table by kind, and every question's row as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.runner import Row, summarise


def build_report(rows: Sequence[Row], gold_digest: str) -> dict[str, Any]:
    return {
        "gold_digest": gold_digest,
        "questions": len(rows),
        "answerable": sum(row.answerable for row in rows),
        "summary": {name: round(value, 4) for name, value in summarise(rows).items()},
        "rows": [asdict(row) for row in rows],
    }


def render_report(rows: Sequence[Row], console: Console) -> None:
    """Scores by kind and over all, then the questions that went wrong."""
    table = Table(box=None, title=f"{len(rows)} gold questions")
    headings = ("kind", "n", "hit@1", "hit@10", "MRR@10", "contains", "quotes", "declined")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    kinds = sorted({row.kind for row in rows})
    for kind in kinds:
        _add_row(table, kind, [row for row in rows if row.kind == kind])
    table.add_section()
    _add_row(table, "all", rows)
    console.print(table)
    summary = summarise(rows)
    console.print(
        f"abstention recall {summary['abstention_recall']:.3f}, "
        f"precision {summary['abstention_precision']:.3f}; leaks {summary['leaks']:.0f}; "
        f"latency p50 {summary['latency_p50_ms']:.0f} ms, p95 {summary['latency_p95_ms']:.0f} ms"
    )
    for row in rows:
        if fault := _fault(row):
            console.print(f"{row.id} {row.kind}: {fault}: {row.question}", markup=False)


def _add_row(table: Table, name: str, rows: Sequence[Row]) -> None:
    summary = summarise(rows)
    answerable = any(row.answerable for row in rows)
    shown = ("hit_rate@1", "hit_rate@10", "mrr@10", "containment", "quote_validity")
    cells = [f"{summary[metric]:.3f}" if answerable else "–" for metric in shown]
    declined = sum(not row.answered for row in rows)
    table.add_row(name, str(len(rows)), *cells, str(declined))


def _fault(row: Row) -> str | None:
    if not row.answerable:
        return "answered, though no article does" if row.answered else None
    if not row.answered:
        return "declined"
    return None if row.containment else "the quotes do not hold the answer"
