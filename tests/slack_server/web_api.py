"""The Web API over HTTP, with what may go wrong on the way."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.slack_server import methods, response_urls
from tests.slack_server.faults import Fault, FaultPlan
from tests.slack_server.rates import RateLimits
from tests.slack_server.refusal import Refusal
from tests.slack_server.state import Workspace


@dataclass
class Call:
    """One call: what was asked, what went wrong, and what was answered if anything was."""

    at: float
    method: str
    body: dict[str, Any]
    token: str = ""
    fault: Fault | None = None
    reply: dict[str, Any] | None = None

    @property
    def refused(self) -> str | None:
        """The error's code, where the strict rules refused it."""
        if self.reply is None or self.reply["ok"] or self.fault is not None:
            return None
        return str(self.reply["error"])


class WebApi:
    """Lives in the server's loop; what it keeps is read by tests."""

    def __init__(
        self,
        workspace: Workspace,
        faults: FaultPlan,
        rates: RateLimits,
        socket_url: Callable[[], str],
    ) -> None:
        self.log: list[Call] = []
        # Answers given as they are, whatever was posted.
        self.failures: deque[web.Response] = deque()
        self.stopping = asyncio.Event()
        self._workspace = workspace
        self._faults = faults
        self._rates = rates
        self._socket_url = socket_url

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = await _read_body(request)
        call = Call(self._workspace.now(), method, _without_token(body), _read_token(request, body))
        self.log.append(call)
        if self.failures and method == "chat.postMessage":
            return self.failures.popleft()
        call.fault = self._faults.next(method) or self._find_rate_limit(call)
        if call.fault is None:
            reply = self._carry_out(call, request, body)
            return web.json_response(reply, headers=self._list_scopes(reply))
        return await self._fail(call, call.fault, request, body)

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """A post to a response_url."""
        body = await _read_body(request)
        call = Call(self._workspace.now(), "response_url", body)
        self.log.append(call)
        try:
            response_urls.respond(self._workspace, request.match_info["key"], body)
        except Refusal as refusal:
            call.reply = {"ok": False, "error": refusal.error, "messages": refusal.messages}
            return web.json_response(call.reply, status=404 if "url" in refusal.error else 400)
        call.reply = {"ok": True}
        return web.Response(text="ok")

    def _list_scopes(self, reply: dict[str, Any]) -> dict[str, str]:
        """The header with which Slack tells what a good token may do."""
        return {"X-OAuth-Scopes": ",".join(self._workspace.scopes)} if reply["ok"] else {}

    def _find_rate_limit(self, call: Call) -> Fault | None:
        channel = str(call.body.get("channel", ""))
        wait_s = self._rates.find_wait(call.method, channel, self._workspace.now())
        return Fault("rate_limit", wait_s, "ratelimited") if wait_s else None

    def _carry_out(self, call: Call, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        authorization = request.headers.get("Authorization", "")
        call.reply = methods.call(
            self._workspace, call.method, authorization, body, self._socket_url()
        )
        return call.reply

    async def _fail(
        self, call: Call, fault: Fault, request: web.Request, body: dict[str, Any]
    ) -> web.StreamResponse:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        reply = self._carry_out(call, request, body) if fault.takes_effect else {}
        if fault.kind == "delay":
            return web.json_response(reply)
        if fault.kind == "drop":
            await self.stopping.wait()
        if fault.kind in ("drop", "reset"):
            return _break(request)
        call.reply = {"ok": False, "error": fault.error}
        if fault.kind == "rate_limit":
            headers = {"Retry-After": str(max(1, round(fault.seconds)))}
            return web.json_response(call.reply, status=429, headers=headers)
        return web.json_response(call.reply)


async def _read_body(request: web.Request) -> dict[str, Any]:
    """JSON, a form, or the query: slack-sdk uses all three."""
    body: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body |= json.loads(await request.text() or "{}")
        return body
    return body | dict(await request.post())


def _without_token(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "token"}


def _read_token(request: web.Request, body: dict[str, Any]) -> str:
    named = str(body.get("token", ""))
    return named or request.headers.get("Authorization", "").removeprefix("Bearer ")


def _break(request: web.Request) -> web.StreamResponse:
    """A reset, not an orderly end."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()
