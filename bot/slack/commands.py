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
        typer.Option(help="Where Slack reaches `dateline serve`; without it, for Socket Mode."),
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
    import asyncio

    from bot.service import open_service
    from bot.settings import BotSettings
    from bot.slack.app import run_socket_mode
    from bot.slack.opening import open_slack
    from bot.stopping import until_stopped
    from retrieval.errors import SettingsError
    from retrieval.opening import open_library
    from retrieval.settings import RetrievalSettings

    settings = BotSettings.load()
    if settings.slack_app_token is None:
        raise SettingsError(
            "set SLACK_APP_TOKEN to the app-level token (xapp-…) of your Slack app, "
            "with the scope connections:write"
        )
    app_token = settings.slack_app_token.get_secret_value()
    with (
        until_stopped(),
        open_library(RetrievalSettings.load()) as library,
        open_service(library, settings) as service,
    ):
        slack = open_slack(library, service, settings)
        if problem := slack.find_problem():
            raise SettingsError(problem)
        typer.echo("Dateline listens in Slack. Ctrl-C stops it.")
        asyncio.run(run_socket_mode(slack.bot, app_token))
