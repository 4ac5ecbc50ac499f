"""The headers of every response, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient

from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import open_shelf
from tests.factories import make_article


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    with open_shelf(tmp_path_factory.mktemp("headers"), make_article()) as shelf:
        yield build_app(shelf.library, shelf.service, BotSettings())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/search?q=talks", 200),
        ("GET", "/search", 422),
        ("GET", "/nowhere", 404),
        ("GET", "/ask", 405),
        ("POST", "/ask", 422),
        ("GET", "/metrics", 200),
    ],
)
def test_every_response_is_guarded(app: FastAPI, method: str, path: str, status: int) -> None:
    response = TestClient(app).request(method, path)
    assert response.status_code == status
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    policy = "default-src 'none'; frame-ancestors 'none'"
    assert headers["content-security-policy"] == policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-request-id"]
    assert "access-control-allow-origin" not in headers


def test_a_page_keeps_the_policy_it_set(app: FastAPI) -> None:
    own = {"Content-Security-Policy": "default-src 'self'", "Cache-Control": "max-age=60"}

    @app.get("/page")
    def page() -> Response:
        return Response("page", headers=own)

    response = TestClient(app).get("/page")
    assert response.headers["content-security-policy"] == "default-src 'self'"
    assert response.headers["cache-control"] == "max-age=60"
    assert response.headers["x-frame-options"] == "DENY"
