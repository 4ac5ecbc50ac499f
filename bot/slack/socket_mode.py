"""Socket Mode: events over a websocket that this process opens, and again when it is closed."""

from __future__ import annotations

import asyncio
import signal

import typer
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from bot.service import open_following_service
from bot.settings import BotSettings
from bot.slack.app import SlackBot
from bot.slack.opening import open_slack
from bot.slack.token import find_app_token_problem, find_token_problem
from retrieval.errors import SettingsError
from retrieval.opening import Library


def listen(library: Library, settings: BotSettings) -> None:
    """Answer until told to stop. Raises SettingsError where a token is missing or not good."""
    # What is not set is said before Slack is asked about the rest.
    if settings.slack_app_token is not None and settings.slack_workspaces == "none":
        raise SettingsError(str(find_token_problem(settings)))
    problem = find_app_token_problem(settings)
    if problem or settings.slack_app_token is None:
        raise SettingsError(str(problem))
    with open_following_service(library, settings) as service:
        slack = open_slack(library, service, settings)
        if problem := slack.find_problem():
            raise SettingsError(problem)
        typer.echo("Dateline is listening in Slack. Ctrl-C stops it.")
        asyncio.run(_listen_until_told(slack.bot, settings.slack_app_token.get_secret_value()))


async def run_socket_mode(bot: SlackBot, app_token: str, stopped: asyncio.Event) -> None:
    """Listen until stopped or cancelled. No event is taken any more by the time that the answers
    which are under way are finished."""
    handler = AsyncSocketModeHandler(bot.bolt, app_token, web_client=bot.bolt.client)
    async with bot.running():
        connecting = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]
        try:
            await stopped.wait()
        finally:
            bot.close()
            connecting.cancel()
            await handler.close_async()  # type: ignore[no-untyped-call]


async def _listen_until_told(bot: SlackBot, app_token: str) -> None:
    """By SIGTERM or Ctrl-C; told again, the process ends at once."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def stop() -> None:
        stopped.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    await run_socket_mode(bot, app_token, stopped)
