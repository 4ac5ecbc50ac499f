"""A report on a terminal, in a pull request, and as JUnit XML."""

from __future__ import annotations

import io
from xml.etree import ElementTree

from rich.console import Console

from eval.rendering import render_failures, render_junit, render_markdown, render_report
from tests.eval.factories import make_report, make_row

REPORT = make_report(
    [
        make_row("q1", scores={"hit_rate@1": 1.0, "containment": 1.0, "answered": 1.0}),
        make_row("q2", "when", scores={"hit_rate@1": 0.0, "containment": 0.0, "answered": 1.0}),
        make_row("q3", "when", answered=False, scores={"hit_rate@1": 0.0, "answered": 0.0}),
        make_row("q4", "none", answerable=False, scores={"abstention_recall": 0.0}),
        make_row("q5", "none", answerable=False, answered=False, scores={"abstention_recall": 1}),
        make_row("q6", scores={"containment": 1.0, "quote_validity": 0.5, "answered": 1.0}),
        make_row("q7", leaks=1, scores={"containment": 1.0, "answered": 1.0}),
    ]
)


def show(render: object) -> str:
    console = Console(record=True, file=io.StringIO(), width=160)
    assert callable(render)
    render(REPORT, console)
    return console.export_text()


def test_the_table_has_a_line_a_kind_one_over_all_and_what_each_part_is_worth() -> None:
    lines = {line.split()[0]: line.split() for line in show(render_report).splitlines() if line}
    assert lines["when"] == ["when", "2", "0.000", "0.000", "0.500", "–"]
    assert lines["none"] == ["none", "2", "–", "–", "–", "0.500"]
    assert lines["all"][:3] == ["all", "7", "0.333"]
    assert lines["full"] == ["full", "1.000", "0.500"]


def test_the_table_fits_a_terminal_of_eighty_columns() -> None:
    console = Console(record=True, file=io.StringIO(), width=80)
    render_report(REPORT, console)
    assert "…" not in console.export_text()


def test_every_question_that_went_wrong_is_named_with_what_did() -> None:
    printed = show(render_failures)
    assert "q1" not in printed
    assert "q2 when: answered without an accepted string: Who chaired?" in printed
    assert "q3 when: declined, though an article answers it: Who chaired?" in printed
    assert "q4 none: answered, though no article does: Who chaired?" in printed
    assert "q5" not in printed
    assert "q6 fact: a quote is not the article's words: Who chaired?" in printed
    assert "q7 fact: shows an article that the question rules out: Who chaired?" in printed


def test_junit_has_a_case_a_question_and_a_failure_a_fault() -> None:
    suite = ElementTree.fromstring(render_junit(REPORT))
    assert (suite.get("tests"), suite.get("failures")) == ("7", "5")
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == [f"q{number} Who chaired?" for number in (2, 3, 4, 6, 7)]


def test_markdown_gives_every_metric_with_its_count() -> None:
    text = render_markdown(REPORT)
    assert "7 questions over 3 articles (set `made`, d1), no language model." in text
    assert "| `hit_rate@1` | 0.333 | 0.000–1.000 | 3 |" in text
    assert "latency" not in text
