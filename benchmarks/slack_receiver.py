"""A second process that takes Slack's events over HTTP, beside the `dateline serve` of its home.

    python -m benchmarks.slack_receiver

It asks that server for its answers, as `dateline slack` does, and is told how by the environment.
"""

from __future__ import annotations

import socket

import typer

from bot.http.server import Server
from bot.service import open_service
from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings


def main() -> None:
    """Receive until stopped."""
    settings = BotSettings.load()
    listener = socket.create_server(("127.0.0.1", 0))
    with (
        open_library(RetrievalSettings.load()) as library,
        open_service(library, settings) as service,
    ):
        app = build_app(library, service, settings)
        server = Server(app, app.state.turns, longest_answer_s=settings.llm_timeout_s)
        typer.echo(f"Receiving at http://127.0.0.1:{listener.getsockname()[1]}")
        server.run(sockets=[listener])


if __name__ == "__main__":
    typer.run(main)
