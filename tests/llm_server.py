"""A scripted server of OpenAI's shape, on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import SecretStr

from bot.answering.llm import LLM, build_llm
from bot.settings import BotSettings

KEY = "sk-very-secret"


class ScriptedServer(ThreadingHTTPServer):
    """Gives one reply to every request, after a pause, and keeps what was asked of it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.content = b""
        self.pause_s = 0.0
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.say("Mark Rutte chaired the talks [1].")

    def say(self, text: str | None) -> None:
        message = {"role": "assistant", "content": text}
        self.content = json.dumps(
            {
                "id": "c1",
                "object": "chat.completion",
                "created": 1,
                "model": "scripted",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }
        ).encode()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("Authorization", "")
        self.server.requests.append((self.path, key, body))
        time.sleep(self.server.pause_s)
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.content)))
        with suppress(BrokenPipeError):  # it was not waited for
            self.end_headers()
            self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def run_server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield running
        finally:
            running.shutdown()
            thread.join()


def connect(url: str, timeout_s: float = 20.0) -> LLM:
    settings = BotSettings(
        llm="compatible/scripted",
        llm_base_url=url,
        llm_api_key=SecretStr(KEY),
        llm_timeout_s=timeout_s,
    )
    llm = build_llm(settings)
    assert llm is not None
    return llm
