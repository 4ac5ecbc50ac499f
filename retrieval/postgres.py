"""Connections to PostgreSQL that never wait longer for it than people do.

A server that is stopped, or behind a connection that nobody answers on, says nothing: without a
bound here a question would hang as long as that lasts, and others behind it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy
from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from sqlalchemy import Engine, event

_ANSWER_S = 10.0
_CONNECT_S = 3
_PAUSE_S = 1.0
_POLL_S = 0.1
_SESSION = {
    # Who was stopped in the middle of a transaction does not hold up every other writer.
    "idle_in_transaction_session_timeout": "20s",
    # The server finds within about half a minute that a session's machine is gone.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}

T = TypeVar("T")


class BoundedConnection(Connection[Any]):
    """Gives up, and is closed, where the server says nothing for so long; None: waits for ever."""

    answer_s: float | None = _ANSWER_S

    def wait(self, gen: PQGen[T], interval: float = _POLL_S, timeout: float | None = None) -> T:
        try:
            return super().wait(_watch(gen, self.answer_s), interval, timeout)
        except _Silence as silence:
            self.pgconn.finish()
            raise OperationalError(f"no answer within {self.answer_s:g} s") from silence


class _Silence(Exception):
    pass


def _watch(gen: PQGen[T], answer_s: float | None) -> PQGen[T]:
    """The same, until nothing came for so long. Raises _Silence."""
    heard = time.monotonic()
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif answer_s is not None and time.monotonic() - heard > answer_s:
                raise _Silence
            wanted = gen.send(ready)
    except StopIteration as end:
        found: T = end.value
        return found


class Connector:
    """Connects; for a moment after it could not, it says so at once: who asks then would only
    queue up behind a server that is away."""

    def __init__(self) -> None:
        self._failed_at = float("-inf")
        self._connecting = threading.Lock()

    def connect(self, *arguments: Any, **named: Any) -> BoundedConnection:
        """Raises psycopg's OperationalError."""
        asked_at = time.monotonic()
        with self._connecting:
            # Whoever waited while another failed knows as much.
            if self._failed_at > min(asked_at, time.monotonic() - _PAUSE_S):
                raise OperationalError("it could not be reached a moment ago")
            try:
                return _connect(*arguments, **named)
            except OperationalError:
                self._failed_at = time.monotonic()
                raise


def _connect(*arguments: Any, **named: Any) -> BoundedConnection:
    limited = {"connect_timeout": _CONNECT_S} | named
    connection = BoundedConnection.connect(*arguments, **limited, autocommit=True)
    for name, value in _SESSION.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.autocommit = False
    return connection


def bound(engine: Engine) -> None:
    """Make all its connections so."""
    connector = Connector()

    @event.listens_for(engine, "do_connect")
    def _on_connect(_dialect: Any, _record: Any, arguments: Any, named: Any) -> BoundedConnection:
        return connector.connect(*arguments, **named)


@contextmanager
def waiting_for_ever(connection: sqlalchemy.Connection) -> Iterator[None]:
    """For what may take long while the server says nothing: migrations, deleting a generation."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, BoundedConnection):
        yield
        return
    driver.answer_s = None
    try:
        yield
    finally:
        driver.answer_s = _ANSWER_S
