"""The API's documentation, in a browser that reaches nothing but the server."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf
from tests.bot.web.conftest import OpenPage


def test_the_documentation_shows_the_operations_and_loads_nothing_from_elsewhere(
    open_page: OpenPage, url: str
) -> None:
    page = open_page(f"{url}/docs")
    asking = page.locator(".opblock", has_text="/ask")
    expect(asking).to_be_visible()
    asking.get_by_role("button").first.click()
    expect(asking.get_by_text("Example Value").first).to_be_visible()


def test_an_operation_can_be_tried(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/docs")
    health = page.locator(".opblock", has_text="/healthz")
    health.get_by_role("button").first.click()
    health.get_by_role("button", name="Try it out").click()
    health.get_by_role("button", name="Execute").click()
    body = health.locator(".live-responses-table .microlight").first
    assert json.loads(body.inner_text()) == {"status": "ok"}


@pytest.mark.parametrize("path", ["/redoc", "/docs/oauth2-redirect"])
def test_what_would_load_from_elsewhere_or_has_no_use_is_not_there(shelf: Shelf, path: str) -> None:
    client = TestClient(build_app(shelf.library, shelf.service, BotSettings()))
    assert client.get("/docs").status_code == 200
    assert client.get(path).status_code == 404
