"""The evaluation's command."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from eval.dataset import GoldSet

app = typer.Typer()
_SCORES = ("<!-- scores -->", "<!-- /scores -->")


@app.callback()
def _commands() -> None:
    """Keeps `eval` a command of its own name."""


@app.command("eval")
def evaluate(
    gold: Annotated[Path | None, typer.Option(help="Gold questions, as JSON Lines.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="The articles they ask about.")] = None,
    beir: Annotated[Path | None, typer.Option(help="A question set in BEIR's layout.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only check the gold set.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the reports to this folder.")] = None,
    compare: Annotated[Path | None, typer.Option(help="Compare with this report.json.")] = None,
    failures: Annotated[bool, typer.Option("--failures", help="List wrong answers.")] = False,
    judge: Annotated[bool, typer.Option("--judge", help="Let bot.llm judge too.")] = False,
    gate: Annotated[bool, typer.Option("--gate", help="Exit 1 below a floor.")] = False,
    floors: Annotated[Path | None, typer.Option(help="Floors; default eval/floors.json.")] = None,
    set_floors: Annotated[bool, typer.Option("--set-floors", help="Raise the floors.")] = False,
    allow_regression: Annotated[
        str | None, typer.Option(help="Why floors may be lowered; kept in their file.")
    ] = None,
    scores: Annotated[Path | None, typer.Option(help="Update the scores in this file.")] = None,
) -> None:
    """Ask every gold question and score the answers, in an archive of their own."""
    from eval import gate as gates

    bounds = gates.load_floors(floors or gates.FLOORS) if gate else None
    earlier = None if compare is None else _load_report(compare)
    with tempfile.TemporaryDirectory(prefix="dateline-eval-") as temporary:
        gold_set, home = _load_set(gold, corpus, beir, Path(temporary))
        if check:
            _check(gold_set, home)
            return
        found = _evaluate(gold_set, home, judged=judge)
    if report is not None:
        write_report(found, report)
    _show(found, earlier, as_json=as_json, failures=failures)
    if scores is not None:
        write_scores(found, scores)
    if set_floors:
        path = floors or gates.FLOORS
        old = gates.load_floors(path) if path.exists() else None
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        gates.write_floors(gates.raise_floors(found, old, allow_regression, today), path)
    if bounds is not None:
        wrong = list(gates.find_regressions(found, bounds))
        for line in wrong or ["passed"]:
            typer.echo(f"gate: {line}", err=True)
        if wrong:
            raise typer.Exit(1)


def write_report(found: Mapping[str, Any], folder: Path) -> None:
    """report.json, report.html, summary.md and junit.xml."""
    from eval.html_report import render_html
    from eval.rendering import render_junit, render_markdown

    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {
        "report.json": json.dumps(found, ensure_ascii=False, indent=2),
        "report.html": render_html(found),
        "summary.md": render_markdown(found),
        "junit.xml": render_junit(found),
    }.items():
        (folder / name).write_text(content, encoding="utf-8")


def write_scores(found: Mapping[str, Any], path: Path) -> None:
    """Replace what stands between the scores' two marks. Raises GoldError if they are not there."""
    from eval.dataset import GoldError
    from eval.rendering import render_markdown

    text = path.read_text(encoding="utf-8")
    begin, end = (text.find(mark) for mark in _SCORES)
    if begin < 0 or end < begin:
        raise GoldError(f"{path} lacks {' and '.join(_SCORES)}: add them where the scores go")
    head, tail = text[: begin + len(_SCORES[0])], text[end:]
    path.write_text(f"{head}\n{render_markdown(found)}{tail}", encoding="utf-8")


def _load_set(
    gold: Path | None, corpus: Path | None, beir: Path | None, temporary: Path
) -> tuple[GoldSet, Path]:
    """The questions, and the home that their articles are taken into: BEIR's are kept."""
    from eval.beir import load_beir
    from eval.dataset import EXAMPLES, GOLD, load_gold
    from retrieval.settings import RetrievalSettings

    if beir is None:
        return load_gold(gold or GOLD, corpus or EXAMPLES), temporary
    gold_set = load_beir(beir, RetrievalSettings.load().home / "eval")
    return gold_set, gold_set.corpus.parent


def _check(gold_set: GoldSet, home: Path) -> None:
    from eval.dataset import find_faults, index_articles
    from eval.session import open_archive

    with open_archive(gold_set.corpus, home) as archive:
        faults = list(find_faults(gold_set.items, index_articles(archive)))
    for fault in faults:
        typer.echo(f"dateline: {fault}", err=True)
    if faults:
        raise typer.Exit(1)
    typer.echo(f"{len(gold_set.items)} questions are valid.")


def _evaluate(gold_set: GoldSet, home: Path, *, judged: bool) -> dict[str, Any]:
    from eval.session import open_session

    with (
        _progress() as on_question,
        open_session(gold_set.corpus, home, judged=judged) as session,
    ):
        return session.evaluate(gold_set, on_question)


def _show(
    found: Mapping[str, Any], earlier: Mapping[str, Any] | None, *, as_json: bool, failures: bool
) -> None:
    from eval.comparison import compare, render_comparison
    from eval.rendering import render_failures, render_report

    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    console = Console()
    render_report(found, console)
    if failures:
        render_failures(found, console)
    if earlier is not None:
        render_comparison(compare(earlier, found), found, console)


def _load_report(path: Path) -> dict[str, Any]:
    from eval.dataset import GoldError

    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        return {"rows": report["rows"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GoldError(f"cannot read {path} as a report: name a report.json") from error


@contextmanager
def _progress() -> Iterator[Any]:
    from rich.progress import Progress

    with Progress(
        console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True
    ) as bar:
        task = bar.add_task("Asking", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
