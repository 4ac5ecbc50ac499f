"""What goes wrong between two machines, on loopback: a proxy that can be told to misbehave."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

Fault = Literal["none", "reset", "silent", "slow", "narrow"]
_PIECE = 16_384
_POLL_S = 0.05
_PATIENCE_S = 10.0


class FaultProxy:
    """Passes TCP on. `fault` holds for what comes from then on, on open connections too:

    none: passed on; reset: cut off in the middle; silent: taken, never passed on, and what was
    lost is never made up for; slow: `latency_s` late; narrow: `bytes_per_s` each way.
    """

    def __init__(self, host: str, port: int) -> None:
        self.fault: Fault = "none"
        self.latency_s = 0.2
        self.bytes_per_s = 65_536
        self.connections = 0
        self._target = (host, port)
        self._open: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = self._run(self._start())

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_PATIENCE_S)

    async def _start(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _stop(self) -> None:
        self._server.close()
        for connection in self._open:
            connection.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = asyncio.current_task()
        assert connection is not None
        self._open.add(connection)
        connection.add_done_callback(self._open.discard)
        far: asyncio.StreamWriter | None = None
        try:
            answers, far = await asyncio.open_connection(*self._target)
            async with asyncio.TaskGroup() as both_ways:
                both_ways.create_task(self._pass_on(reader, far))
                both_ways.create_task(self._pass_on(answers, near))
        except* (OSError, asyncio.CancelledError):
            pass  # nobody listens there, a side has gone, or the proxy stops
        finally:
            for writer in filter(None, (near, far)):
                _reset(writer) if self.fault == "reset" else writer.close()

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Ends by an error, so that the other way ends too."""
        while piece := await source.read(_PIECE):
            if self.fault == "reset":
                break
            if self.fault == "silent":
                await self._swallow(source)
            if self.fault == "slow":
                await asyncio.sleep(self.latency_s)
            if self.fault == "narrow":
                await asyncio.sleep(len(piece) / self.bytes_per_s)
            sink.write(piece)
            await sink.drain()
        raise ConnectionResetError

    async def _swallow(self, source: asyncio.StreamReader) -> None:
        """All that comes, its end too: what is behind the proxy hears of nothing."""
        while await source.read(_PIECE):
            pass
        while self.fault == "silent":
            await asyncio.sleep(_POLL_S)
        raise ConnectionResetError


def _reset(writer: asyncio.StreamWriter) -> None:
    """So that the other side gets a RST and no orderly end."""
    with suppress(OSError):
        opened: socket.socket = writer.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def run_proxy(host: str, port: int) -> Iterator[FaultProxy]:
    proxy = FaultProxy(host, port)
    try:
        yield proxy
    finally:
        proxy.stop()
