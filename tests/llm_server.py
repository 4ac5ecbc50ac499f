"""A scripted server of OpenAI's shape, on loopback: what it says, and every way to fail."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any

from pydantic import SecretStr

from bot.answering.llm import AdaptedLLM, build_llm
from bot.settings import BotSettings

KEY = "sk-very-secret"


class ScriptedServer(ThreadingHTTPServer):
    """Gives one reply to every request, and keeps what was asked of it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.headers: dict[str, str] = {}
        self.content_type = "application/json"
        # Sent as it is, in place of a completion.
        self.content: bytes | None = None
        self.text: str | None = ""
        # The `delta` of each event, in place of a word each.
        self.deltas: list[Any] | None = None
        # Options that it refuses, each with what it says of it.
        self.refused: dict[str, str] = {}
        # What it says, and with which status, of a system message.
        self.refused_system: tuple[int, str] | None = None
        self.pause_s = 0.0
        self.pause_between_pieces_s = 0.0
        self.resets_after: int | None = None
        self.never_ends = False
        # Tokens of the prompt and of the completion, told at the end of a stream.
        self.usage: tuple[int, int] | None = None
        self.tells_usage_unasked = False
        self.client_left = threading.Event()
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.say("Mark Rutte chaired the talks [1].")

    def say(self, text: str | None) -> None:
        self.text = text

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def pieces(self, asked_for_usage: bool) -> Iterator[bytes]:
        """The events of a stream, a word each."""
        for delta in self.deltas or ():
            yield _event({"delta": delta, "finish_reason": None})
        words = [] if self.deltas else re.findall(r"\s*\S+|\s+", self.text or "") or [self.text]
        for word in cycle(words) if self.never_ends else words:
            yield _event({"delta": {"role": "assistant", "content": word}, "finish_reason": None})
        yield _event({"delta": {}, "finish_reason": "stop"})
        if self.usage is not None and (asked_for_usage or self.tells_usage_unasked):
            yield _usage_event(*self.usage)
        yield b"data: [DONE]\n\n"

    def whole(self) -> bytes:
        message = {"role": "assistant", "content": self.text}
        return json.dumps(
            {
                **_FRAME,
                "object": "chat.completion",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }
        ).encode()


_FRAME: dict[str, Any] = {"id": "c1", "created": 1, "model": "scripted"}


def _event(choice: dict[str, Any]) -> bytes:
    chunk = {**_FRAME, "object": "chat.completion.chunk", "choices": [{"index": 0, **choice}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _usage_event(prompt: int, completion: int) -> bytes:
    """The last of a stream: it has no choices."""
    usage = {"prompt_tokens": prompt, "completion_tokens": completion}
    usage["total_tokens"] = prompt + completion
    chunk = {**_FRAME, "object": "chat.completion.chunk", "choices": [], "usage": usage}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("Authorization", "")
        self.server.requests.append((self.path, key, body))
        time.sleep(self.server.pause_s)
        refusals = [said for option, said in self.server.refused.items() if option in body]
        has_system = any(each["role"] == "system" for each in body.get("messages", ()))
        try:
            if has_system and self.server.refused_system is not None:
                status, said = self.server.refused_system
                self._send(said.encode(), status=status)
            elif refusals:
                self._send(refusals[0].encode(), status=400)
            elif self.server.content is not None or not body.get("stream"):
                self._send(self.server.content or self.server.whole())
            else:
                self._stream((body.get("stream_options") or {}).get("include_usage") is True)
        except (BrokenPipeError, ConnectionResetError):
            self.server.client_left.set()

    def _send(self, content: bytes, status: int | None = None) -> None:
        self._begin(self.server.content_type, {"Content-Length": str(len(content))}, status)
        self.wfile.write(content)

    def _stream(self, asked_for_usage: bool) -> None:
        self._begin("text/event-stream", {"Transfer-Encoding": "chunked"})
        for sent, piece in enumerate(self.server.pieces(asked_for_usage)):
            if sent == self.server.resets_after:
                self._reset()
                return
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            time.sleep(self.server.pause_between_pieces_s)
        self.wfile.write(b"0\r\n\r\n")

    def _begin(self, content_type: str, headers: dict[str, str], status: int | None = None) -> None:
        self.send_response(status or self.server.status)
        for name, value in {"Content-Type": content_type, **headers, **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _reset(self) -> None:
        """What a killed process leaves behind."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

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


def connect(url: str, timeout_s: float = 60.0) -> AdaptedLLM:
    llm = build_llm(settings_for(url, timeout_s))
    assert llm is not None
    return llm


def settings_for(url: str, timeout_s: float = 60.0) -> BotSettings:
    return BotSettings(
        llm="compatible/scripted",
        llm_base_url=url,
        llm_api_key=SecretStr(KEY),
        llm_timeout_s=timeout_s,
    )
