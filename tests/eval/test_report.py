"""What an evaluation found, as JSON."""

from __future__ import annotations

import json

import pytest

from eval.report import means, summarise
from tests.eval.factories import make_report, make_row


def test_the_summary_is_the_mean_over_the_questions_each_metric_is_about() -> None:
    rows = [
        make_row("1", scores={"mrr@10": 1.0, "containment": 1.0, "answered": 1.0}),
        make_row("2", scores={"mrr@10": 0.5, "containment": 0.0, "answered": 1.0}),
        make_row(
            "3",
            answered=False,
            scores={"mrr@10": 0.0, "containment": 0.0, "abstention_precision": 0.0},
        ),
        make_row(
            "4",
            answerable=False,
            answered=False,
            scores={"abstention_recall": 1.0, "abstention_precision": 1.0},
        ),
        make_row("5", answerable=False, leaks=2, scores={"abstention_recall": 0.0}),
    ]
    summary = summarise(rows)
    assert summary["mrr@10"].mean == pytest.approx((1 + 0.5 + 0) / 3)
    assert summary["containment"].mean == pytest.approx(1 / 3)
    assert summary["abstention_recall"].mean == 1 / 2  # of 4, 5 only 4 was declined
    assert summary["abstention_precision"].mean == 1 / 2  # of the declined 3, 4 only 4 rightly
    assert summary["leaks"].mean == 2.0
    assert [summary[metric].n for metric in ("mrr@10", "abstention_recall", "leaks")] == [3, 2, 5]


def test_latencies_are_percentiles_by_nearest_rank() -> None:
    summary = summarise([make_row(str(ms), latency_ms=float(ms)) for ms in range(20, 0, -1)])
    assert summary["latency_p50_ms"].mean == 10.0  # ceil(0.50 * 20) = the 10th of 1 to 20
    assert summary["latency_p95_ms"].mean == 19.0  # ceil(0.95 * 20) = the 19th


def test_a_run_over_no_questions_has_shown_nothing() -> None:
    assert {found.mean for found in summarise([]).values()} == {0.0}


def test_confidence_is_calibrated_against_answers_that_hold_an_accepted_string() -> None:
    rows = [
        make_row("1", confidence=0.9, scores={"containment": 1.0}),
        make_row("2", confidence=0.9, scores={"containment": 0.0}),
        make_row("3", answerable=False, confidence=0.1),
    ]
    # Bin .9: two, one right: |1.8 - 1| = .8. Bin .1: one, wrong: |.1 - 0| = .1. (.8 + .1) / 3.
    assert summarise(rows)["calibration_error"].mean == pytest.approx(0.3)


def test_the_report_is_json_with_a_row_a_question_and_every_kind() -> None:
    rows = [make_row("a", scores={"mrr@10": 1 / 3}), make_row("b", "when", answered=False)]
    report = json.loads(json.dumps(make_report(rows)))
    assert report["dataset"] == {
        "name": "made", "digest": "d1", "questions": 2, "answerable": 2, "articles": 3,
    }  # fmt: skip
    assert set(report["by_kind"]) == {"fact", "when"}
    assert report["summary"]["mrr@10"] == {"mean": 0.3333, "low": 0.3333, "high": 0.3333, "n": 1}
    assert [row["id"] for row in report["rows"]] == ["a", "b"]
    assert report["rows"][1]["reason"] == "no_evidence"
    assert means(report)["mrr@10"] == 0.3333
