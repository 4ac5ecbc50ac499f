"""A report on a terminal, in a pull request, and as JUnit XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree  # it only writes XML # nosec B405

from rich.console import Console
from rich.table import Table

from eval.faults import FAULTS, find_faults

_COLUMNS = {
    "hit_rate@1": "hit@1",
    "hit_rate@10": "hit@10",
    "mrr@10": "MRR",
    "containment": "holds",
    "choice_accuracy": "choice",
    "citation_recall": "cites",
    "answered": "answers",
    "abstention_recall": "declines",
}


def render_report(report: Mapping[str, Any], console: Console) -> None:
    """Scores by kind and over all, each part's worth, then what went wrong."""
    data = report["dataset"]
    shown = [metric for metric in _COLUMNS if metric in report["summary"]]
    table = Table(
        box=None,
        title=f"{data['name']}: {data['questions']} questions, {data['articles']} articles",
    )
    table.add_column("kind", no_wrap=True)
    table.add_column("n", justify="right")
    for metric in shown:
        table.add_column(_COLUMNS[metric], justify="right")
    for kind, summary in report["by_kind"].items():
        table.add_row(kind, str(_count(summary)), *_cells(summary, shown))
    table.add_section()
    table.add_row("all", str(data["questions"]), *_cells(report["summary"], shown))
    table.add_row("± 95 %", "", *_half_widths(report["summary"], shown))
    console.print(table)
    if report["baselines"]:
        console.print(_baseline_table(report["baselines"]))
    console.print(_last_lines(report["summary"]))


def render_failures(report: Mapping[str, Any], console: Console) -> None:
    for row in report["rows"]:
        if fault := describe_faults(row):
            console.print(f"{row['id']} {row['kind']}: {fault}: {row['question']}", markup=False)


def describe_faults(row: Mapping[str, Any]) -> str:
    """What is wrong with the answer to one question, in words; empty when nothing is."""
    return "; ".join(FAULTS[fault] for fault in find_faults(row))


def render_markdown(report: Mapping[str, Any]) -> str:
    """The summary for a pull request, and for `docs/measurements.md`."""
    data = report["dataset"]
    lines = [
        f"{data['questions']} questions over {data['articles']} articles "
        f"(set `{data['name']}`, {data['digest'][:8]}), no language model."
        if report["settings"].get("bot.llm") == "none"
        else f"{data['questions']} questions over {data['articles']} articles "
        f"(set `{data['name']}`, {data['digest'][:8]}), model {report['settings'].get('bot.llm')}.",
        "",
        "| metric | mean | 95 % interval | questions |",
        "|---|---|---|---|",
    ]
    for metric, found in report["summary"].items():
        if metric.startswith("latency"):
            continue
        interval = (
            "" if found["low"] == found["high"] else f"{found['low']:.3f}–{found['high']:.3f}"
        )
        lines.append(f"| `{metric}` | {found['mean']:.3f} | {interval} | {found['n']} |")
    return "\n".join(lines) + "\n"


def render_junit(report: Mapping[str, Any]) -> str:
    """A test case a question, for whatever shows test results."""
    suite = ElementTree.Element("testsuite", name=f"dateline eval {report['dataset']['name']}")
    faults = 0
    for row in report["rows"]:
        case = ElementTree.SubElement(
            suite, "testcase", classname=row["kind"], name=f"{row['id']} {row['question']}"
        )
        case.set("time", f"{row['latency_ms'] / 1000:.4f}")
        if fault := describe_faults(row):
            faults += 1
            failure = ElementTree.SubElement(case, "failure", message=fault)
            failure.text = f"expected: {row['expected']}\nanswer: {row['answer']}"
    suite.set("tests", str(len(report["rows"])))
    suite.set("failures", str(faults))
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)


def _cells(summary: Mapping[str, Any], shown: Sequence[str]) -> Iterator[str]:
    for metric in shown:
        yield f"{summary[metric]['mean']:.3f}" if metric in summary else "–"


def _half_widths(summary: Mapping[str, Any], shown: Sequence[str]) -> Iterator[str]:
    for metric in shown:
        yield f"{(summary[metric]['high'] - summary[metric]['low']) / 2:.3f}"


def _count(summary: Mapping[str, Any]) -> int:
    return int(summary["leaks"]["n"])


def _baseline_table(baselines: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(box=None, title="What each part is worth")
    metrics = [metric for metric in next(iter(baselines.values())) if metric in _COLUMNS]
    table.add_column("retriever")
    for metric in metrics:
        table.add_column(_COLUMNS.get(metric, metric), justify="right")
    for name, scores in baselines.items():
        table.add_row(name, *(f"{scores[metric]:.3f}" for metric in metrics))
    return table


def _last_lines(summary: Mapping[str, Any]) -> str:
    def mean(metric: str) -> float:
        return float(summary.get(metric, {"mean": 0.0})["mean"])

    return (
        f"abstention recall {mean('abstention_recall'):.3f}, "
        f"precision {mean('abstention_precision'):.3f}; quotes valid "
        f"{mean('quote_validity'):.3f}; leaks {mean('leaks'):.0f}; calibration error "
        f"{mean('calibration_error'):.3f}; latency p50 {mean('latency_p50_ms'):.0f} ms, "
        f"p95 {mean('latency_p95_ms'):.0f} ms"
    )
