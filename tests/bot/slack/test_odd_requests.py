"""What Slack signed is never a failure of the server, whatever its shape, and no word is lost."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from bot.serving import build_app
from bot.settings import BotSettings
from bot.slack.requests import read_request
from tests.bot.factories import Shelf
from tests.slack_server import (
    build_block_actions,
    build_event,
    build_mention,
    build_message_shortcut,
    build_request,
    build_slash_command,
    build_view_submission,
)

JUNK: tuple[Any, ...] = (None, 7, True, "text", [], [None], {}, {"id": 7}, {"id": {}})


@pytest.mark.parametrize(
    "payload",
    [
        build_event(build_mention("Who won?")),
        build_block_actions({"action_id": "a", "type": "button", "value": "v"}),
        build_view_submission({"type": "modal", "callback_id": "c", "blocks": []}, {}),
        build_message_shortcut("c", build_mention("Who won?"), "https://example.org/r"),
    ],
    ids=["event", "click", "modal", "shortcut"],
)
def test_a_signed_request_of_an_odd_shape_is_no_failure_of_the_server(
    shelf: Shelf, slack_settings: BotSettings, payload: dict[str, Any]
) -> None:
    app = build_app(shelf.library, shelf.service, slack_settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        for name in payload:
            for junk in JUNK:
                body, headers = build_request(payload | {name: junk})
                status = client.post("/slack/events", content=body, headers=headers).status_code
                assert status < 500, (name, junk)


@pytest.mark.parametrize("text", ["What was the payload of the rocket?", "a & b = c", "żółć", ""])
def test_a_command_is_read_as_it_was_typed(text: str) -> None:
    """Bolt alone takes a form with the word `payload` in it for a click, and its text is gone."""
    body, headers = build_request(build_slash_command(text, "https://example.org/r"))
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "headers": raw, "query_string": b""})
    read = read_request(request, body)
    assert read.body["text"] == text
    assert read.context.user_id == "U1"
