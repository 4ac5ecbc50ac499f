"""The evaluation's command."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer()


@app.callback()
def _commands() -> None:
    """Keeps `eval` a command of its own name."""


@app.command("eval")
def evaluate(
    gold: Annotated[Path | None, typer.Option(help="Gold questions, as JSON Lines.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="The articles they are about.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
    report: Annotated[Path | None, typer.Option(help="Folder to write report.json to.")] = None,
    gate: Annotated[bool, typer.Option("--gate", help="Exit 1 below a floor.")] = False,
    floors: Annotated[
        Path | None, typer.Option(help="The floors; default eval/floors.json.")
    ] = None,
) -> None:
    """Ask every gold question and score the answers, in a fresh archive of their own."""
    from eval.dataset import EXAMPLES, GOLD, load_gold
    from eval.gate import FLOORS, find_regressions, load_floors
    from eval.report import build_report, render_report
    from eval.runner import summarise
    from eval.session import run_gold

    gold_set = load_gold(gold or GOLD)
    bounds = load_floors(floors or FLOORS) if gate else None
    with tempfile.TemporaryDirectory(prefix="dateline-eval-") as home:
        rows = run_gold(gold_set, corpus or EXAMPLES, Path(home))
    built = build_report(rows, gold_set.digest)
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        content = json.dumps(built, ensure_ascii=False, indent=2)
        (report / "report.json").write_text(content, encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(built, ensure_ascii=False, indent=2))
    else:
        render_report(rows, Console())
    if bounds is None:
        return
    wrong = find_regressions(summarise(rows), bounds, gold_set.digest)
    for line in wrong:
        typer.echo(f"gate: {line}", err=True)
    if wrong:
        raise typer.Exit(1)
    typer.echo("gate: passed", err=True)
