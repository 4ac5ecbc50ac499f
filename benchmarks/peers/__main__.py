"""Dateline beside other stacks: same articles, weights, cores and questions.

    python -m benchmarks.peers [--beir DIR] [--peer NAME]…

README.md says what is compared, and what is not equal.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from ir_measures import RR, Success, calc_aggregate
from rich.console import Console
from rich.table import Table

from benchmarks.peers.beir_files import (
    Measurement,
    corpus_files,
    load_measurement,
    read_qrels,
)

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_VENV = _ROOT / ".venv-peers"
_REQUIREMENTS = _HERE / "requirements.txt"
_CORES = 2
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
}
# Row of the table → how its numbers are written.
_ROWS = {
    "articles/s": ".1f",
    "CPU ms an article": ",.0f",
    "tokens read an article": ",.0f",
    "tokens read/s": ",.0f",
    "query, median ms": ".1f",
    "query, p95 ms": ".1f",
    "hit_rate@1": ".3f",
    "hit_rate@10": ".3f",
    "mrr@10": ".3f",
}


class Peer(StrEnum):
    LLAMA_INDEX = "llama_index"
    LLAMA_INDEX_SAME_CHUNKS = "llama_index_same_chunks"
    LLAMA_INDEX_HYBRID = "llama_index_hybrid"
    HAYSTACK = "haystack"
    LANGCHAIN = "langchain"
    TXTAI = "txtai"
    ALL = "all"


class StackFailed(Exception):
    """A stack, or making the environment for the peers, did not come to its end."""


def compare(
    beir: Annotated[
        Path, typer.Option(envvar="BEIR", help="Folder with corpus, queries and qrels.")
    ] = _ROOT.parent / "shared" / "data" / "realtimeqa-mini",
    peer: Annotated[
        list[Peer] | None, typer.Option(help="Whom to compare with; may be repeated.")
    ] = None,
) -> None:
    """Measure Dateline and its peers, one after the other, and print the table."""
    console, errors = Console(), Console(stderr=True, soft_wrap=True)
    if not any(path.is_file() for path in corpus_files(beir)):
        errors.print(f"{beir} holds no corpus.jsonl[.gz]: name a BEIR folder with --beir or $BEIR")
        raise typer.Exit(2)
    chosen = list(dict.fromkeys(peer or [Peer.LLAMA_INDEX]))
    if Peer.ALL in chosen:
        chosen = [each for each in Peer if each is not Peer.ALL]

    failed = False
    measured: list[Measurement] = []
    try:
        _install_peers(console)
        _keep_to_cores()
        measured.append(_measure("dateline", Path(sys.executable), beir, console))
    except StackFailed as error:
        errors.print(str(error), markup=False)
        raise typer.Exit(1) from error
    for each in chosen:
        try:
            measured.append(_measure(each, _VENV / "bin" / "python", beir, console))
        except StackFailed as error:
            errors.print(str(error), markup=False)
            failed = True
    console.print(_build_table(measured, read_qrels(beir)))
    raise typer.Exit(1 if failed else 0)


def _install_peers(console: Console) -> None:
    """Make .venv-peers, unless it holds these very requirements."""
    installed = _VENV / "requirements.txt"
    wanted = _REQUIREMENTS.read_text(encoding="utf-8")
    if installed.is_file() and installed.read_text(encoding="utf-8") == wanted:
        return
    console.print(f"Making {_VENV.name} and installing the peers (minutes, the first time) …")
    pip = [str(_VENV / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    torch = next(line for line in wanted.splitlines() if line.startswith("torch=="))
    _run([sys.executable, "-m", "venv", str(_VENV)])
    # Alone first: whatever else asks for torch finds it there, and fetches no other build.
    _run([*pip, torch])
    _run([*pip, "--requirement", str(_REQUIREMENTS)])
    installed.write_text(wanted, encoding="utf-8")


def _keep_to_cores() -> None:
    """Give every stack the same two cores; they inherit this."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])


def _measure(stack: str, python: Path, beir: Path, console: Console) -> Measurement:
    with tempfile.TemporaryDirectory() as folder, console.status(f"Running {stack} …"):
        out = Path(folder) / "measurement.json"
        _run([str(python), str(_HERE / f"{stack}_stack.py"), str(beir), str(out)])
        measured = load_measurement(out)
    console.print(
        f"{stack} {measured.version}: {measured.articles} articles in {measured.ingest_s:.0f} s, "
        f"{len(measured.latencies_ms)} queries"
    )
    return measured


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, env={**os.environ, **_OFFLINE}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StackFailed(f"{done.stderr}\nfailed: {' '.join(command)}")


def _score(measured: Measurement, qrels: dict[str, dict[str, int]]) -> dict[str, float]:
    """A number for every row. Means are over all judged questions: nothing found counts 0."""
    quality = calc_aggregate([Success @ 1, Success @ 10, RR @ 10], qrels, measured.run)
    return {
        "articles/s": measured.articles / measured.ingest_s,
        "CPU ms an article": 1000 * measured.ingest_cpu_s / measured.articles,
        "tokens read an article": measured.tokens_read / measured.articles,
        "tokens read/s": measured.tokens_read / measured.ingest_s,
        "query, median ms": statistics.median(measured.latencies_ms),
        "query, p95 ms": statistics.quantiles(measured.latencies_ms, n=20)[-1],
        "hit_rate@1": quality[Success @ 1],
        "hit_rate@10": quality[Success @ 10],
        "mrr@10": quality[RR @ 10],
    }


def _build_table(measured: list[Measurement], qrels: dict[str, dict[str, int]]) -> Table:
    """A column a stack; below each number, what multiple of Dateline's it is."""
    scores = [_score(each, qrels) for each in measured]
    table = Table(box=None)
    table.add_column("")
    for stack in measured:
        table.add_column(f"{stack.stack}\n{stack.version}", justify="right")
    for row, form in _ROWS.items():
        table.add_row(row, *(_cell(each[row], scores[0][row], form) for each in scores))
    return table


def _cell(theirs: float, ours: float, form: str) -> str:
    ratio = f"{theirs / ours:.2f}×" if ours else "–"
    return f"{theirs:{form}}\n[dim]{ratio}[/dim]"


if __name__ == "__main__":
    typer.run(compare)
