"""The processes of the real bot that a storm hits: one home, one server that holds its indexes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.slack_server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackServer

_ROOT = Path(__file__).parent.parent
_START_S, _STOP_S, _POLL_S = 60.0, 60.0, 0.05


class BotFailed(Exception):
    """A process ended by itself, or never began to listen."""


@dataclass(frozen=True, slots=True)
class Bot:
    """`address` is where it takes events over HTTP; None in Socket Mode."""

    process: subprocess.Popen[bytes]
    log: Path
    address: str | None = None


@contextmanager
def run_sockets(home: Path, slack: SlackServer, count: int = 2) -> Iterator[tuple[Bot, ...]]:
    """`dateline slack` so many times beside one `dateline serve`, which has no Slack itself."""
    with ExitStack() as running:
        server = running.enter_context(_run(home, "serve", {}, "serve", "--port", "0"))
        _wait_for(server, "Dateline is at ")
        tokens = {"SLACK_APP_TOKEN": APP_TOKEN} | _point_at(slack)
        bots = [
            running.enter_context(_run(home, f"slack-{number}", tokens, "slack"))
            for number in range(count)
        ]
        for number, bot in enumerate(bots):
            _wait_for(bot, "Dateline is listening in Slack")
            slack.wait_until(lambda least=number: slack.connections > least, _START_S)  # type: ignore[misc]
        yield tuple(bots)


@contextmanager
def run_receivers(home: Path, slack: SlackServer) -> Iterator[tuple[Bot, ...]]:
    """Two that take events over HTTP: `dateline serve`, and another that asks it for answers."""
    settings = {"SLACK_SIGNING_SECRET": SIGNING_SECRET} | _point_at(slack)
    with ExitStack() as running:
        server = running.enter_context(_run(home, "serve", settings, "serve", "--port", "0"))
        first = _wait_for(server, "Dateline is at ").split()[3]
        program = ("-m", "benchmarks.slack_receiver")
        other = running.enter_context(_run(home, "receiver", settings, program=program))
        second = _wait_for(other, "Receiving at ").split()[2]
        yield (
            Bot(server.process, server.log, f"{first}/slack/events"),
            Bot(other.process, other.log, f"{second}/slack/events"),
        )


def ingest(home: Path, *paths: Path) -> None:
    with _run(home, "ingest", {}, "ingest", *map(str, paths)) as bot:
        if bot.process.wait(timeout=600) != 0:
            raise BotFailed(bot.log.read_text(encoding="utf-8"))


def read_log(bots: tuple[Bot, ...]) -> str:
    return "".join(bot.log.read_text(encoding="utf-8") for bot in bots)


def _point_at(slack: SlackServer) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "DATELINE_BOT__SLACK_API_URL": slack.api_url,
        "DATELINE_BOT__SLACK_RATE_LIMIT": "0",
    }


@contextmanager
def _run(
    home: Path,
    name: str,
    settings: Mapping[str, str],
    *arguments: str,
    program: tuple[str, ...] = (str(_ROOT / "dateline.py"),),
) -> Iterator[Bot]:
    """Its output goes to a file, which no reader has to empty. It is on servers where this
    process's environment names them."""
    others = ("DATELINE_BOT", "SLACK")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    environment = inherited | {
        "DATELINE_HOME": str(home),
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    log = home.parent / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            env=environment,
            cwd=_ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Bot(process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(bot: Bot, beginning: str) -> str:
    """The line of its output that begins so."""
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        said = bot.log.read_text(encoding="utf-8")
        for line in said.splitlines():
            if line.startswith(beginning):
                return line
        if bot.process.poll() is not None:
            break
        time.sleep(_POLL_S)
    raise BotFailed(f"{bot.log.name}: {bot.log.read_text(encoding='utf-8')}")
