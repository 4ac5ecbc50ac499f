"""A stand-in for Slack on loopback: its Web API and Socket Mode, as strict as Slack is."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import web

BOT_TOKEN = "xoxb-good"
APP_TOKEN = "xapp-good"
SIGNING_SECRET = "s3cret-for-signing"
BOT_USER = "UBOT"

_MOST_BLOCKS = 50
_MOST_SECTION_CHARACTERS = 3_000
_MOST_HEADER_CHARACTERS = 150
_MOST_CONTEXT_ELEMENTS = 10
_MOST_TEXT_CHARACTERS = 40_000
# slackapi/bolt-js#2509: over this the blocks of one message together are refused.
_MOST_BLOCKS_CHARACTERS = 13_200


class SlackServer:
    """Runs in a thread of its own; keeps every call, and gives its `failures` first."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.failures: deque[web.Response] = deque()
        self.acknowledged: list[str] = []
        self._sockets: list[web.WebSocketResponse] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._runner = self._run(self._start())
        self._port = int(self._runner.addresses[0][1])

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api"

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What was posted."""
        return [body for method, body in self.calls if method == "chat.postMessage"]

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f"it never came; the calls were {self.calls}"
            time.sleep(0.01)

    def send(self, payload: dict[str, Any]) -> None:
        """An event to every Socket Mode connection."""
        self.wait_until(lambda: bool(self._sockets))
        envelope = {
            "type": "events_api",
            "envelope_id": f"env-{payload['event_id']}",
            "accepts_response_payload": False,
            "payload": payload,
        }
        for connected in self._sockets:
            self._run(connected.send_json(envelope))

    def stop(self) -> None:
        for connected in self._sockets:
            self._run(connected.close())
        self._run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/api/{method}", self._call)
        app.router.add_get("/socket", self._connect)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        body: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            body |= json.loads(await request.text() or "{}")
        else:
            body |= dict(await request.post())
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append((method, body))
        if self.failures and method == "chat.postMessage":
            return self.failures.popleft()
        return web.json_response(self._reply(method, token, body))

    def _reply(self, method: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
        expected = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if token != expected:
            return {"ok": False, "error": "invalid_auth"}
        match method:
            case "auth.test":
                return {
                    "ok": True,
                    "url": "https://example.slack.com/",
                    "team_id": "T1",
                    "user_id": BOT_USER,
                    "bot_id": "B1",
                }
            case "apps.connections.open":
                return {"ok": True, "url": f"ws://127.0.0.1:{self._port}/socket"}
            case "chat.postMessage":
                fault = find_fault(body)
                if fault:
                    return {"ok": False, "error": fault}
                return {"ok": True, "channel": body["channel"], "ts": "200.1", "message": {}}
            case _:
                return {"ok": False, "error": "unknown_method"}

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        connected = web.WebSocketResponse()
        await connected.prepare(request)
        await connected.send_json({"type": "hello", "num_connections": 1})
        self._sockets.append(connected)
        async for message in connected:
            if message.type is web.WSMsgType.TEXT:
                self.acknowledged.append(json.loads(message.data)["envelope_id"])
        return connected


def find_fault(message: dict[str, Any]) -> str | None:
    """The error with which Slack refuses a message, or None."""
    if not message.get("channel"):
        return "channel_not_found"
    blocks = message.get("blocks") or []
    if not blocks and not message.get("text"):
        return "no_text"
    if len(message.get("text", "")) > _MOST_TEXT_CHARACTERS:
        return "msg_too_long"
    if len(blocks) > _MOST_BLOCKS or any(not _is_valid(block) for block in blocks):
        return "invalid_blocks"
    if len(json.dumps(blocks, ensure_ascii=False)) > _MOST_BLOCKS_CHARACTERS:
        return "msg_blocks_too_long"
    return None


def _is_valid(block: dict[str, Any]) -> bool:
    match block:
        case {"type": "divider", **rest}:
            return not rest
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": str(text)}}:
            return 1 <= len(text) <= _MOST_SECTION_CHARACTERS
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            return 1 <= len(text) <= _MOST_HEADER_CHARACTERS
        case {"type": "context", "elements": list(elements)}:
            return 1 <= len(elements) <= _MOST_CONTEXT_ELEMENTS and all(
                1 <= len(element["text"]) <= _MOST_SECTION_CHARACTERS for element in elements
            )
        case _:
            return False


def build_event(event: dict[str, Any], event_id: str = "Ev1") -> dict[str, Any]:
    """What Slack delivers around an event."""
    return {
        "type": "event_callback",
        "team_id": "T1",
        "api_app_id": "A1",
        "event_id": event_id,
        "event_time": int(time.time()),
        "event": event,
    }


def build_mention(text: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "app_mention",
        "user": "U1",
        "text": f"<@{BOT_USER}> {text}",
        "channel": "C1",
        "ts": "100.1",
        **more,
    }


def build_direct_message(text: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "channel_type": "im",
        "user": "U1",
        "text": text,
        "channel": "D1",
        "ts": "100.1",
        **more,
    }


def sign(body: bytes, timestamp: str | None = None) -> dict[str, str]:
    """The headers with which Slack signs a body."""
    timestamp = timestamp or str(int(time.time()))
    signed = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(SIGNING_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={digest}",
    }
