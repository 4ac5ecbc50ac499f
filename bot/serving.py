"""Run the server: hold the indexes, follow the archive, answer over HTTP and in Slack."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from bot.feedback import FeedbackLog
from bot.http.app import Check, create_app
from bot.http.feedback import add_feedback_route
from bot.http.front import add_front
from bot.http.holdings import add_holdings_routes
from bot.http.intake import add_intake_routes
from bot.http.jobs import IngestJobs
from bot.http.keys import ApiKey, make_key
from bot.http.logs import log_to_stderr
from bot.http.metrics import VECTORS, WORDS, MeteredService, Metrics
from bot.http.server import Server
from bot.http.tracing import UNTRACED, TracedService, Tracing, export_spans
from bot.service import LocalService, Service, build_local_service
from bot.settings import BotSettings
from bot.suggesting import Suggester
from ingest.following import follow_archive
from ingest.indexer import Indexer
from ingest.settings import IngestSettings
from retrieval.errors import DatelineError, IndexBusy, SettingsError
from retrieval.indexes import Indexes, hold_indexes
from retrieval.lexical_replica import LexicalReplica
from retrieval.opening import Library

if TYPE_CHECKING:
    from bot.slack.opening import Slack


def check_host(host: str, keys: Sequence[ApiKey] = ()) -> None:
    """Without keys the server is for this machine only. Raises SettingsError."""
    if keys:
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise SettingsError(
            f"refusing to serve on {host} without API keys: `dateline keys new` makes one for "
            "bot.api_keys, or use --host 127.0.0.1"
        )


@contextmanager
def announce(home: Path, url: str, own_key: str | None = None) -> Iterator[None]:
    """Leave the server's address, and a key where it needs one, where the command line looks.

    Only this user may read it.
    """
    path = home / "server.json"
    path.unlink(missing_ok=True)
    announced = {"url": url} if own_key is None else {"url": url, "key": own_key}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(announced, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def serve(library: Library, settings: BotSettings, host: str, port: int) -> None:
    """Serve until interrupted. Raises SettingsError, IndexBusy, IndexMissing, IndexMismatch."""
    check_host(host, settings.api_keys)
    own_key = make_key() if settings.api_keys else None
    with (
        hold_indexes(library.settings, library.generations) as indexes,
        _bind(host, port) as listener,
    ):
        if settings.log_requests:
            log_to_stderr()
        indexer = Indexer(library)
        if settings.index_articles:
            with suppress(IndexBusy):
                indexer.open_generation(indexes)
        metrics = Metrics()
        service = build_local_service(library, indexes, settings, metrics.count_call)
        tracing = export_spans() if settings.traces else None
        app = build_app(library, service, settings, own_key, metrics, tracing, indexes)
        server = Server(app, app.state.turns, longest_answer_s=settings.llm_timeout_s)
        url = _find_url(listener)
        with (
            announce(library.settings.home, url, own_key),
            follow_archive(indexer, indexes, leads=settings.index_articles),
        ):
            print(f"Dateline is at {url} (API: {url}/docs). Ctrl-C stops it.", flush=True)
            server.run(sockets=[listener])


def build_app(
    library: Library,
    service: Service,
    settings: BotSettings,
    own_key: str | None = None,
    metrics: Metrics | None = None,
    tracing: Tracing | None = None,
    indexes: Indexes | None = None,
) -> FastAPI:
    """Every route, behind its guard. `own_key` is for the command line of the same home, and
    `metrics` those that the service counts its model's calls in."""
    metrics = metrics or Metrics()
    metrics.watch_lag(VECTORS, lambda: _count_unindexed(library))
    if indexes is not None and (words := indexes.words):
        metrics.watch_lag(WORDS, lambda: words.measure_lag().changes)
    # Of the service itself: what is suggested counts as no question of anybody's.
    suggester = (
        Suggester(library.archive, service.answer_by_quotes)
        if isinstance(service, LocalService)
        else None
    )
    service = MeteredService(service, metrics)
    if tracing is not None:
        service = TracedService(service, tracing)
    telemetry = UNTRACED if tracing is None else tracing.telemetry
    app = _build_routes(library, service, settings, telemetry, indexes)
    add_holdings_routes(app, library.archive, suggester)
    app.state.turns = add_front(app, settings, metrics, own_key)
    return app


def _count_unindexed(library: Library) -> int:
    generation = library.generations.active()
    return library.archive.latest_revision() - (generation.checkpoint if generation else 0)


def _find_lag(words: LexicalReplica) -> str | None:
    """A replica is new until it has caught up once; behind by a little is nothing to say."""
    try:
        lag = words.measure_lag()
    except DatelineError as error:
        return str(error)
    if lag.changes and lag.is_new:
        return f"catching up: {lag.changes} changes to go"
    return None


def _build_routes(
    library: Library,
    service: Service,
    settings: BotSettings,
    telemetry: TelemetryConfig,
    indexes: Indexes | None,
) -> FastAPI:
    """The API and, where it is configured, what Slack and its users come to."""
    checks: dict[str, Check] = {
        "archive": _problem_of(library.archive.latest_revision),
        "indexes": lambda: None if library.generations.active() else "nothing is indexed",
    }
    if indexes is not None and (words := indexes.words):
        checks["lexical"] = lambda: _find_lag(words)
    jobs = IngestJobs(library, IngestSettings.load())
    slack = _build_slack(library, service, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with jobs.lifespan(app), nullcontext() if slack is None else slack.bot.running():
            yield

    if slack is not None:
        checks["slack"] = slack.find_problem
    app = create_app(service, library.archive, checks, lifespan, telemetry)
    add_intake_routes(app, library, jobs)
    add_feedback_route(app, FeedbackLog(library.database))
    if slack is not None and settings.slack_signing_secret is not None:
        from bot.slack.http import add_slack_routes

        add_slack_routes(app, slack.bot.bolt, settings.slack_signing_secret.get_secret_value())
    return app


def _build_slack(library: Library, service: Service, settings: BotSettings) -> Slack | None:
    """None where there is no signing secret, or nothing to answer with."""
    if settings.slack_signing_secret is None or settings.slack_workspaces == "none":
        return None
    from bot.slack.opening import open_slack

    return open_slack(library, service, settings)


def _find_url(listener: socket.socket) -> str:
    """Where this machine reaches it: what listens everywhere listens on loopback too."""
    address, port = listener.getsockname()[:2]
    if ipaddress.ip_address(address).is_unspecified:
        address = "::1" if ":" in address else "127.0.0.1"
    return f"http://{f'[{address}]' if ':' in address else address}:{port}"


def _problem_of(probe: Callable[[], object]) -> Check:
    def check() -> str | None:
        try:
            probe()
        except DatelineError as error:
            return str(error)
        return None

    return check


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # From here on clients may connect; they wait in the queue until the server answers.
        listener.listen()
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"cannot listen on {host}:{port} ({error.strerror}): choose another --port"
        ) from error
    return listener
