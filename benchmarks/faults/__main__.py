"""Run the faults and print the table; exits 1 where anything was lost, wrong or twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.faults.articles import make_articles
from benchmarks.faults.cluster import run_cluster
from benchmarks.faults.disks import move_apart
from benchmarks.faults.plan import plan_all, plan_kills
from benchmarks.faults.report import render_table
from benchmarks.faults.running import Load, Newsroom, Run, judge

_FIRST = 200
_SHOWN = 10


def main(
    articles: Annotated[int, typer.Option(min=1, help="Of the ingest under kills.")] = 2000,
    each: Annotated[int, typer.Option(min=1, help="Of the ingest under every other fault.")] = 60,
    only: Annotated[
        list[str] | None, typer.Option(help="Faults whose names hold this; all if unset.")
    ] = None,
    askers: Annotated[int, typer.Option(min=1, help="Who ask the API at once.")] = 3,
    report: Annotated[Path | None, typer.Option(help="Write the table there, too.")] = None,
    logs: Annotated[Path | None, typer.Option(help="Write the processes' logs there.")] = None,
) -> None:
    """Hurt a cluster, and say what its users saw."""
    console = Console(highlight=False, soft_wrap=True)
    with_disks = move_apart()
    if not with_disks:
        console.print("No disk is filled: that takes root and `unshare -m`.")
    sized = [(scenario, each) for scenario in plan_all(with_disks)] + [(plan_kills(), articles)]
    chosen = [(s, n) for s, n in sized if not only or any(part in s.name for part in only)]
    with run_cluster(with_disks=with_disks, logs=logs) as cluster:
        newsroom = Newsroom(cluster, make_articles(), Load(askers=askers))
        newsroom.fill(_FIRST)
        runs: list[Run] = []
        for scenario, count in chosen:
            runs.append(newsroom.run(scenario, count))
            _print_run(console, runs[-1])
            if report is not None:
                report.write_text(f"{render_table(runs)}\n", encoding="utf-8")
        problems = judge(newsroom)
    console.print(render_table(runs))
    console.print(
        f"{len(newsroom.acknowledged)} articles acknowledged, {len(newsroom.asked)} questions "
        f"over HTTP, {sum(len(c.questions) for c in newsroom.slack_crowds)} in Slack."
    )
    for kind, lines in problems.items():
        console.print(f"{kind}: {len(lines)}")
        for line in lines[:_SHOWN]:
            console.print(f"  {line}")
    recovered = all(run.recovered for run in runs)
    raise typer.Exit(1 if any(problems.values()) or not recovered else 0)


def _print_run(console: Console, run: Run) -> None:
    console.print(render_table([run]).splitlines()[-1])
    for problem, times in Counter(run.problems).items():
        console.print(f"    ingest, {times} ×: {problem}")


if __name__ == "__main__":
    typer.run(main)
