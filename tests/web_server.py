"""A web server on loopback that can answer as badly as the web does, and fetchers to ask it."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ingest.addresses import Resolver, resolve_host
from ingest.errors import UnreadableInput
from ingest.fetching import Fetched, Fetcher
from ingest.settings import IngestSettings
from ingest.visits import VisitLog

HTML = (
    b"<!doctype html><html><head><title>Accord</title></head><body><article>"
    b"<h1>Accord</h1><p>The ministers signed the accord on Monday after two years of talks, and "
    b"it lets ships of both countries use the strait.</p></article></body></html>"
)


@dataclass(frozen=True, slots=True)
class Page:
    """A body in pieces is sent without its length, with a pause before each piece."""

    body: bytes | Iterable[bytes] = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: Mapping[str, str]


Answer = Page | Callable[[BaseHTTPRequestHandler], None]


class WebServer:
    """Serves `pages` by path; of several answers to one path each is given once, the last on."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Answer | list[Answer]] = {}
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = False
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if tls else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def paths(self) -> list[str]:
        """What was asked for, but for robots.txt."""
        return [r.path for r in self.requests if r.path != "/robots.txt"]

    def address(self, path: str = "/", host: str = "news.test") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.requests.append(Request(self.path, dict(self.headers)))
                self.close_connection = True
                with suppress(BrokenPipeError, ConnectionResetError):
                    server._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        answer = self.pages.get(handler.path, Page(b"", 404))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Page):
            self._send(handler, answer)
        else:
            answer(handler)

    def _send(self, handler: BaseHTTPRequestHandler, page: Page) -> None:
        handler.send_response(page.status)
        headers = {"Connection": "close", **page.headers}
        if isinstance(page.body, bytes):
            headers = {"Content-Length": str(len(page.body)), **headers}
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        for piece in [page.body] if isinstance(page.body, bytes) else page.body:
            if self.stopping.wait(page.pause_s):
                return
            handler.wfile.write(piece)


@contextmanager
def serve_web(tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    server = WebServer(tls)
    try:
        yield server
    finally:
        server.stop()


def redirect(location: str, status: int = 302) -> Page:
    return Page(b"", status, {"Location": location})


def gzipped(body: bytes) -> Page:
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    return Page(gzip.compress(body), headers=headers)


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Break the connection off, as a crashed server does."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


def resolve_test_names(host: str, port: int) -> tuple[str, ...]:
    """Names under .test are this machine's."""
    return ("127.0.0.1",) if host.endswith(".test") else resolve_host(host, port)


def make_fetcher(log: VisitLog, resolve: Resolver = resolve_test_names, **settings: Any) -> Fetcher:
    """One that may fetch from news.test, and does not pause."""
    wanted = {"allowed_private_hosts": ("news.test",), "fetch_delay_s": 0.0, **settings}
    return Fetcher(IngestSettings(**wanted), log, resolve)


def fetch(log: VisitLog, address: str, **settings: Any) -> Fetched:
    fetched = make_fetcher(log, **settings).fetch(address, None)
    assert fetched is not None
    return fetched


def fetch_error(log: VisitLog, address: str, **settings: Any) -> str:
    with pytest.raises(UnreadableInput) as raised:
        make_fetcher(log, **settings).fetch(address, None)
    return str(raised.value)
