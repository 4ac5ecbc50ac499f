"""Killed at random and run again, does an ingest end where an undisturbed one does?

    python -m benchmarks.kills ../shared/data/realtimeqa-mini

CORPUS is a BEIR folder. Its first articles, some of them copied by a second outlet, are taken in
by `dateline ingest` in one home and left alone; in another home the same is killed with SIGKILL at
random moments and started again, until all the kills were made, and then let finish. Then come
second versions of some articles, with kills of their own. The two homes must hold the same.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from benchmarks.homes import find_differences, least_cosine, read_home
from benchmarks.peers.beir_files import CorpusArticle, corpus_files, json_line, read_corpus
from retrieval.settings import RetrievalSettings

_ROOT = Path(__file__).parent.parent
_SHORT = range(800, 5_000)
_COPIED, _UPDATED = 20, 10
_POLL_S = 0.05
_WORDS = ("police", "covid", "president", "million", "weather", "game", "monday")

Start = Callable[[], subprocess.Popen[str]]


class IngestFailed(Exception):
    """An ingest that nobody killed did not exit with 0."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Of an undisturbed run: when the first articles were indexed, and when it ended."""

    first_indexed_s: float
    ended_s: float

    def draw(self, kills: int, chance: random.Random) -> float:
        """A moment to kill at. A kill loses the batch it falls in, no more: the window of many
        kills is cut so that the work lasts for about all of them."""
        indexing_s = self.ended_s - self.first_indexed_s
        return chance.uniform(0, self.first_indexed_s + indexing_s * min(1, 4 / kills))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a home has come."""

    articles: int = 0
    revision: int = 0
    checkpoint: int = 0

    def __str__(self) -> str:
        return f"{self.articles} archived, {self.checkpoint} of {self.revision} revisions indexed"


@dataclass(frozen=True, slots=True)
class Kill:
    """What the process was doing is told from the files that it had open."""

    moment_s: float
    phase: str
    progress: Progress

    def __str__(self) -> str:
        return f"{self.moment_s:5.1f} s, {self.phase}: {self.progress}"


def main(
    corpus: Annotated[Path, typer.Argument(envvar="BEIR", help="BEIR folder with the corpus.")],
    kills: Annotated[
        int, typer.Option(min=1, help="How many kills, the updates' among them.")
    ] = 20,
    articles: Annotated[int, typer.Option(min=1, help="How many articles, copies apart.")] = 300,
    seed: Annotated[int, typer.Option(help="Of the kills' moments.")] = 0,
) -> None:
    if not any(path.is_file() for path in corpus_files(corpus)):
        raise typer.BadParameter(f"{corpus} holds no corpus.jsonl[.gz]: name a BEIR folder")
    console, chance = Console(highlight=False, soft_wrap=True), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        inputs = write_inputs(corpus, articles, Path(folder))
        undisturbed, killed = (_settings_of(Path(folder) / name) for name in ("one", "other"))
        updating = max(kills // 5, 1) if kills > 1 else 0
        for path, share in zip(inputs, (kills - updating, updating), strict=True):
            pace = time_undisturbed(_ingest(undisturbed, path), undisturbed)
            console.print(f"{path.stem}, undisturbed: {pace.ended_s:.1f} s. Killed after:")
            for kill in kill_at_random(_ingest(killed, path), killed, pace, share, chance):
                console.print(f"  {kill}")
            finish(_ingest(killed, path))
        expected, home = read_home(undisturbed, _WORDS), read_home(killed, _WORDS)

    differences = find_differences(expected, home)
    console.print(
        f"Compared {len(expected.articles)} articles, {len(set(expected.stories.values()))} "
        f"stories, {len(expected.chunks)} chunks; the least cosine of two vectors is "
        f"{least_cosine(expected.vectors, home.vectors):.4f}, of two sentences' "
        f"{least_cosine(expected.sentence_vectors, home.sentence_vectors):.4f}."
    )
    for difference in differences:
        console.print(f"  {difference}")
    console.print(f"{len(differences)} differences." if differences else "No difference.")
    raise typer.Exit(1 if differences else 0)


def kill_at_random(
    start: Start, settings: RetrievalSettings, pace: Pace, kills: int, chance: random.Random
) -> Iterator[Kill]:
    """Start until so many were killed; one that ends before its moment must have succeeded."""
    made = 0
    while made < kills:
        moment_s = pace.draw(kills, chance)
        process = start()
        try:
            _, stderr = process.communicate(timeout=moment_s)
        except subprocess.TimeoutExpired:
            kill = Kill(moment_s, _name_phase(process.pid), _read_progress(settings))
            process.kill()
            process.communicate()
            made += 1
            yield kill
        else:
            _check(process, stderr)


def finish(start: Start) -> None:
    """Raises IngestFailed."""
    process = start()
    _, stderr = process.communicate()
    _check(process, stderr)


def time_undisturbed(start: Start, settings: RetrievalSettings) -> Pace:
    """Raises IngestFailed."""
    before = _read_progress(settings).checkpoint
    first_indexed_s: float | None = None
    started = time.monotonic()
    process = start()
    while process.poll() is None:
        time.sleep(_POLL_S)
        if first_indexed_s is None and _read_progress(settings).checkpoint > before:
            first_indexed_s = time.monotonic() - started
    ended_s = time.monotonic() - started
    _, stderr = process.communicate()
    _check(process, stderr)
    return Pace(first_indexed_s or ended_s, ended_s)


def write_inputs(corpus: Path, count: int, folder: Path) -> tuple[Path, Path]:
    """The first short articles of a BEIR corpus, and second versions of some of them."""
    short = [article for article in read_corpus(corpus) if len(article.text) in _SHORT][:count]
    copies = [
        replace(article, doc_id=f"{article.doc_id}-copy", source="The Second Outlet")
        for article in short[::_COPIED]
    ]
    updates = [
        replace(article, text=f"{article.text}\n\nThe count was later put at {number} thousand.")
        for number, article in enumerate(short[::_UPDATED])
    ]
    return (
        _write_lines(folder / "first versions.jsonl", [*short, *copies]),
        _write_lines(folder / "second versions.jsonl", updates),
    )


def _write_lines(path: Path, articles: Sequence[CorpusArticle]) -> Path:
    path.write_text("".join(map(json_line, articles)), encoding="utf-8")
    return path


def _settings_of(home: Path) -> RetrievalSettings:
    embedded = {"home": home, "archive_url": None, "chroma_url": None}
    return RetrievalSettings.load().model_copy(update=embedded)


def _ingest(settings: RetrievalSettings, path: Path) -> Start:
    environment = {**os.environ, "DATELINE_HOME": str(settings.home), "HF_HUB_OFFLINE": "1"}
    return lambda: subprocess.Popen(
        [sys.executable, str(_ROOT / "dateline.py"), "ingest", str(path)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _check(process: subprocess.Popen[str], stderr: str) -> None:
    if process.returncode:
        raise IngestFailed(f"exit {process.returncode}: {stderr.strip()}")


@contextmanager
def look_into(settings: RetrievalSettings) -> Iterator[Connection]:
    """Read only, so that the next process finds what the killed one left."""
    url = settings.sqlalchemy_url
    if settings.archive_url is None:
        url = f"sqlite:///file:{settings.home / 'archive.db'}?mode=ro&uri=true"
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def _read_progress(settings: RetrievalSettings) -> Progress:
    try:
        with look_into(settings) as connection:
            counts = connection.exec_driver_sql(
                "SELECT (SELECT count(*) FROM articles),"
                " coalesce((SELECT value FROM counters WHERE name = 'revision'), 0),"
                " coalesce((SELECT checkpoint FROM generations WHERE active), 0)"
            ).one()
    except DBAPIError:
        return Progress()
    return Progress(*counts)


def _name_phase(pid: int) -> str:
    try:
        opened = {path.readlink().name for path in Path(f"/proc/{pid}/fd").iterdir()}
    except OSError:
        return "running"
    if "index.lock" in opened:
        return "indexing"
    return "reading" if "archive.db" in opened else "starting or ending"


if __name__ == "__main__":
    typer.run(main)
