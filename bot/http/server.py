"""uvicorn, which waits for ever for the rest of a request, with less patience."""

from __future__ import annotations

import asyncio
import math
import socket
import uuid
from typing import ClassVar

import h11
import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.http.limits import Turns
from bot.http.problems import build_problem

_KEEP_ALIVE_S = 75
_LAST_WORDS_S = 5
_MOST_HEAD_BYTES = 32 * 1024
_DETAIL = (
    f"this is not HTTP/1.1, or its head is longer than {_MOST_HEAD_BYTES} bytes: "
    "send a smaller, well-formed request"
)


class BoundedProtocol(H11Protocol):
    """Closes a connection whose request head is not whole in time, or whose body goes on long
    after it was refused; a malformed head gets problem+json."""

    timeout_s: ClassVar[float] = 20.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_watching()

    def send_400_response(self, msg: str) -> None:
        del msg
        if self.conn.our_state is h11.IDLE:
            problem = build_problem(400, _DETAIL)
            request_id = uuid.uuid4().hex.encode()
            headers = [
                *problem.raw_headers,
                (b"x-request-id", request_id),
                (b"connection", b"close"),
            ]
            head = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
            for event in (head, h11.Data(data=bytes(problem.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        elif self.cycle is not None:
            # The request began well: whoever reads its body learns that it will not end.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _watch(self) -> None:
        """The time for a head, or for a body that nobody reads, runs from its first byte."""
        heads = self.conn.their_state is h11.IDLE
        ignored = self.conn.their_state is h11.SEND_BODY and self.conn.our_state is h11.DONE
        if not (heads or ignored):
            self._stop_watching()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.timeout_s, self.transport.close)

    def _stop_watching(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """Stopped, it turns away who waits for a turn, and finishes what is being answered."""

    def __init__(
        self,
        app: ASGIApp,
        turns: Turns,
        longest_answer_s: float,
        protocol: type[H11Protocol] = BoundedProtocol,
    ) -> None:
        self._turns = turns
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=_MOST_HEAD_BYTES,
            # Longer than clients keep idle connections, so that they and not we close them.
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=math.ceil(longest_answer_s) + _LAST_WORDS_S,
        )
        super().__init__(config)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._turns.close()
        await super().shutdown(sockets)
