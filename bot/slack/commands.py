"""`dateline slack`: Socket Mode, and what setting up takes."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()
group = typer.Typer(invoke_without_command=True)
app.add_typer(group, name="slack")


@group.callback()
def listen(context: typer.Context) -> None:
    """Answer in Slack over Socket Mode; needs SLACK_BOT_TOKEN and SLACK_APP_TOKEN."""
    if context.invoked_subcommand is None:
        _listen()


@group.command()
def manifest(
    url: Annotated[
        str | None,
        typer.Option(help="Public address of `dateline serve`; leave out for Socket Mode."),
    ] = None,
) -> None:
    """Print the app's manifest, to paste at https://api.slack.com/apps."""
    from bot.slack.manifest import render_manifest

    typer.echo(render_manifest(url), nl=False)


@group.command()
def key() -> None:
    """Print a fresh bot.slack_encryption_key, for installing in many workspaces."""
    from bot.slack.encryption import make_key

    typer.echo(make_key())


def _listen() -> None:
    from bot.settings import BotSettings
    from bot.slack import socket_mode
    from bot.stopping import until_stopped
    from retrieval.opening import open_library
    from retrieval.settings import RetrievalSettings

    with until_stopped(), open_library(RetrievalSettings.load()) as library:
        socket_mode.listen(library, BotSettings.load())
