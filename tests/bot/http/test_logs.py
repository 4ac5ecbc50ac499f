"""Request ids, and lines that say nothing of what was asked."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.servers import ASKED, check_problem, run_shelf
from tests.factories import make_article

KEY = "the-key-that-reads"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("logs"), make_article()) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(shelf: Shelf) -> TestClient:
    settings = BotSettings.model_validate({"api_keys": KEY})
    return TestClient(build_app(shelf.library, shelf.service, settings))


def read_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(r.getMessage()) for r in caplog.records if r.name == "dateline.http"]


@pytest.mark.parametrize("given", ["abc", "A-1.b_2", "x" * 64])
def test_a_safe_request_id_comes_back(client: TestClient, given: str) -> None:
    for path in ("/healthz", "/nowhere"):
        response = client.get(path, headers={"X-Request-ID": given})
        assert response.headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", ["", "x" * 65, "a b", "a;b", "a\tb", "<script>", "é", 'a"b', "a,b", "../a"]
)
def test_any_other_request_id_is_replaced(client: TestClient, given: str) -> None:
    response = client.get("/healthz", headers=[(b"X-Request-ID", given.encode())])
    assert len(response.headers["x-request-id"]) == 32
    assert response.headers["x-request-id"].isalnum()


def test_two_request_ids_are_replaced(client: TestClient) -> None:
    response = client.get("/healthz", headers=[("X-Request-ID", "a"), ("X-Request-ID", "b")])
    assert len(response.headers["x-request-id"]) == 32


@pytest.mark.parametrize("injected", [b"a\r\nSet-Cookie: b=c", b"a\nSet-Cookie: b=c", b"a\rb"])
def test_a_header_cannot_be_put_into_the_response(shelf: Shelf, injected: bytes) -> None:
    with run_shelf(shelf) as server:
        request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: %s\r\n\r\n" % injected
        _, headers, body = server.send(request)
    assert "set-cookie" not in headers
    assert b"Set-Cookie" not in body


def test_a_line_a_request_tells_how_it_went(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dateline.http")
    headers = {"X-API-Key": KEY, "X-Request-ID": "mine"}
    client.get(f"/articles/{make_article().article_id}", headers=headers)
    (line,) = read_lines(caplog)
    assert line.pop("ms") > 0
    assert line.pop("time").endswith("+00:00")
    assert len(line.pop("owner")) == 8
    assert line == {
        "method": "GET",
        "route": "/articles/{article_id}",
        "status": 200,
        "request_id": "mine",
    }


def test_lines_hold_no_question_no_path_and_no_key(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"X-API-Key": KEY}
    client.post("/ask", json={"question": ASKED}, headers=headers)
    client.get("/search", params={"q": "talks of secrets"}, headers=headers)
    client.get("/articles/confidential", headers=headers)
    client.get("/nowhere-secret", headers=headers)
    client.request("SECRET", "/ask", headers=headers)
    client.get("/search", params={"api_key": KEY})
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("date")]
    for secret in (KEY, "chaired", "secret", "confidential", "SECRET", "Rutte"):
        assert secret not in " ".join(ours)
    lines = read_lines(caplog)
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/ask", 200),
        ("GET", "/search", 200),
        ("GET", "/articles/{article_id}", 404),
        ("GET", "unknown", 404),
        ("OTHER", "/ask", 405),
        ("GET", "unknown", 400),
    ]


def test_a_failure_can_be_found_in_the_log_by_its_request(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    app = build_app(shelf.library, shelf.service, BotSettings())

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError

    response = TestClient(app).get("/broken", headers={"X-Request-ID": "find-me"})
    assert "find-me" in check_problem(response, 500)
    assert response.headers["x-content-type-options"] == "nosniff"
    (record,) = [r for r in caplog.records if r.name == "bot.http.problems"]
    assert record.getMessage() == "/broken failed in request find-me"
