"""`dateline demo`: the sample articles in, four questions asked, and what to do next."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.rule import Rule

from bot.answering.questions import build_question
from bot.rendering import render_answer
from bot.service import open_service
from bot.settings import BotSettings
from ingest.indexer import Indexer, catch_up_or_wait, ignore_progress
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.errors import SettingsError
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
QUESTIONS = (
    "Where will the next NATO summit be held?",
    "How many soldiers does NATO's peacekeeping force in Kosovo have?",
    "What share of GDP did NATO allies promise to invest in defence by 2035?",
    "Who won the 2026 football World Cup?",
)


def run_demo(console: Console) -> None:
    """Raises SettingsError where the sample articles are not beside the code."""
    if not EXAMPLES.is_dir():
        raise SettingsError(f"the sample articles are not at {EXAMPLES}: run it from a checkout")
    with open_library(RetrievalSettings.load()) as library:
        console.print(f"Taking in the sample articles of {EXAMPLES.name}/ …")
        report = archive_articles([str(EXAMPLES)], library, IngestSettings.load(), lambda _: None)
        chunks = catch_up_or_wait(library, Indexer(library), ignore_progress)
        console.print(
            f"{library.archive.count()} articles in the archive: {report.added} added, "
            f"{report.duplicates} copies of stories already held, {report.unchanged} unchanged; "
            f"{chunks} chunks embedded."
        )
        with open_service(library, BotSettings.load()) as service:
            for text in QUESTIONS:
                console.print()
                console.print(Rule(text, align="left"))
                render_answer(service.answer(build_question(text)), console)
    console.print()
    console.print(Rule("Next", align="left"))
    typer.echo('dateline ask "…"       your own question (.venv/bin/dateline in a checkout)')
    typer.echo("dateline ingest PATH   your own articles")
    typer.echo("dateline serve         a web page and the same over HTTP, at http://127.0.0.1:8000")
