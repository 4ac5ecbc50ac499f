"""An id for each request, and one line of JSON about it: never what was asked or answered."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.callers import LOCAL

_log = logging.getLogger("dateline.http")
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# As nginx has it: nobody was there to get the answer.
CLIENT_LEFT = 499
# What people are told of a failure that nobody foresaw.
SEE_LOG = "something went wrong: see the server's log"


class RequestLog:
    """Gives every response an `X-Request-ID`, the client's own where it is safe to repeat."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _choose_id(Headers(scope=scope).getlist("x-request-id"))
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = CLIENT_LEFT

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            _write_line(scope, status, time.perf_counter() - started)


def find_route(scope: Scope) -> str:
    """The route's template: a raw path may hold anything."""
    return getattr(scope.get("route"), "path", "") or "unknown"


def find_method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


def log_to_stderr() -> None:
    """For `bot.log_requests`: the lines as they are, whatever the command line does with others."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


def _choose_id(given: list[str]) -> str:
    if len(given) == 1 and _SAFE_ID.fullmatch(given[0]):
        return given[0]
    return uuid.uuid4().hex


def _write_line(scope: Scope, status: int, elapsed_s: float) -> None:
    line: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "method": find_method(scope),
        "route": find_route(scope),
        "status": status,
        "ms": round(1000 * elapsed_s, 1),
        "request_id": scope["state"]["request_id"],
        "owner": scope["state"].get("caller", LOCAL).owner[:8],
    }
    _log.info("%s", json.dumps(line))
