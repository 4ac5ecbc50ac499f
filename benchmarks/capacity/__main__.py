"""How latency and memory grow with the archive, and what that asks of machines: docs/scaling.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks.capacity.drawing import Chart, draw
from benchmarks.capacity.filling import fill as fill_homes
from benchmarks.capacity.made import Maker, read_themes
from benchmarks.capacity.measuring import FILTERS
from benchmarks.capacity.measuring import measure as measure_home
from benchmarks.capacity.planning import (
    Costs,
    Machines,
    build_stages,
    find_first_saturated,
    plan,
    read_costs,
)
from benchmarks.capacity.simulation import Load, Stage, simulate
from benchmarks.capacity.stages import STAGES
from retrieval.embedder import BUNDLED_MODEL, SentenceTransformerEmbedder

RESULTS = Path(__file__).parent / "results.jsonl"
_SIZES = (10**5, 10**6, 10**7, 10**8)
_RATES = (10.0, 100.0, 1_000.0)
_QUESTIONS_SIMULATED = 4_000
_POOLS = {"API replicas": "api", "Chroma servers": "chroma", "PostgreSQL": "postgres"}

app = typer.Typer(no_args_is_help=True, help=__doc__)
Beir = Annotated[Path, typer.Option(envvar="BEIR", help="Folder with a corpus and queries.")]
Results = Annotated[Path, typer.Argument(help="JSON lines, one a home.")]
AnswerMs = Annotated[float, typer.Option(help="Of a processor, besides what retrieving costs.")]


@app.command()
def fill(
    folder: Annotated[Path, typer.Argument(help="Gets a home for every size.")],
    beir: Beir,
    size: Annotated[list[int], typer.Option(help="Chunks; may be given again.")],
) -> None:
    """Make homes of made articles, each grown from the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    embedder = SentenceTransformerEmbedder(BUNDLED_MODEL, folder / "models")
    themes = read_themes(beir, embedder, folder / "themes.npy")
    fill_homes(folder, Maker(themes), size, Console(highlight=False))


@app.command()
def measure(
    home: Annotated[Path, typer.Argument(exists=True)],
    beir: Beir,
    into: Annotated[Path, typer.Option(help="JSON lines; one is added.")] = RESULTS,
    each: Annotated[int, typer.Option(min=1, help="Questions under each filter.")] = 200,
) -> None:
    """Ask one home, in this process."""
    lines = (beir / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    questions = list(dict.fromkeys(json.loads(line)["text"] for line in lines))
    found = measure_home(home, questions, each)
    with into.open("a", encoding="utf-8") as file:
        file.write(json.dumps(found) + "\n")


@app.command(name="draw")
def draw_charts(folder: Path = Path("docs"), results: Results = RESULTS) -> None:
    """Latency and its stages, and memory, as SVG."""
    by_size = {int(found["chunks"]): found for found in _read(results)}

    def curve(read: Any) -> dict[int, float]:
        return {size: read(found) for size, found in by_size.items()}

    latency = {
        name: curve(lambda found, of=name: found["latencies_ms"][of]["wall"]["p50"])
        for name in FILTERS
    }
    stages = {
        stage: curve(lambda found, of=stage: found["latencies_ms"]["none"]["stages"][of]["cpu"])
        for stage in STAGES
    }
    shown = {stage: costs for stage, costs in stages.items() if min(costs.values()) > 0}
    memory = {
        "after the questions": curve(lambda found: found["memory_mb"]["all questions"]["resident"]),
        **{
            f"disk: {part}": curve(lambda found, of=part: found["disk_mb"][of])
            for part in ("archive", "vectors", "words")
        },
    }
    charts = {
        "scaling_latency": Chart("To retrieve for a question, p50, by filter", "ms", latency),
        "scaling_stages": Chart("Its stages, without a filter, p50", "ms", shown),
        "scaling_memory": Chart("Memory and disk", "MB", memory),
    }
    for name, chart in charts.items():
        (folder / f"{name}.svg").write_text(draw(chart), encoding="utf-8")


@app.command(name="table")
def print_tables(results: Results = RESULTS) -> None:
    """What was measured, as tables in Markdown: a row a size."""
    by_size = {int(found["chunks"]): found for found in _read(results)}
    filters = " | ".join(FILTERS)
    typer.echo(f"| chunks | {filters} | recall@10 | memory MB | disk GB | opened s |")
    typer.echo("|" + "---|" * (len(FILTERS) + 5))
    for size, found in sorted(by_size.items()):
        latencies = " | ".join(
            f"{found['latencies_ms'][name]['wall']['p50']:.0f} "
            f"({found['latencies_ms'][name]['wall']['p95']:.0f})"
            for name in FILTERS
        )
        memory = found["memory_mb"]["all questions"]["resident"]
        disk = sum(found["disk_mb"].values()) / 1000
        typer.echo(
            f"| {size:,} | {latencies} | {found['recall']:.3f} | {memory:,.0f} | {disk:.2f} | "
            f"{found['first_answer_s']:.1f} |"
        )
    typer.echo("\n| stage | " + " | ".join(f"{size:,}" for size in sorted(by_size)) + " |")
    typer.echo("|" + "---|" * (len(by_size) + 1))
    for stage in STAGES:
        costs = [
            by_size[size]["latencies_ms"]["none"]["stages"][stage]["cpu"]
            for size in sorted(by_size)
        ]
        if any(costs):
            typer.echo(f"| {stage} | " + " | ".join(f"{cost:.1f}" for cost in costs) + " |")


@app.command(name="plan")
def print_plan(answer_ms: AnswerMs, results: Results = RESULTS) -> None:
    """Machines for sizes and rates, as a table in Markdown."""
    costs = read_costs(_read(results), answer_ms)
    typer.echo(
        "| chunks | questions/s | first full | API | Chroma | PostgreSQL | p95 ms | a month |"
    )
    typer.echo("|---|---|---|---|---|---|---|---|")
    for chunks in _SIZES:
        for rate in _RATES:
            typer.echo(_describe(costs, chunks, rate, Machines()))


@app.command()
def validate(
    server_ms: Annotated[float, typer.Option(help="The server's processor time an answer.")],
    spread: Annotated[float, typer.Option(help="Its standard deviation over its mean.")] = 1.0,
    askers: Annotated[int, typer.Option(min=1)] = 50,
    think_s: Annotated[float, typer.Option(min=0)] = 0.0,
) -> None:
    """What benchmarks.load should print: a server of one process runs Python on one processor."""
    stages = (Stage("interpreter", server_ms, spread),)
    load = Load(askers=askers, think_s=think_s)
    found = simulate(stages, {"interpreter": 1}, load, 300.0)
    typer.echo(
        f"{found.answers_per_s:.1f} answers/s, p50 {found.p50_ms:.0f} ms, p95 {found.p95_ms:.0f} ms"
    )


def _describe(costs: Costs, chunks: int, rate: float, on: Machines) -> str:
    parts = plan(costs, chunks, rate, on)
    pools = {_POOLS[part.name]: part.machines * on.cores for part in parts}
    found = simulate(
        build_stages(costs, chunks), pools, Load(rate=rate), _QUESTIONS_SIMULATED / rate
    )
    sizes = " | ".join(f"{part.machines} × {part.memory_gib:,.1f} GiB" for part in parts)
    price = sum(part.cost_a_month(on) for part in parts)
    first = find_first_saturated(costs, chunks, on)
    return f"| {chunks:,} | {rate:,.0f} | {first} | {sizes} | {found.p95_ms:.0f} | {price:,.0f} |"


def _read(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    app()
