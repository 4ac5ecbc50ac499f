"""What goes wrong between two machines, on loopback: a proxy that can be told to misbehave."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Fault = Literal["none", "reset", "silent", "slow"]
_PIECE = 65_536
_POLL_S = 0.05


class FaultProxy:
    """Passes TCP on. `fault` holds for what comes from then on, on open connections too:

    none: passed on; reset: cut off in the middle; silent: taken, never passed on; slow: late.
    """

    def __init__(self, host: str, port: int) -> None:
        self.fault: Fault = "none"
        self.latency_s = 0.2
        self.connections = 0
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def stop(self) -> None:
        self._stopped.set()
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        self._listener.settimeout(_POLL_S)
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                near, _ = self._listener.accept()
                self.connections += 1
                far = socket.create_connection(self._target)
                for source, sink in ((near, far), (far, near)):
                    thread = threading.Thread(target=self._pass_on, args=(source, sink))
                    self._threads.append(thread)
                    thread.start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            source.settimeout(_POLL_S)
            while not self._stopped.is_set():
                try:
                    piece = source.recv(_PIECE)
                except TimeoutError:
                    continue
                if self.fault == "reset":
                    _reset(source)
                    _reset(sink)
                    return
                if self.fault == "slow":
                    self._stopped.wait(self.latency_s)
                if not piece:
                    break
                if self.fault in ("none", "slow"):
                    sink.sendall(piece)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _reset(connection: socket.socket) -> None:
    """So that the other side gets a RST and no orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def run_proxy(host: str, port: int) -> Iterator[FaultProxy]:
    proxy = FaultProxy(host, port)
    try:
        yield proxy
    finally:
        proxy.stop()
