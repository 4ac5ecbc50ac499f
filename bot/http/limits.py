"""How large, how slow, how often and how many at once."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.callers import LOCAL
from bot.http.guard import is_open
from bot.http.leaving import ClientLeft
from bot.http.problems import build_problem

BODY_TIMEOUT_S = 60.0
_MOST_QUESTION_BYTES = 64 * 1024
# A whole chat comes with each of its questions, and with the pictures and files shown in it.
_MOST_CHAT_BYTES = 16 * 1024 * 1024
_CHATS = "/v1/"
# Slack and MCP have limits of their own below.
_MOST_EVENT_BYTES = 1024 * 1024
_EVENTS = ("/mcp", "/slack/")
_UPLOADS = "/articles"
_ANSWERS = frozenset({("POST", "/ask"), ("GET", "/search"), ("POST", "/v1/chat/completions")})
_ANSWERS_BELOW = "/mcp"
_BUSY_RETRY_S = 2

Count = Callable[[], None]
Turn = Future[bool]


class RateLimit:
    """So many requests of one key in a moving window. Without keys all are this machine's own."""

    def __init__(self, app: ASGIApp, rate: RateLimitItem, count_refused: Count) -> None:
        self._app = app
        self._rate = rate
        self._count_refused = count_refused
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope.get("state", {}).get("caller", LOCAL)
        if scope["type"] == "http" and caller is not LOCAL and not is_open(scope["path"]):
            owner = caller.owner
            if not self._limiter.hit(self._rate, owner):
                self._count_refused()
                await self._build_refusal(owner)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _build_refusal(self, owner: str) -> JSONResponse:
        reset = self._limiter.get_window_stats(self._rate, owner).reset_time
        wait_s = max(1, math.ceil(reset - time.time()))
        detail = f"too many requests (limit {self._rate}): wait {wait_s} s, or raise bot.rate_limit"
        return _refuse(429, detail, wait_s)


class BodyLimit:
    """Reads the body before anything else runs, within its size and its time.

    A client that sends slowly thus holds neither a thread nor a place among the answering.
    """

    def __init__(
        self, app: ASGIApp, most_upload_bytes: int, timeout_s: float = BODY_TIMEOUT_S
    ) -> None:
        self._app = app
        self._most_upload_bytes = most_upload_bytes
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._find_most(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > most:
            await _refuse_size(most)(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                body = await _read(receive, most)
        except TimeoutError:
            detail = f"the body took longer than {self._timeout_s:g} s: send faster, or send less"
            problem = build_problem(408, detail)
            problem.headers["Connection"] = "close"
            await problem(scope, receive, send)
            return
        except ClientLeft:
            return
        if body is None:
            await _refuse_size(most)(scope, receive, send)
            return
        await self._app(scope, _put_back(body, receive), send)

    def _find_most(self, path: str) -> int:
        if path == _UPLOADS or path.startswith(f"{_UPLOADS}/"):
            return self._most_upload_bytes
        if path.startswith(_CHATS):
            return _MOST_CHAT_BYTES
        return _MOST_EVENT_BYTES if path.startswith(_EVENTS) else _MOST_QUESTION_BYTES


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body; None if it is longer than `most` bytes. Raises ClientLeft."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        body += message.get("body", b"")
        if len(body) > most:
            return None
        more = message.get("more_body", False)
    return bytes(body)


def _put_back(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return first.pop() if first else await receive()

    return receive_again


class Turns:
    """Who may answer now: so many at once, the others in the order they came.

    It knows no event loop, so that any thread's may wait.
    """

    def __init__(self, most_running: int, most_waiting: int) -> None:
        self.running = 0
        self._most_running = most_running
        self._most_waiting = most_waiting
        self._row: deque[Turn] = deque()
        self._closed = False
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        return len(self._row)

    def join(self) -> Turn | None:
        """True once it is one's turn, False if the server stops first; None if there is no room.
        What was joined must be left."""
        turn = Turn()
        with self._lock:
            if self._closed:
                return None
            if self.running < self._most_running:
                self.running += 1
                turn.set_result(True)
            elif self.waiting < self._most_waiting:
                self._row.append(turn)
            else:
                return None
        return turn

    def leave(self, turn: Turn) -> None:
        """The turn goes to the next in the row; a place in the row is given up."""
        with self._lock:
            if turn in self._row:
                self._row.remove(turn)
            elif turn.result() and self._row:
                self._row.popleft().set_result(True)
            elif turn.result():
                self.running -= 1

    def close(self) -> None:
        """The server stops: who waits is turned away, and who comes later."""
        with self._lock:
            self._closed = True
            while self._row:
                self._row.popleft().set_result(False)


class AnswerLimit:
    """Lets so many requests answer at once and so many wait, without a thread for the waiting.

    It also watches for the client's leaving, and tells the route by `connection.state.left`.
    """

    def __init__(self, app: ASGIApp, turns: Turns, count_refused: Count) -> None:
        self._app = app
        self._turns = turns
        self._count_refused = count_refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _answers(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        turn = self._turns.join()
        if turn is None:
            await self._refuse_turn()(scope, receive, send)
            return
        left = scope.setdefault("state", {})["left"] = threading.Event()
        request = await receive()  # whole: BodyLimit has read it
        leaving = asyncio.ensure_future(_watch(receive, left))
        try:
            if not turn.done():
                either: set[asyncio.Future[Any]] = {asyncio.wrap_future(turn), leaving}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if left.is_set():
                return
            if turn.result():
                # A stream keeps its turn until its end.
                await self._app(scope, _replay(request, leaving), send)
            else:
                await self._refuse_turn()(scope, receive, send)
        finally:
            # However it ended: whatever still works on it may stop.
            left.set()
            leaving.cancel()
            self._turns.leave(turn)

    def _refuse_turn(self) -> JSONResponse:
        self._count_refused()
        return _refuse(503, "the server is busy: try again in a few seconds", _BUSY_RETRY_S)


async def _watch(receive: Receive, left: threading.Event) -> None:
    """Set `left` once the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    left.set()


def _replay(request: Message, leaving: asyncio.Future[None]) -> Receive:
    """The request again, and then the client's leaving: two that read would miss each other."""
    first = [request]

    async def receive() -> Message:
        if first:
            return first.pop()
        await asyncio.shield(leaving)
        return {"type": "http.disconnect"}

    return receive


def _answers(method: str, path: str) -> bool:
    below = path == _ANSWERS_BELOW or path.startswith(f"{_ANSWERS_BELOW}/")
    return (method, path) in _ANSWERS or (method == "POST" and below)


def _refuse_size(most: int) -> JSONResponse:
    return build_problem(413, f"the body is larger than {most} bytes: send less at once")


def _refuse(status: int, detail: str, wait_s: int) -> JSONResponse:
    problem = build_problem(status, detail)
    problem.headers["Retry-After"] = str(wait_s)
    return problem
