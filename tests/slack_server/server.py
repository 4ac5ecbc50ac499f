"""The stand-in's front: it runs in a thread of its own, and tests talk to it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import httpx
from aiohttp import web

from tests.slack_server import response_urls, signing
from tests.slack_server.chat import check_content, check_place
from tests.slack_server.faults import FaultPlan
from tests.slack_server.rates import RateLimits
from tests.slack_server.refusal import Refusal
from tests.slack_server.sockets import Sockets
from tests.slack_server.state import Message, Workspace
from tests.slack_server.web_api import Call, WebApi

_ASKED = ("app_mention", "message")


class SlackServer:
    """Web API and Socket Mode on loopback.

    What a test plans: `faults`, `rates`, `workspace`. What it reads: `log` (every call and its
    answer), `calls`, `workspace` and `visible`.
    """

    def __init__(self, seed: int = 0) -> None:
        self.workspace = Workspace()
        self.faults = FaultPlan(seed)
        self.rates = RateLimits()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._sockets = Sockets()
        self._web_api = WebApi(self.workspace, self.faults, self.rates, lambda: self.socket_url)
        self._runner = self._run(self._start())
        self._port = int(self._runner.addresses[0][1])

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/socket"

    @property
    def log(self) -> list[Call]:
        return self._web_api.log

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        return [(call.method, call.body) for call in list(self.log)]

    @property
    def refused(self) -> list[Call]:
        """What the strict rules refused."""
        return [call for call in list(self.log) if call.refused]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What was sent to be posted, whether it was taken or not."""
        return [body for method, body in self.calls if method == "chat.postMessage"]

    @property
    def failures(self) -> deque[web.Response]:
        """The next answers to what is posted."""
        return self._web_api.failures

    @property
    def acknowledged(self) -> list[str]:
        return self._sockets.acknowledged

    @property
    def connections(self) -> int:
        return len(self._sockets.connected)

    def visible(
        self, channel: str, thread_ts: str | None = None, to: str | None = None
    ) -> list[Message]:
        """The bot's messages as they stand there now, oldest first.

        In the channel itself without `thread_ts`; with `to` those that only this user sees too.
        """
        return [
            message
            for message in list(self.workspace.messages)
            if message.is_bots
            and (message.channel, message.thread_ts) == (channel, thread_ts)
            and message.ephemeral_to in (None, to)
        ]

    def sent(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of one method."""
        return [body for called, body in self.calls if called == method]

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, f"it never came; the calls were {self.calls}"
            time.sleep(0.01)

    def response_url(
        self, channel: str = "C1", user: str = "U1", message_ts: str | None = None
    ) -> str:
        key = response_urls.issue(self.workspace, channel, user, message_ts)
        return f"http://127.0.0.1:{self._port}/response/{key}"

    def deliver(self, payload: dict[str, Any], **how: Any) -> dict[str, Any] | None:
        """Over a Socket Mode connection; what the app acknowledged with, None if not in time."""
        return self.submit(payload, **how).result(20)

    def submit(self, payload: dict[str, Any], **how: Any) -> Future[dict[str, Any] | None]:
        """As `deliver`, without waiting. How: `to`, `retry_num` and `redeliver` of `Sockets`."""
        self.wait_until(lambda: self.connections > 0)
        self.note(payload)
        return asyncio.run_coroutine_threadsafe(self._sockets.deliver(payload, **how), self._loop)

    def send(self, payload: dict[str, Any]) -> None:
        """To every Socket Mode connection, without waiting for what they answer."""
        self.wait_until(lambda: self.connections > 0)
        for position in range(self.connections):
            self.submit(payload, to=position)

    def close_sockets(self) -> None:
        """As Slack does with a connection that has served long enough."""
        self._run(self._sockets.close())

    def post(self, url: str, payload: dict[str, Any], retry_num: int = 0) -> httpx.Response:
        """Signed, to an app's `…/slack/events`."""
        self.note(payload)
        return signing.post(url, payload, retry_num)

    def note(self, payload: dict[str, Any]) -> None:
        """A person's message is in its channel before the app hears of it."""
        event = payload.get("event", {})
        if event.get("type") not in _ASKED or "subtype" in event:
            return
        if self.workspace.find(event["channel"], event["ts"]) is None:
            self.workspace.add(
                Message(
                    channel=event["channel"],
                    ts=event["ts"],
                    user=event["user"],
                    at=self.workspace.now(),
                    text=event["text"],
                    thread_ts=event.get("thread_ts"),
                )
            )

    def stop(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _start(self) -> web.AppRunner:
        app = web.Application(client_max_size=4_000_000)
        app.router.add_post("/api/{method}", self._web_api.call)
        app.router.add_get("/api/{method}", self._web_api.call)
        app.router.add_post("/response/{key}", self._web_api.respond)
        app.router.add_get("/socket", self._sockets.connect)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    async def _stop(self) -> None:
        self._web_api.stopping.set()
        await self._sockets.close()
        await self._runner.cleanup()


def find_fault(message: dict[str, Any]) -> str | None:
    """The error with which Slack refuses a message, or None."""
    try:
        check_place(Workspace(), message.get("channel"))
        check_content(message)
    except Refusal as refusal:
        return refusal.error
    return None
