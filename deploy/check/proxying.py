"""nginx between a client and two replicas. In a network of its own, where every port is free.

unshare --net python -m deploy.check.proxying ROOT
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import httpx

from deploy.check.chroot import enter

USER = "33:33"  # www-data
_URL = "http://127.0.0.1:8080"
_REPLICAS = ("127.0.0.1", "127.0.0.2")
_PAUSE_S = 1.0


class Replica(ThreadingHTTPServer):
    """Answers with its address, and what it was sent as the client's."""

    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__((address, 8000), _Handler)
        self.address = address


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        match self.path:
            case "/busy":
                self._answer(503, b"busy", {"Retry-After": "7"})
            case "/events":
                self._answer_slowly()
            case _:
                address = cast(Replica, self.server).address
                self._answer(200, address.encode(), {"X-Seen": self.headers["X-Forwarded-For"]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _answer_slowly(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in (b"first", b"last"):
            self.wfile.write(b"data: " + event + b"\n\n")
            self.wfile.flush()
            time.sleep(_PAUSE_S)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        pass


def check_proxy(client: httpx.Client, replicas: list[Replica]) -> None:
    answered = {client.get("/").text for _ in range(10)}
    assert answered == set(_REPLICAS), f"only {answered} were asked"
    assert client.get("/").headers["X-Seen"] == "127.0.0.1", "X-Forwarded-For is missing"
    busy = client.get("/busy")
    assert (busy.text, busy.headers["Retry-After"]) == ("busy", "7"), "a 503 is changed"
    assert client.get("/metrics").status_code == 404, "/metrics is seen from outside"
    assert client.post("/", content=b"x" * 10_000_000).status_code == 200, "an upload is refused"
    assert client.post("/", content=b"x" * 12_000_000).status_code == 413, "any upload is taken"
    _check_events(client)
    replicas[0].shutdown()
    replicas[0].server_close()
    answered = {client.post("/", content=b"?").text for _ in range(10)}
    assert answered == {_REPLICAS[1]}, f"one replica away: {answered}"
    replicas[1].shutdown()
    replicas[1].server_close()
    away = client.get("/")
    assert (away.status_code, away.headers["Retry-After"]) == (503, "5"), f"all away: {away}"
    assert away.json()["status"] == 503


def _check_events(client: httpx.Client) -> None:
    with client.stream("GET", "/events") as response:
        arrived = [time.monotonic() for line in response.iter_lines() if line]
    assert arrived[1] - arrived[0] > _PAUSE_S / 2, "events are held back"


@contextmanager
def _nginx(root: Path) -> Iterator[None]:
    with subprocess.Popen(
        [*enter(root, USER), "/usr/sbin/nginx"], stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def main(root: Path) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    replicas = [Replica(address) for address in _REPLICAS]
    for replica in replicas:
        threading.Thread(target=replica.serve_forever, daemon=True).start()
    transport = httpx.HTTPTransport(retries=5)  # until it listens
    with _nginx(root), httpx.Client(base_url=_URL, transport=transport, timeout=20) as client:
        check_proxy(client, replicas)
    print("  nginx: both replicas, one, none; events as they come; 503 and 413 as they should be")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
