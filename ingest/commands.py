"""The commands that bring articles in and keep house."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table

from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings
from retrieval.wire import build_article, build_listing

if TYPE_CHECKING:
    from ingest.pipeline import IngestReport

app = typer.Typer()
articles = typer.Typer(help="List, show or remove articles.")
app.add_typer(articles, name="articles")

Json = Annotated[bool, typer.Option("--json", help="Print JSON alone on standard output.")]


@app.command()
def ingest(
    inputs: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files and folders.")],
    as_json: Json = False,
) -> None:
    """Take in articles: text, Markdown, HTML, JSONL, or folders of them."""
    from ingest.indexer import Indexer, catch_up_or_wait
    from ingest.pipeline import archive_articles
    from ingest.settings import IngestSettings

    settings = IngestSettings.load()
    started = time.perf_counter()
    with open_library(RetrievalSettings.load()) as library:
        with _show_progress("Reading") as progress:
            report = archive_articles(inputs, library, settings, progress.advance)
        with _show_progress("Indexing") as progress:
            chunks = catch_up_or_wait(library, Indexer(library), progress.update)
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        typer.echo(json.dumps(build_report(report, chunks, seconds), ensure_ascii=False, indent=2))
    else:
        _print_report(report, chunks, seconds)
    if report.failed:
        raise typer.Exit(3)


@app.command()
def reindex(as_json: Json = False) -> None:
    """Rebuild both indexes from the archive, with the current settings, then swap them in."""
    from ingest.indexer import Indexer
    from retrieval.indexes import hold_indexes

    started = time.perf_counter()
    with (
        open_library(RetrievalSettings.load()) as library,
        hold_indexes(library.settings, library.generations) as indexes,
        _show_progress("Indexing") as progress,
    ):
        chunks = Indexer(library).rebuild(indexes, progress.update)
        count = library.archive.count()
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        typer.echo(json.dumps({"articles": count, "chunks": chunks, "seconds": seconds}))
    else:
        typer.echo(f"{count} articles, {chunks} chunks indexed anew in {seconds} s.")


@articles.command("list")
def list_articles(as_json: Json = False) -> None:
    """List every article, newest first."""
    with open_library(RetrievalSettings.load()) as library:
        listed = [build_listing(article) for article in library.archive]
    if as_json:
        typer.echo(json.dumps({"articles": listed}, ensure_ascii=False, indent=2))
        return
    table = Table(box=None)
    for heading in ("id", "published", "source", "title"):
        table.add_column(heading, no_wrap=heading != "title")
    for row in listed:
        day = (row["published_at"] or "undated")[:10]
        table.add_row(row["article_id"], day, row["source"] or "", row["title"])
    Console().print(table if listed else "There are no articles yet: `dateline ingest PATH`.")


@articles.command("show")
def show_article(article_id: str, as_json: Json = False) -> None:
    """Show one article whole."""
    with open_library(RetrievalSettings.load()) as library:
        article = library.archive.get(article_id)
    if as_json:
        typer.echo(json.dumps(build_article(article), ensure_ascii=False, indent=2))
        return
    moment = article.published_at
    day = "undated" if moment is None else f"{moment.day} {moment:%B %Y}"
    byline = ", ".join(filter(None, (article.source, day)))
    typer.echo(f"{article.title}\n{byline}")
    typer.echo(f"{article.url or article.path}\n\n{article.text}")


@articles.command("remove")
def remove_articles(article_ids: Annotated[list[str], typer.Argument(metavar="ID…")]) -> None:
    """Remove articles; they stop answering at once."""
    from ingest.indexer import Indexer, catch_up_or_wait, ignore_progress

    with open_library(RetrievalSettings.load()) as library:
        for article_id in article_ids:
            library.archive.get(article_id)
        for article_id in article_ids:
            library.archive.remove(article_id)
        catch_up_or_wait(library, Indexer(library), ignore_progress)
    typer.echo(f"{len(article_ids)} article(s) removed.")


def build_report(report: IngestReport, chunks: int, seconds: float) -> dict[str, object]:
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "failed": [{"input": f.input, "error": f.error} for f in report.failed],
        "chunks": chunks,
        "seconds": seconds,
    }


def _print_report(report: IngestReport, chunks: int, seconds: float) -> None:
    typer.echo(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.duplicates} carrying a known story; {chunks} chunks indexed in {seconds} s."
    )
    for failure in report.failed:
        typer.echo(f"dateline: {failure.input} {failure.error}", err=True)


class _Progress:
    """A bar on a terminal; nothing elsewhere."""

    def __init__(self, bar: Bar, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def advance(self, name: str) -> None:
        self._bar.update(self._task, advance=1, detail=name)

    def update(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)


@contextmanager
def _show_progress(description: str) -> Iterator[_Progress]:
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    with bar:
        yield _Progress(bar, bar.add_task(description, total=None, detail=""))
