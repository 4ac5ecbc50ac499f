"""Connections to PostgreSQL when it does not answer: bounded, and made again when it does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from pydantic import SecretStr
from sqlalchemy import func, make_url, select, update

from retrieval import postgres
from retrieval.database import Database
from retrieval.errors import StorageError
from retrieval.settings import RetrievalSettings
from retrieval.tables import counters
from tests.fault_proxy import FaultProxy, run_proxy
from tests.postgres_server import run_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Made where the language is one that the machine has not installed, as in many containers."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LC_ALL", "xx_XX.UTF-8")
        with run_postgres() as url:
            yield url


@pytest.fixture
def proxy(server: str) -> Iterator[FaultProxy]:
    port = make_url(server).port
    assert port
    with run_proxy("127.0.0.1", port) as running:
        yield running


@pytest.fixture
def database(
    server: str,
    proxy: FaultProxy,
    settings: RetrievalSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Database]:
    """By way of the proxy, and little patient."""
    monkeypatch.setattr(postgres.BoundedConnection, "answer_s", 0.5)
    monkeypatch.setattr(postgres, "_ANSWER_S", 0.5)
    url = make_url(server).set(port=proxy.port).render_as_string(hide_password=False)
    with closing(
        Database.open(settings.model_copy(update={"archive_url": SecretStr(url)}))
    ) as opened:
        yield opened


def read_counter(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(counters)).scalar_one())


def test_a_server_that_says_nothing_is_given_up_in_time(
    database: Database, proxy: FaultProxy
) -> None:
    proxy.fault = "silent"
    started = time.monotonic()
    with pytest.raises(StorageError, match="check that the database is reachable"):
        read_counter(database)
    assert time.monotonic() - started < 5


def test_whoever_finds_all_connections_in_use_is_told_so_in_time(
    server: str, settings: RetrievalSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.database._FREE_CONNECTION_S", 0.2)
    there = settings.model_copy(update={"archive_url": SecretStr(server)})
    with closing(Database.open(there)) as database:
        with ExitStack() as held:

            def take_all() -> None:
                while True:
                    held.enter_context(database.read())

            with pytest.raises(StorageError, match="all connections to the archive are in use"):
                take_all()
        assert read_counter(database) > 0


def test_while_a_server_is_away_nobody_queues_up_for_it(
    database: Database, proxy: FaultProxy
) -> None:
    proxy.fault = "silent"
    with pytest.raises(StorageError):
        read_counter(database)
    waits: list[float] = []

    def ask() -> None:
        started = time.monotonic()
        with pytest.raises(StorageError):
            read_counter(database)
        waits.append(time.monotonic() - started)

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert max(waits) < 5


@pytest.mark.parametrize("fault", ["silent", "reset"])
def test_what_is_well_again_is_used_again_by_itself(
    database: Database, proxy: FaultProxy, fault: str
) -> None:
    proxy.fault = fault  # type: ignore[assignment]
    with pytest.raises(StorageError):
        read_counter(database)
    proxy.fault = "none"
    time.sleep(1.1)
    assert read_counter(database) >= 0


def test_a_server_that_is_not_there_is_said_in_one_line(settings: RetrievalSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    nowhere = SecretStr(f"postgresql+psycopg://dateline@127.0.0.1:{port}/postgres")
    with pytest.raises(StorageError, match="Connection refused") as caught:
        Database.open(settings.model_copy(update={"archive_url": nowhere}))
    assert "\n" not in str(caught.value)


def test_a_slow_answer_is_waited_for_where_that_is_said(database: Database) -> None:
    with database.write(patient=True) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(1)")
    with pytest.raises(StorageError), database.write() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(1)")


def test_a_process_stopped_in_the_middle_of_writing_does_not_hold_up_the_others(
    server: str, settings: RetrievalSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._SESSION, "idle_in_transaction_session_timeout", "500ms")
    own = settings.model_copy(update={"archive_url": SecretStr(server)})
    with (
        closing(Database.open(own)) as stopped,
        closing(Database.open(own)) as other,
        pytest.raises(StorageError, match="idle-in-transaction"),
    ):
        write_while_another_hangs(stopped, other)


def write_while_another_hangs(hanging: Database, other: Database) -> None:
    started = time.monotonic()
    with hanging.write() as connection:
        connection.execute(update(counters).values(value=1))
        with other.write() as free:
            free.execute(update(counters).values(value=2))
        assert time.monotonic() - started < 5
