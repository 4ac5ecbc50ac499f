"""A client that goes away stops its model, whichever way it asked, and is counted as gone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.http.metrics import Metrics
from bot.service import build_local_service
from bot.serving import build_app
from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.servers import ASKED, PATIENCE_S, Running, build_post, run_app, wait_until
from tests.factories import make_article
from tests.llm_server import ScriptedServer, run_server, settings_for

JSON = "application/json"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("leaving"), make_article()) as opened:
        yield opened


@pytest.fixture
def model() -> Iterator[ScriptedServer]:
    """Speaks for ever."""
    with run_server() as running:
        running.say("Mark Rutte chaired the talks [1].")
        running.never_ends, running.pause_between_pieces_s = True, 0.05
        yield running


@pytest.fixture
def server(shelf: Shelf, model: ScriptedServer) -> Iterator[Running]:
    settings, metrics = settings_for(model.url), Metrics()
    service = build_local_service(shelf.library, shelf.indexes, settings, metrics.count_call)
    with run_app(build_app(shelf.library, service, settings, metrics=metrics)) as running:
        yield running


def count_questions(server: Running, outcome: str) -> float:
    text = httpx.get(f"{server.url}/metrics", trust_env=False).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "dateline_questions_total" and sample.labels["outcome"] == outcome
    )


ASK = {"question": ASKED}
CHAT = {"model": "dateline", "messages": [{"role": "user", "content": ASKED}]}
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "ask", "arguments": ASK},
}


@pytest.mark.parametrize(
    ("path", "body", "accept"),
    [
        pytest.param("/ask", ASK, JSON, id="whole"),
        pytest.param("/ask", {**ASK, "stream": True}, JSON, id="streamed"),
        pytest.param("/v1/chat/completions", CHAT, JSON, id="chat"),
        pytest.param("/v1/chat/completions", {**CHAT, "stream": True}, JSON, id="streamed chat"),
        pytest.param("/mcp", CALL, f"{JSON}, text/event-stream", id="tool"),
    ],
)
def test_a_client_that_goes_away_stops_the_model(
    server: Running, model: ScriptedServer, path: str, body: dict[str, object], accept: str
) -> None:
    with server.connect() as connection:
        connection.sendall(build_post(path, json.dumps(body).encode(), f"Accept: {accept}"))
        wait_until(lambda: bool(model.requests))
    assert model.client_left.wait(PATIENCE_S)
    wait_until(lambda: count_questions(server, "left") == 1)
    assert count_questions(server, "error") == 0
