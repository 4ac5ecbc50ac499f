"""A backup taken under load and restored elsewhere: does it answer the gold questions as before?

    python -m benchmarks.restores [--seconds 20]

The sample articles are in an archive that `dateline serve` answers from, embedded or on a
PostgreSQL and a Chroma server. While clients ask the gold questions, and others put in and remove
articles of their own, `dateline backup` runs. Its file is restored into a new home of either kind,
where what the others had just put in is removed; a `dateline serve` there is asked every gold
question, as the first was before the load. Exits 1 where answers differ or a request failed.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.gold_clients import (
    WRITTEN,
    Answers,
    Clients,
    Observed,
    ask_all,
    find_differences,
)
from eval.dataset import EXAMPLES, GOLD, GoldItem, load_gold
from eval.statistics import percentile
from tests.journeys.conftest import CommandLine, serving
from tests.stores import run_servers

_KINDS = ("embedded", "servers")
UNLIMITED = {"DATELINE_BOT__RATE_LIMIT": "900000/second"}


@dataclass(frozen=True, slots=True)
class Load:
    """How many ask and write, and how long before the backup and after it."""

    askers: int
    writers: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Backup:
    """`articles` are those in the file, `answers` those before the load."""

    file: Path
    articles: int
    seconds: float
    answers: Answers
    asked_meanwhile: int
    observed: Observed

    def __str__(self) -> str:
        waits_ms = [1000 * (answered - asked) for asked, answered in self.observed.questions]
        median, last = (percentile(waits_ms, share) for share in (0.5, 0.99))
        return (
            f"backup of {self.articles} articles in {self.seconds:.1f} s\n"
            f"  meanwhile {len(waits_ms)} questions answered (p50 {median:.0f} ms, p99 "
            f"{last:.0f} ms), {self.asked_meanwhile} of them during it; {self.observed.writes} "
            f"articles put in or removed; errors: {self.observed.errors[:3] or 'none'}"
        )


def main(
    seconds: Annotated[float, typer.Option(min=0, help="Load before a backup, and after.")] = 20,
    askers: Annotated[int, typer.Option(min=1, help="Clients that ask.")] = 2,
    writers: Annotated[int, typer.Option(min=1, help="Clients that add and remove.")] = 2,
    questions: Annotated[int, typer.Option(min=1, help="At most so many gold questions.")] = 1_000,
) -> None:
    """Back up and restore, and print what came of it."""
    console = Console(highlight=False, soft_wrap=True)
    items = load_gold(GOLD).items[:questions]
    backups: dict[str, Backup] = {}
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for kind in _KINDS:
            with _stores(kind):
                command_line = CommandLine(Path(folder) / kind, UNLIMITED)
                run(command_line, "ingest", str(EXAMPLES))
                file = Path(folder) / f"{kind}.backup.gz"
                backup = back_up(command_line, file, items, Load(askers, writers, seconds))
            console.print(f"{kind}: {backup}")
            failed |= bool(backup.observed.errors)
            backups[kind] = backup
        for kind, (origin, backup) in itertools.product(_KINDS, backups.items()):
            with _stores(kind):
                command_line = CommandLine(Path(folder) / f"{origin}, {kind}", UNLIMITED)
                started = time.monotonic()
                removed = restore(command_line, backup.file)
                spent_s = time.monotonic() - started
                with serving(command_line) as url:
                    differing = find_differences(backup.answers, ask_all(url, items))
            console.print(
                f"from {origin} to {kind}: {spent_s:.1f} s, {removed} of the others' articles "
                f"removed; {len(items)} questions, answered otherwise: {differing or 'none'}"
            )
            failed |= bool(differing)
    raise typer.Exit(1 if failed else 0)


def back_up(command_line: CommandLine, file: Path, items: Sequence[GoldItem], load: Load) -> Backup:
    """Of a home that holds the sample articles, under load."""
    with serving(command_line) as url:
        answers = ask_all(url, items)
        with Clients(url, items).at_work(load.askers, load.writers) as observed:
            time.sleep(load.seconds)
            started = time.monotonic()
            rows = command_line.json("backup", str(file))["rows"]
            ended = time.monotonic()
            time.sleep(load.seconds)
    during = [1 for asked, answered in observed.questions if asked < ended and answered > started]
    return Backup(file, rows["articles"], ended - started, answers, len(during), observed)


def restore(command_line: CommandLine, file: Path) -> int:
    """With the sample articles alone; how many others were removed."""
    run(command_line, "restore", str(file))
    listed = command_line.json("articles", "list")["articles"]
    written = [each["article_id"] for each in listed if (each["url"] or "").startswith(WRITTEN)]
    if written:
        run(command_line, "articles", "remove", *written)
        # Removed words count in a lexical index until it is made anew.
        run(command_line, "reindex")
    return len(written)


def run(command_line: CommandLine, *arguments: str) -> None:
    finished = command_line.run(*arguments)
    assert finished.returncode == 0, finished.stderr


@contextmanager
def _stores(kind: str) -> Iterator[None]:
    with (
        tempfile.TemporaryDirectory() as folder,
        run_servers(Path(folder)) if kind == "servers" else nullcontext(),
    ):
        yield


if __name__ == "__main__":
    typer.run(main)
