"""What an evaluation shows."""

from __future__ import annotations

import io
import json

from rich.console import Console

from eval.report import build_report, render_report
from tests.eval.factories import make_row

ROWS = [
    make_row("q1"),
    make_row("q2", kind="date", reciprocal_rank=1 / 3, containment=0.0),
    make_row("q3", kind="date", answered=False, reciprocal_rank=0.0, containment=0.0),
    make_row("q4", kind="none", answerable=False, answered=True),
    make_row("q5", kind="none", answerable=False, answered=False),
]


def test_the_report_has_counts_scores_and_a_row_a_question() -> None:
    report = json.loads(json.dumps(build_report(ROWS, "d1")))
    assert set(report) == {"gold_digest", "questions", "answerable", "summary", "rows"}
    assert report["gold_digest"] == "d1"
    assert (report["questions"], report["answerable"]) == (5, 3)
    assert set(report["summary"]) == {
        "hit_rate@1",
        "hit_rate@10",
        "mrr@10",
        "containment",
        "quote_validity",
        "abstention_recall",
        "abstention_precision",
        "leaks",
        "latency_p50_ms",
        "latency_p95_ms",
    }
    assert report["summary"]["mrr@10"] == 0.4444  # (1 + 1/3 + 0) / 3, to four places
    assert [row["id"] for row in report["rows"]] == ["q1", "q2", "q3", "q4", "q5"]
    assert set(report["rows"][0]) == {
        "id",
        "kind",
        "question",
        "answerable",
        "answered",
        "answer",
        "hit_at_1",
        "hit_at_10",
        "reciprocal_rank",
        "containment",
        "citations",
        "valid_quotes",
        "leaks",
        "latency_ms",
    }
    assert report["rows"][3]["containment"] is None


def test_the_table_has_a_line_a_kind_and_one_over_all() -> None:
    lines = print_report().splitlines()
    (date,) = (line.split() for line in lines if line.strip().startswith("date"))
    # Two questions: ranks 3 and none, nothing contained, one quote of one valid, one declined.
    assert date == ["date", "2", "0.000", "0.500", "0.167", "0.000", "1.000", "1"]
    (nothing,) = (line.split() for line in lines if line.strip().startswith("none"))
    assert nothing == ["none", "2", "–", "–", "–", "–", "–", "1"]
    (every,) = (line.split() for line in lines if line.strip().startswith("all"))
    assert every[:3] == ["all", "5", "0.333"]


def test_every_question_that_went_wrong_is_named_with_what_did() -> None:
    printed = print_report()
    assert "q1 fact" not in printed
    assert "q2 date: the quotes do not hold the answer: Who chaired?" in printed
    assert "q3 date: declined: Who chaired?" in printed
    assert "q4 none: answered, though no article does: Who chaired?" in printed
    assert "q5 none" not in printed


def print_report() -> str:
    console = Console(record=True, file=io.StringIO(), width=200)
    render_report(ROWS, console)
    return console.export_text()
