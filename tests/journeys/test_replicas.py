"""Servers with a home each, on one PostgreSQL and one Chroma: what one is given, all answer from,
and none is missed when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.replicas import Newsroom

ROOT = Path(__file__).parents[2]
# `dateline`, with the keyword embedder.
RUN = """
import dateline, retrieval.opening
from tests.fakes import KeywordEmbedder

retrieval.opening.build_embedder = lambda _: KeywordEmbedder()
dateline.main()
"""
PATIENCE_S = 60.0
TOLD = {
    1: "The ferry of Kestrelby carried four thousand crates of herring on Tuesday. "
    "The harbour master said that no winter before had seen as much.",
    2: "Painters of the Malham orchard gave the old granite chapel a green roof in autumn. "
    "Voters of the village had asked their council for it since spring.",
}


Run = Callable[..., subprocess.Popen[str]]


@dataclass(frozen=True)
class Server:
    client: httpx.Client
    process: subprocess.Popen[str]

    def put(self, number: int) -> None:
        url = f"https://example.org/{number}"
        sent = self.client.post(
            "/articles", json={"title": f"Number {number}", "text": TOLD[number], "url": url}
        )
        assert sent.status_code == httpx.codes.CREATED, sent.text

    def finds(self, number: int) -> bool:
        found = self.client.get("/search", params={"q": TOLD[number], "top_k": 3}).json()
        return any(TOLD[number] in passage["text"] for passage in found["passages"])

    def is_ready(self) -> bool:
        return self.client.get("/readyz").status_code == httpx.codes.OK

    def read_lag(self, name: str) -> float:
        lines = self.client.get("/metrics").text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@pytest.fixture
def run(newsroom_of_many: Newsroom) -> Iterator[Run]:
    """Starts `dateline` in a home of this name."""
    with ExitStack() as running:

        def start(name: str, *arguments: str, **settings: str) -> subprocess.Popen[str]:
            home = str(newsroom_of_many.folder / name)
            process = subprocess.Popen(
                [sys.executable, "-c", RUN, *arguments],
                env={
                    **os.environ,
                    **newsroom_of_many.environment,
                    "DATELINE_HOME": home,
                    "PYTHONPATH": str(ROOT),
                    **settings,
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            running.callback(process.communicate)
            running.callback(process.kill)
            return process

        yield start


@pytest.fixture
def serve(run: Run) -> Iterator[Callable[..., Server]]:
    with ExitStack() as clients:

        def start(name: str, **settings: str) -> Server:
            process = run(name, "serve", "--port", "0", **settings)
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Dateline is at "), process.communicate()[1]
            client = httpx.Client(base_url=line.split()[3], timeout=30, trust_env=False)
            return Server(clients.enter_context(client), process)

        yield start


def finish(process: subprocess.Popen[str]) -> str:
    printed, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, errors) == (0, "")
    return printed


def wait_until(condition: Callable[[], Any]) -> float:
    """Seconds that it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < PATIENCE_S
        time.sleep(0.1)
    return time.monotonic() - started


def test_what_one_is_given_all_find_and_another_takes_over_where_one_is_killed(
    serve: Callable[..., Server], run: Run
) -> None:
    first, second = serve("first"), serve("second")
    second.put(1)
    wait_until(lambda: first.finds(1) and second.finds(1))

    first.process.kill()
    second.put(2)
    assert wait_until(lambda: second.finds(2)) < 15

    third = serve("third", DATELINE_BOT__INDEX_ARTICLES="false")
    wait_until(third.is_ready)
    assert third.finds(1)
    assert third.finds(2)
    assert third.read_lag("dateline_lexical_lag_revisions") == 0

    assert finish(run("desk", "reindex")).startswith("2 articles, 2 chunks re-indexed")
    for server in (second, third):
        assert server.finds(1)
        wait_until(server.is_ready)
        assert server.finds(2)


def test_servers_that_do_not_index_have_a_process_that_does(
    serve: Callable[..., Server], run: Run
) -> None:
    server = serve("server", DATELINE_BOT__INDEX_ARTICLES="false")
    server.put(1)
    indexing = run("indexer", "index", "--follow")
    wait_until(lambda: server.finds(1))
    indexing.send_signal(signal.SIGTERM)
    assert finish(indexing) == "Indexing new articles. Ctrl-C stops it.\n"
    server.put(2)
    assert finish(run("indexer", "index")) == "2 articles, all indexed; 1 chunks just now.\n"
    wait_until(lambda: server.finds(2))
