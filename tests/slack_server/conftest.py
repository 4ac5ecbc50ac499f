"""The stand-in, and slack-sdk's own client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_sdk.web import WebClient

from tests.slack_server import BOT_TOKEN, SlackServer


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    server = SlackServer()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def client(slack: SlackServer) -> WebClient:
    return WebClient(token=BOT_TOKEN, base_url=slack.api_url + "/", timeout=5, retry_handlers=[])
