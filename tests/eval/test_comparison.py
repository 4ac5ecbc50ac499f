"""Two runs over the same questions."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from eval.comparison import compare, render_comparison
from eval.dataset import GoldError
from tests.eval.factories import make_report, make_row


def test_what_got_better_and_worse_is_named_question_by_question() -> None:
    before = make_report(
        [
            make_row(name, scores={"containment": held})
            for name, held in zip("abc", (0, 1, 1), strict=True)
        ]
    )
    after = make_report(
        [
            make_row(name, scores={"containment": held})
            for name, held in zip("abc", (1, 0, 1), strict=True)
        ]
    )
    found = compare(before, after)
    assert (found.better, found.worse) == (("a",), ("b",))
    (change,) = found.changes
    assert [change.before, change.after] == pytest.approx([2 / 3, 2 / 3])
    assert change.n == 3
    console = Console(record=True, file=io.StringIO(), width=100)
    render_comparison(found, after, console)
    assert "Better: 1\n  a Who chaired?\nWorse: 1\n  b Who chaired?" in console.export_text()


def test_an_unanswerable_question_declined_now_is_better() -> None:
    before = make_report([make_row("a", answerable=False, scores={"abstention_recall": 0.0})])
    after = make_report([make_row("a", answerable=False, scores={"abstention_recall": 1.0})])
    assert compare(before, after).better == ("a",)


def test_runs_of_different_questions_are_not_compared() -> None:
    with pytest.raises(GoldError, match="different questions"):
        compare(make_report([make_row("a")]), make_report([make_row("b")]))
