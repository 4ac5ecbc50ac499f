"""What the stand-in delivers reaches an app over the websocket, and its acknowledgement counts."""

from __future__ import annotations

import asyncio
from typing import Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import (
    APP_TOKEN,
    SlackServer,
    build_event,
    build_mention,
    build_request,
    build_slash_command,
)


def listen(
    slack: SlackServer, payload: dict[str, Any], ignored: int = 0, **how: Any
) -> tuple[dict[str, Any] | None, list[SocketModeRequest]]:
    """What was acknowledged to the stand-in, and what the app had received."""
    received: list[SocketModeRequest] = []

    async def on_request(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        received.append(request)
        if len(received) > ignored:
            done = SocketModeResponse(request.envelope_id, {"text": "heard"})
            await client.send_socket_mode_response(done)

    async def run() -> dict[str, Any] | None:
        web_client = AsyncWebClient(base_url=slack.api_url + "/")
        client = SocketModeClient(app_token=APP_TOKEN, web_client=web_client)
        client.socket_mode_request_listeners.append(on_request)
        await client.connect()  # type: ignore[no-untyped-call]
        try:
            return await asyncio.to_thread(slack.deliver, payload, **how)
        finally:
            await client.close()  # type: ignore[no-untyped-call]

    return asyncio.run(run()), received


def test_an_event_is_delivered_and_acknowledged(slack: SlackServer) -> None:
    answer, (request,) = listen(slack, build_event(build_mention("Who won?")))
    assert answer is not None
    assert answer["payload"] == {"text": "heard"}
    assert (request.type, request.retry_attempt) == ("events_api", 0)
    assert slack.acknowledged == ["env-Ev1"]
    assert slack.workspace.thread("C1", "100.1")[0].text == "<@UBOT> Who won?"


def test_what_is_not_acknowledged_in_time_is_delivered_again(slack: SlackServer) -> None:
    answer, received = listen(slack, build_event(build_mention("x")), ignored=1, redeliver=True)
    assert answer is not None
    assert [request.retry_attempt for request in received] == [0, 1]
    assert received[0].payload == received[1].payload


def test_a_command_is_an_envelope_of_its_own_kind(slack: SlackServer) -> None:
    _, (request,) = listen(slack, build_slash_command("Who won?", slack.response_url()))
    assert request.type == "slash_commands"
    assert request.accepts_response_payload


def test_http_requests_are_signed_forms_or_json_and_say_when_they_come_again() -> None:
    body, headers = build_request(build_event(build_mention("x")), retry_num=2)
    assert body.startswith(b"{")
    assert headers["x-slack-retry-num"] == "2"
    body, headers = build_request(build_slash_command("a & b", "https://x.example"))
    assert b"text=a+%26+b" in body
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert "x-slack-retry-num" not in headers
