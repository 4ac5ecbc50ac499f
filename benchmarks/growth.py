"""Whether memory and pace stay level as the archive grows.

    python -m benchmarks.growth [--beir DIR] [--articles N]

One process takes in a whole corpus at once; a row is printed for every thousand articles.
"""

from __future__ import annotations

import resource
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.peers.beir_files import json_line, read_corpus
from ingest.indexer import Indexer
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.indexes import hold_indexes
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings

_ARTICLES_A_ROW = 1_000
_COLUMN = 12


def main(
    beir: Annotated[Path, typer.Option(envvar="BEIR", help="Folder with a corpus.")] = Path(
        "../shared/data/realtimeqa"
    ),
    articles: Annotated[int, typer.Option(min=1, help="How many of its articles.")] = 8_000,
    keep: Annotated[Path | None, typer.Option(help="An empty home to fill and keep.")] = None,
) -> None:
    """Take in a corpus and print what it costs on the way."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        home = keep or Path(folder) / "home"
        settings = RetrievalSettings.load().model_copy(update={"home": home})
        corpus = Path(folder) / "corpus.jsonl"
        lines = map(json_line, islice(read_corpus(beir), articles))
        corpus.write_text("".join(lines), encoding="utf-8")
        with open_library(settings) as library:
            _print_row(console, "archived", "s", "articles/s", "RSS MB", "disk MB")
            meter = _Meter(console, home)
            archive_articles([str(corpus)], library, IngestSettings(), lambda _: meter.count(1))
            _print_row(console, "indexed", "s", "articles/s", "RSS MB", "disk MB")
            meter = _Meter(console, home)
            with hold_indexes(settings, library.generations) as indexes:
                chunks = Indexer(library).catch_up(
                    indexes, lambda done, _: meter.count(done - meter.done)
                )
        console.print(f"{chunks:,} chunks")


class _Meter:
    """Prints a row whenever a thousand articles more are done."""

    def __init__(self, console: Console, home: Path) -> None:
        self._console, self._home = console, home
        self._rows, self._since, self.done = 0, time.perf_counter(), 0

    def count(self, more: int) -> None:
        self.done += more
        if self.done // _ARTICLES_A_ROW == self._rows:
            return
        rows = self.done // _ARTICLES_A_ROW
        spent_s = time.perf_counter() - self._since
        pace = (rows - self._rows) * _ARTICLES_A_ROW / spent_s
        disk = sum(path.stat().st_size for path in self._home.rglob("*") if path.is_file())
        _print_row(
            self._console,
            f"{self.done:,}",
            f"{spent_s:.1f}",
            f"{pace:.1f}",
            f"{_resident_bytes() / 1e6:,.0f}",
            f"{disk / 1e6:,.0f}",
        )
        self._rows, self._since = rows, time.perf_counter()


def _print_row(console: Console, *cells: str) -> None:
    console.print("".join(cell.rjust(_COLUMN) for cell in cells))


def _resident_bytes() -> int:
    """Linux only; the peak elsewhere would hide what was given back."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


if __name__ == "__main__":
    typer.run(main)
