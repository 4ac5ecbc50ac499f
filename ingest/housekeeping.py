"""The commands that look after what was taken in."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.table import Table

from ingest.progress import Json, show_progress
from retrieval.archive import Archive
from retrieval.errors import SettingsError, describe_withdrawal
from retrieval.files import write_whole
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings
from retrieval.windows import parse_moment
from retrieval.wire import build_article, build_exported, build_listing, build_withdrawal

app = typer.Typer()
articles = typer.Typer(help="List, show, date or remove articles.")
app.add_typer(articles, name="articles")

_AGE = re.compile(r"([1-9]\d{0,4})([dwy])")
_DAYS = {"d": 1, "w": 7, "y": 365}
_EXPORTED_A_READ = 200
_LONG_S = 3600.0


@app.command()
def reindex(as_json: Json = False) -> None:
    """Rebuild both indexes from the archive, with the current settings, then swap them in."""
    from ingest.indexer import Indexer
    from retrieval.indexes import hold_vectors

    started = time.perf_counter()
    with (
        open_library(RetrievalSettings.load()) as library,
        hold_vectors(library.settings, library.generations) as indexes,
        show_progress("Indexing") as progress,
    ):
        chunks = Indexer(library).rebuild(indexes, progress.update)
        count = library.archive.count()
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        typer.echo(json.dumps({"articles": count, "chunks": chunks, "seconds": seconds}))
    else:
        typer.echo(f"{count} articles, {chunks} chunks re-indexed in {seconds} s.")


@app.command()
def index(
    follow: Annotated[
        bool, typer.Option("--follow", help="Keep indexing new articles until interrupted.")
    ] = False,
) -> None:
    """Index the archive in place of servers that do not (bot.index_articles)."""
    from ingest.following import follow_archive
    from ingest.indexer import Indexer, catch_up_or_wait
    from ingest.watching import stop_on_signals
    from retrieval.indexes import hold_vectors

    with open_library(RetrievalSettings.load()) as library:
        indexer = Indexer(library)
        if follow:
            with (
                stop_on_signals() as stop,
                hold_vectors(library.settings, library.generations) as indexes,
                follow_archive(indexer, indexes),
            ):
                typer.echo("Indexing new articles. Ctrl-C stops it.")
                while not stop.is_asked():
                    stop.wait(_LONG_S)
            return
        with show_progress("Indexing") as progress:
            chunks = catch_up_or_wait(library, indexer, progress.update)
        count = library.archive.count()
    typer.echo(f"{count} articles, all indexed; {chunks} chunks just now.")


@articles.command("list")
def list_articles(
    as_json: Json = False,
    withdrawn: Annotated[
        bool, typer.Option("--withdrawn", help="List what publishers have withdrawn, and when.")
    ] = False,
) -> None:
    """List every article, newest first."""
    if withdrawn:
        _list_withdrawn(as_json)
        return
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


def _list_withdrawn(as_json: bool) -> None:
    with open_library(RetrievalSettings.load()) as library:
        found = library.archive.list_withdrawn()
    if as_json:
        listed = [build_withdrawal(article_id, each) for article_id, each in found.items()]
        typer.echo(json.dumps({"withdrawn": listed}, ensure_ascii=False, indent=2))
        return
    for article_id, notice in found.items():
        typer.echo(f"{article_id}  {notice.identity or ''} {describe_withdrawal(notice)}")
    if not found:
        typer.echo("No publisher has withdrawn an article.")


@articles.command("show")
def show_article(article_id: str, as_json: Json = False) -> None:
    """Show the whole of an article."""
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


@articles.command("set")
def set_article(
    article_id: str,
    day: Annotated[
        str | None, typer.Option("--date", help="Its publication date, like 2026-03-05.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Its publisher.")] = None,
) -> None:
    """Set an article's publication date or publisher, where it does not state them."""
    from ingest.commands import read_given
    from ingest.indexer import Indexer, catch_up_or_wait, ignore_progress

    if day is None and source is None:
        raise SettingsError("nothing to set: give --date 2026-03-05, --source NAME, or both")
    given = read_given(day, source)
    with open_library(RetrievalSettings.load()) as library:
        library.archive.amend(article_id, given.published_at, given.source)
        catch_up_or_wait(library, Indexer(library), ignore_progress)
        article = library.archive.get(article_id)
    stated = "undated" if article.published_at is None else article.published_at.date().isoformat()
    typer.echo(f"{article.title}: {article.source or 'no source'}, {stated}.")


@articles.command("remove")
def remove_articles(
    article_ids: Annotated[list[str] | None, typer.Argument(metavar="ID…")] = None,
    older_than: Annotated[
        str | None,
        typer.Option(help="All older than this: 90d, 26w, 2y or a date. Undated ones stay."),
    ] = None,
) -> None:
    """Remove articles; they stop answering at once."""
    from ingest.indexer import Indexer, catch_up_or_wait, ignore_progress

    if not article_ids and older_than is None:
        raise SettingsError("nothing to remove: give article ids, or --older-than 90d")
    with open_library(RetrievalSettings.load()) as library:
        named = [library.archive.get(article_id).article_id for article_id in article_ids or ()]
        if older_than is not None:
            named += library.archive.published_before(parse_age(older_than, datetime.now(UTC)))
        removed = sum(library.archive.discard(article_id) for article_id in dict.fromkeys(named))
        catch_up_or_wait(library, Indexer(library), ignore_progress)
    typer.echo(f"{removed} article(s) removed.")


@app.command()
def export(
    file: Annotated[str, typer.Argument(help="A JSONL file; - for standard output.")] = "-",
) -> None:
    """Write every article as JSONL, which `dateline ingest` reads."""
    with open_library(RetrievalSettings.load()) as library, open_output(file) as output:
        count = _write_articles(library.archive, output)
    if file != "-":
        typer.echo(f"{count} article(s) written to {file}.")


def parse_age(text: str, now: datetime) -> datetime:
    """The moment that `90d`, `26w` or `2y` ago was, or a date. Raises InvalidDate."""
    match = _AGE.fullmatch(text.strip().lower())
    if match is None:
        return parse_moment(text)
    try:
        return now - timedelta(days=int(match[1]) * _DAYS[match[2]])
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def _write_articles(archive: Archive, output: TextIO) -> int:
    """In the order of their revisions, so that stories come together again as they did."""
    count = 0
    for changes in archive.batches_since(0, _EXPORTED_A_READ):
        revision = changes[-1].revision
        found = archive.get_many(change.article_id for change in changes)
        for article in sorted(found.values(), key=lambda article: article.revision):
            if article.revision <= revision:
                output.write(json.dumps(build_exported(article), ensure_ascii=False) + "\n")
                count += 1
    return count


@contextmanager
def open_output(file: str) -> Iterator[TextIO]:
    """A file is there whole or not at all. Raises StorageError."""
    if file == "-":
        yield sys.stdout
        return
    with write_whole(Path(file)) as unfinished, unfinished.open("w", encoding="utf-8") as output:
        yield output
