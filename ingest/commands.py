"""The command that brings articles in."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.progress import Json, show_progress
from retrieval.errors import SettingsError
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings

if TYPE_CHECKING:
    from ingest.documents import Given
    from ingest.pipeline import IngestReport
    from ingest.watching import Stop

app = typer.Typer()


@app.callback()
def _commands() -> None:
    """Keeps the command's name, though there is only one."""


@app.command()
def ingest(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH|URL|FEED…",
            help="Files, folders, patterns, pages, feeds or sitemaps; - for standard input.",
        ),
    ] = None,
    from_list: Annotated[
        Path | None, typer.Option("--list", help="A file that names further inputs, one per line.")
    ] = None,
    keep_watching: Annotated[
        bool, typer.Option("--watch", help="Keep running and check for new articles.")
    ] = False,
    every: Annotated[str, typer.Option(help="How often --watch checks: 90s, 15m, 2h, 1d.")] = "15m",
    ray: Annotated[
        str | None,
        typer.Option("--ray", metavar="ADDRESS|local", help="Spread the work over a Ray cluster."),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show each piece of text that was left out.")
    ] = False,
    day: Annotated[
        str | None,
        typer.Option(
            "--date", help="Publication date for articles that state none, like 2026-03-05."
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Publisher of articles that name none.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take in articles: files, folders, web pages, feeds."""
    from ingest.watching import parse_interval, stop_on_signals, watch

    named = [*(inputs or ()), *(_read_list(from_list) if from_list else ())]
    if not named:
        raise SettingsError("nothing to ingest: name files, folders, addresses or feeds")
    if keep_watching and ray:
        raise SettingsError("--watch cannot be used with --ray: leave one of them out")
    given = read_given(day, source)
    if keep_watching:
        every_s = parse_interval(every)
        with stop_on_signals() as stop:
            watch(
                named, every_s, lambda due: _ingest(due, given, stop)[0], stop, on_round=typer.echo
            )
        return
    from ingest.pipeline import build_report

    started = time.perf_counter()
    report, chunks = _ingest_on_workers(named, ray, given) if ray else _ingest(named, given)
    seconds = round(time.perf_counter() - started, 2)
    if as_json:
        typer.echo(json.dumps(build_report(report, chunks, seconds), ensure_ascii=False, indent=2))
    else:
        _print_report(report, chunks, seconds)
    for left in report.left_out if verbose else ():
        typer.echo(f"dateline: {left.input} left out: {left.text}", err=True)
    if report.failed:
        raise typer.Exit(3)


def read_given(day: str | None, source: str | None) -> Given:
    """Raises InvalidDate, and SettingsError for a day to come or a source without a name."""
    from ingest.cleaning import clean_name
    from ingest.dating import checked
    from ingest.documents import Given
    from retrieval.schema import is_by_day
    from retrieval.windows import parse_asked_at

    if source is not None and clean_name(source) is None:
        raise SettingsError("--source is empty: name a publisher")
    if day is None:
        return Given(source=clean_name(source))
    moment = parse_asked_at(day, end_of_day=False)
    # A day is midnight in UTC, as where an article states no more than that.
    moment = moment.replace(tzinfo=UTC) if is_by_day(moment) else moment
    published_at = checked(moment, UTC, datetime.now(UTC))
    if published_at is None:
        raise SettingsError(f"--date {day} is in the future: give the day of publication")
    return Given(published_at, clean_name(source))


def _ingest(
    inputs: Sequence[str], given: Given, stop: Stop | None = None
) -> tuple[IngestReport, int]:
    """What became of the inputs, and how many chunks were embedded."""
    from ingest.indexer import Indexer, catch_up_or_wait
    from ingest.pipeline import archive_articles
    from ingest.settings import IngestSettings

    settings = IngestSettings.load()
    with open_library(RetrievalSettings.load()) as library:
        with show_progress("Reading") as progress:
            report = archive_articles(
                inputs, library, settings, progress.advance, stop, given=given
            )
        with show_progress("Indexing") as progress:
            chunks = catch_up_or_wait(library, Indexer(library), progress.update)
    return report, chunks


def _ingest_on_workers(
    inputs: Sequence[str], address: str, given: Given
) -> tuple[IngestReport, int]:
    """The same, with the work of extracting and embedding shared out."""
    from ingest.cluster import connect
    from ingest.distributed import archive_on_workers
    from ingest.embedding_ahead import embed_on_workers
    from ingest.indexer import Indexer, catch_up_or_wait
    from ingest.settings import IngestSettings

    settings, retrieval = IngestSettings.load(), RetrievalSettings.load()
    with open_library(retrieval) as library, connect(address, settings, retrieval) as cluster:
        with show_progress("Reading") as progress:
            report = archive_on_workers(inputs, library, settings, progress.advance, given)
        with embed_on_workers(cluster, library) as ahead, show_progress("Indexing") as progress:
            chunks = catch_up_or_wait(ahead, Indexer(ahead), progress.update)
    return report, chunks


def _read_list(file: Path) -> list[str]:
    """Lines that are empty or begin with # name nothing. Raises SettingsError."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"cannot read {file}: name a text file with one input per line"
        ) from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _print_report(report: IngestReport, chunks: int, seconds: float) -> None:
    typer.echo(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.duplicates} copies of stories already held{report.withdrawn_too}; "
        f"{chunks} chunks indexed in {seconds} s."
    )
    if report.left_out:
        typer.echo(f"{len(report.left_out)} pieces of text left out (--verbose shows them).")
    for failure in report.failed:
        typer.echo(f"dateline: {failure.input} {failure.error}", err=True)
