"""A real server on loopback, with callers told apart as behind keys."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.http.callers import Caller


@contextmanager
def serve(app: ASGIApp) -> Iterator[str]:
    """Gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


class KeyedCallers:
    """Takes the bearer token of a request for its owner, as a guard that knows all keys."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            key = Headers(scope=scope).get("authorization", "").removeprefix("Bearer ")
            scope.setdefault("state", {})["caller"] = Caller(owner=key, role="read")
        await self._app(scope, receive, send)
