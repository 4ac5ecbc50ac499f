"""A real server on loopback, for what shows only on a socket or in a client of its own."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from httpx2 import Response
from starlette.types import ASGIApp

from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.http.limits import Turns
from bot.http.server import BoundedProtocol, Server
from bot.service import LocalService
from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf

ASKED = "Who chaired the talks?"
PATIENCE_S = 30.0


class HastyProtocol(BoundedProtocol):
    timeout_s = 1.5


@dataclass(frozen=True)
class Running:
    port: int
    server: Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(20)
        return connection

    def send(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to what may be no request at all."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_response(connection)


@contextmanager
def run_app(app: FastAPI) -> Iterator[Running]:
    """As `dateline serve` runs it, with less patience."""
    with _run(app, app.state.turns, HastyProtocol) as running:
        yield running


@contextmanager
def serve(app: ASGIApp) -> Iterator[str]:
    """Gives the address of whatever answers over HTTP, be it no more than a part of our app."""
    with _run(app, Turns(1, 0), BoundedProtocol) as running:
        yield running.url


@contextmanager
def _run(app: ASGIApp, turns: Turns, protocol: type[BoundedProtocol]) -> Iterator[Running]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(app, turns, longest_answer_s=5, protocol=protocol)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Running(listener.getsockname()[1], server)
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def run_shelf(shelf: Shelf, **settings: Any) -> Iterator[Running]:
    with run_app(build_app(shelf.library, shelf.service, BotSettings(**settings))) as running:
        yield running


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class HeldService:
    """Answers like the shelf's, once it is let; `on_delta` is called meanwhile, as by a model."""

    def __init__(self, service: LocalService) -> None:
        self._service = service
        self.let = threading.Event()
        self.begun: list[str] = []
        self.ended: list[str] = []

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        self.begun.append(question.text)
        try:
            while not self.let.wait(0.02):
                on_delta("")
            return self._service.answer(question, on_delta)
        finally:
            self.ended.append(question.text)

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        return self._service.search(question, top_k)


def read_response(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One whole response; it must be framed by its length."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (piece := connection.recv(65536)):
            raise ConnectionError("closed without a response")
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        if not (piece := connection.recv(65536)):
            raise ConnectionError("closed within a response")
        body += piece
    return int(status.split()[1]), headers, body


def read_problem(status: int, headers: dict[str, str], body: bytes) -> str:
    """The detail of what must be a problem of this status, with a request id."""
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-request-id"]
    problem = json.loads(body)
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert "Traceback" not in body.decode()
    detail = problem["detail"]
    assert isinstance(detail, str)
    assert detail
    return detail


def check_problem(response: Response, status: int) -> str:
    assert response.status_code == status, response.text
    return read_problem(status, dict(response.headers), response.content)


def build_post(path: str, body: bytes, *lines: str, host: str = "127.0.0.1") -> bytes:
    head = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json", *lines]
    if not any(line.lower().startswith(("content-length", "transfer")) for line in lines):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body
