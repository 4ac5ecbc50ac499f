"""Many people asking one running server at once: how long they wait, and what it costs the server.

    python -m benchmarks.load http://127.0.0.1:8000 --askers 50 --seconds 120 --pid PID

Each asker waits for its answer, thinks, and asks the next question. A server that is full may
refuse (503) or limit (429); an asker then waits as long as it is told to. Latencies are of answers
alone. Afterwards one more question shows whether the server recovered.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from eval.dataset import GOLD
from eval.statistics import percentile

_ANSWERED = 200
_REFUSALS = (429, 503)
_PAUSE_S = 1.0
_SHOWN = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who ask, what, for how long; `connection` is how their clients are made."""

    questions: tuple[str, ...]
    askers: int
    seconds: float
    think_s: float
    connection: dict[str, Any]


@dataclass(slots=True)
class Tally:
    """What came back; latencies of answers alone, in milliseconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)


def main(
    url: Annotated[str, typer.Argument(help="Address of the server.")],
    askers: Annotated[int, typer.Option(min=1, help="Who ask at once.")] = 50,
    seconds: Annotated[float, typer.Option(min=1, help="How long they do.")] = 120.0,
    think_s: Annotated[float, typer.Option(min=0, help="Between answer and question.")] = 0.0,
    questions: Annotated[
        Path, typer.Option(exists=True, help="JSONL, a `question` a line.")
    ] = GOLD,
    pid: Annotated[
        int | None, typer.Option(help="The server's process, to see its memory.")
    ] = None,
    key: Annotated[str | None, typer.Option(envvar="LOAD_KEY", help="API key.")] = None,
    timeout_s: Annotated[float, typer.Option(min=1, help="Longest wait for an answer.")] = 60.0,
    settle_s: Annotated[float, typer.Option(min=0, help="Rest before looking back.")] = 5.0,
) -> None:
    """Ask, and print what came back."""
    console = Console(highlight=False)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    connection: dict[str, Any] = {"base_url": url, "headers": headers, "timeout": timeout_s}
    crowd = Crowd(read_questions(questions), askers, seconds, think_s, connection)
    one = {"question": crowd.questions[0]}
    with httpx.Client(**connection, trust_env=False) as client:
        client.post("/ask", json=one).raise_for_status()
        before_mb = _resident_mb(pid)
        tally = asyncio.run(_ask_all(crowd))
        _print_tally(console, tally, crowd)
        time.sleep(settle_s)
        if before_mb:
            after_mb = _resident_mb(pid)
            change = after_mb / before_mb - 1
            console.print(f"memory: {before_mb:.0f} MB, then {after_mb:.0f} MB ({change:+.1%})")
        started = time.perf_counter()
        status = client.post("/ask", json=one).status_code
        console.print(f"afterwards: {status} in {1000 * (time.perf_counter() - started):.0f} ms")


async def _ask_all(crowd: Crowd) -> Tally:
    tally = Tally()
    until = time.monotonic() + crowd.seconds
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with (
        httpx.AsyncClient(**crowd.connection, limits=limits, trust_env=False) as client,
        asyncio.TaskGroup() as group,
    ):
        for asker in range(crowd.askers):
            group.create_task(_ask_on(client, crowd, random.Random(asker), tally, until))
    return tally


async def _ask_on(
    client: httpx.AsyncClient, crowd: Crowd, chance: random.Random, tally: Tally, until: float
) -> None:
    """One asker, until the time is up."""
    while time.monotonic() < until:
        started = time.perf_counter()
        pause_s = crowd.think_s
        try:
            question = chance.choice(crowd.questions)
            response = await client.post("/ask", json={"question": question})
        except httpx.HTTPError as error:
            tally.errors[type(error).__name__] += 1
            pause_s += _PAUSE_S
        else:
            tally.statuses[response.status_code] += 1
            if response.status_code == _ANSWERED:
                tally.latencies_ms.append(1000 * (time.perf_counter() - started))
            elif response.status_code in _REFUSALS:
                told = response.headers.get("retry-after", "")
                pause_s += float(told) if told.isdigit() else _PAUSE_S
        await asyncio.sleep(min(pause_s, max(0.0, until - time.monotonic())))


def _print_tally(console: Console, tally: Tally, crowd: Crowd) -> None:
    requests = tally.statuses.total() + tally.errors.total()
    console.print(f"{requests} requests by {crowd.askers} askers in {crowd.seconds:.0f} s")
    statuses = ", ".join(f"{count} × {status}" for status, count in sorted(tally.statuses.items()))
    errors = ", ".join(f"{count} × {name}" for name, count in tally.errors.most_common())
    console.print(f"statuses: {statuses or 'none'}; errors: {errors or 'none'}")
    if tally.latencies_ms:
        shown = (f"p{100 * at:.0f} {percentile(tally.latencies_ms, at):.0f} ms" for at in _SHOWN)
        rate = len(tally.latencies_ms) / crowd.seconds
        console.print(f"answers: {', '.join(shown)}; {rate:.1f}/s")


def read_questions(path: Path) -> tuple[str, ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line)["question"] for line in lines if line.strip())


def _resident_mb(pid: int | None) -> float:
    """0 where no process is named."""
    if pid is None:
        return 0.0
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    typer.run(main)
