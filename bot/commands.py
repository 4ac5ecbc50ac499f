"""The commands that answer: ask, search, serve, keys, doctor, demo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from bot.stopping import until_stopped
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings

if TYPE_CHECKING:
    from bot.answering.schema import Question
    from bot.service import Service

app = typer.Typer()
keys = typer.Typer(help="Keys of the HTTP API.", no_args_is_help=True)
app.add_typer(keys, name="keys")

AsOf = Annotated[str | None, typer.Option(help="Use nothing published after this date.")]
Since = Annotated[str | None, typer.Option(help="Use nothing published before this date.")]
Until = Annotated[str | None, typer.Option(help="Use nothing published after this date.")]
Source = Annotated[list[str] | None, typer.Option(help="Use only this publisher; repeatable.")]
AskedAt = Annotated[str | None, typer.Option(help="The day the question was asked; default now.")]
Json = Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")]
Text = Annotated[str, typer.Argument(metavar="QUESTION", help="The question, in quotes.")]


@app.command()
def ask(
    text: Text,
    as_of: AsOf = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    asked_at: AskedAt = None,
    conversation: Annotated[
        str | None, typer.Option(help="Continue a conversation: an answer's conversation_id.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer a question, with a source for every sentence."""
    from bot.answering.wire import build_answer
    from bot.rendering import render_answer

    with _asking(text, as_of, since, until, source, asked_at) as (service, question):
        answer = service.answer(replace(question, conversation_id=conversation))
    if as_json:
        _print_json(build_answer(answer))
    else:
        render_answer(answer, Console())


@app.command()
def search(
    text: Text,
    as_of: AsOf = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    asked_at: AskedAt = None,
    top_k: Annotated[int | None, typer.Option(min=1, max=100, help="How many passages.")] = None,
    as_json: Json = False,
) -> None:
    """Show the ranked passages for a question, without an answer."""
    from bot.rendering import render_passages

    with _asking(text, as_of, since, until, source, asked_at) as (service, question):
        found = service.search(question, top_k)
    if as_json:
        _print_json(found)
    else:
        render_passages(found, Console())


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8000,
) -> None:
    """Serve the web page and the HTTP API, and Slack if it is configured."""
    from bot import serving
    from bot.settings import BotSettings

    with (
        until_stopped(),
        open_library(RetrievalSettings.load()) as library,
    ):
        serving.serve(library, BotSettings.load(), host, port)


@keys.callback()
def _keys() -> None:
    """A group, although it has one command."""


@keys.command("new")
def make(
    role: Annotated[
        Literal["read", "write"],
        typer.Option(help="`read` may ask; `write` may also change articles."),
    ] = "read",
) -> None:
    """Print a new key, and the setting that makes the server accept it."""
    from bot.http.keys import hash_key, make_key

    key = make_key()
    entry = f"{role}:sha256:{hash_key(key.encode())}"
    typer.echo(f"{key}\n")
    typer.echo(
        "Give the key to one client. Give the server its hash; separate several by commas:\n"
    )
    typer.echo(f"DATELINE_BOT__API_KEYS={entry}\n")
    typer.echo(f'or in dateline.toml:\n\n[bot]\napi_keys = ["{entry}"]')


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check settings, storage, model and Slack, and say how to fix what is wrong."""
    from bot.doctor import examine, render_findings

    findings = examine()
    if as_json:
        _print_json({"checks": [finding.build() for finding in findings]})
    else:
        render_findings(findings, Console())
    if any(not finding.healthy for finding in findings):
        raise typer.Exit(1)


@app.command()
def demo() -> None:
    """Take in the sample articles, ask four questions, and say what to try next."""
    from bot.demo import run_demo

    run_demo(Console())


@contextmanager
def _asking(
    text: str,
    as_of: str | None,
    since: str | None,
    until: str | None,
    sources: list[str] | None,
    asked_at: str | None,
) -> Iterator[tuple[Service, Question]]:
    """The question that the options make, and the service to put it to."""
    from bot.answering.questions import build_question
    from bot.service import open_service
    from bot.settings import BotSettings

    question = build_question(
        text, asked_at=asked_at, as_of=as_of, since=since, until=until, sources=sources or ()
    )
    settings = BotSettings.load()
    with (
        open_library(RetrievalSettings.load()) as library,
        open_service(library, settings) as service,
    ):
        yield service, question


def _print_json(content: object) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
