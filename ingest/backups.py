"""The commands that save what was taken in and said, and bring it back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from ingest.progress import Json, show_progress
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings

app = typer.Typer()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, like dateline.backup.gz.")],
    as_json: Json = False,
) -> None:
    """Write articles, conversations and feedback to one file; a running server may go on."""
    from retrieval.backup import write_backup

    with open_library(RetrievalSettings.load()) as library:
        counts = write_backup(library.database, file)
    _tell(f"written to {file}", counts, as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `dateline backup` wrote.")],
    as_json: Json = False,
) -> None:
    """Restore a backup into an empty archive, and index it."""
    from ingest.indexer import Indexer, catch_up_or_wait
    from retrieval.backup import restore_backup

    with open_library(RetrievalSettings.load()) as library:
        counts = restore_backup(library.database, file)
        with show_progress("Indexing") as progress:
            catch_up_or_wait(library, Indexer(library), progress.update)
    _tell(f"restored from {file}", counts, as_json)


def _tell(done: str, counts: Mapping[str, int], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"rows": counts}))
        return
    articles, turns, verdicts = (
        counts[name] for name in ("articles", "conversation_turns", "feedback")
    )
    typer.echo(f"{articles} articles, {turns} answers and {verdicts} verdicts {done}.")
