"""The commands that read what people said of answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingest.housekeeping import open_output
from ingest.progress import Json
from retrieval.errors import SettingsError
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.feedback import Feedback

app = typer.Typer()
feedback = typer.Typer(help="List, export or remove what people said about answers.")
app.add_typer(feedback, name="feedback")

OfVerdict = Annotated[Literal["up", "down"] | None, typer.Option(help="Only these verdicts.")]


@feedback.command("list")
def list_feedback(verdict: OfVerdict = None, as_json: Json = False) -> None:
    """List every verdict with its question, the oldest first."""
    from bot.feedback import FeedbackLog, build_feedback

    with open_library(RetrievalSettings.load()) as library:
        given = FeedbackLog(library.database).read(verdict)
    if as_json:
        listed = {"feedback": [build_feedback(each) for each in given]}
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    elif given:
        Console().print(_build_table(given))
    else:
        typer.echo("There is no feedback yet.")


@feedback.command()
def export(
    file: Annotated[str, typer.Argument(help="A JSONL file; - for standard output.")] = "-",
    verdict: OfVerdict = None,
) -> None:
    """Write gold questions to be finished by hand (docs/evaluation.md)."""
    from bot.feedback import FeedbackLog, build_candidate

    with open_library(RetrievalSettings.load()) as library, open_output(file) as output:
        given = FeedbackLog(library.database).read(verdict)
        for each in given:
            cited = {citation["article_id"] for citation in each.record["citations"]}
            candidate = build_candidate(each, library.archive.get_many(cited))
            output.write(json.dumps(candidate, ensure_ascii=False) + "\n")
    if file != "-":
        typer.echo(f"{len(given)} question(s) written to {file}: finish them by hand.")


@feedback.command()
def remove(
    answer_ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids of answers.")],
) -> None:
    """Remove the verdicts on answers."""
    from bot.feedback import FeedbackLog

    with open_library(RetrievalSettings.load()) as library:
        removed = FeedbackLog(library.database).remove(answer_ids)
    if not removed:
        raise SettingsError("none of these answers has a verdict: see `dateline feedback list`")
    typer.echo(f"{removed} verdict(s) removed.")


def _build_table(given: Sequence[Feedback]) -> Table:
    """What people typed is shown as text: it is no markup, and moves no cursor."""
    from bot.rendering import printable

    table = Table(box=None)
    for heading in ("answer", "given", "verdict", "question", "comment"):
        table.add_column(heading, no_wrap=heading not in ("question", "comment"))
    for each in given:
        typed = [Text(printable(text)) for text in (each.question, each.comment or "")]
        table.add_row(each.answer_id, f"{each.given_at:%Y-%m-%d}", each.verdict, *typed)
    return table
