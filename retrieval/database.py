"""The engine under the archive: SQLite in WAL mode or any SQLAlchemy URL, migrated at start."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from retrieval.errors import SettingsError, StorageError
from retrieval.settings import RetrievalSettings

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0010"
_BUSY_TIMEOUT_MS = 30_000
_FREE_CONNECTION_S = 10.0
# Any number that nobody else locks.
_MIGRATION_LOCK = 0x6461_7465_6C69_6E65


class Database:
    """Transactions on one engine. A writing one takes SQLite's write lock when it begins,
    so that two processes queue up instead of failing half way."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(dateline_write=True)
        self._own = threading.local()
        self._reader = engine
        if engine.dialect.name == "postgresql":
            # As SQLite's are. Without it, each statement would see another moment.
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ")

    @classmethod
    def open(cls, settings: RetrievalSettings) -> Database:
        """Connect and migrate. Raises SettingsError or StorageError."""
        try:
            url = make_url(settings.sqlalchemy_url)
            engine = _create_engine(url)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
            raise SettingsError(
                "retrieval.archive_url is not a usable SQLAlchemy URL: write it like "
                "sqlite:///archive.db or postgresql+psycopg://user:password@host/name"
            ) from error
        if url.get_backend_name() == "sqlite":
            _make_home(Path(url.database or ".").parent)
            _configure_sqlite(engine)
        event.listen(engine, "handle_error", _translate)
        database = cls(engine)
        try:
            database._migrate()
        except BaseException:
            database.close()
            raise
        return database

    @property
    def writing(self) -> Engine:
        """For libraries that begin transactions themselves and write."""
        return self._writer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """All that is read is as it was at one moment, whatever others write meanwhile.

        In the thread's own `write`, it is a part of that: were a second connection waited for,
        many writers at once would have taken them all.
        """
        if (writing := getattr(self._own, "writing", None)) is not None:
            yield writing
            return
        with _bearing_a_rush(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, patient: bool = False) -> Iterator[Connection]:
        """`patient` where one statement may take long."""
        with (
            _bearing_a_rush(),
            self._writer.begin() as connection,
            _waiting(connection, patient),
        ):
            self._own.writing = connection
            try:
                yield connection
            finally:
                self._own.writing = None

    @property
    def path(self) -> Path | None:
        """Of SQLite's file; None where the database is a server's."""
        name = self._engine.url.database
        return Path(name or ".") if self._engine.dialect.name == "sqlite" else None

    def open_session(self) -> Session:
        """Apart from the pool, for as long as the caller keeps it. PostgreSQL's alone."""
        engine = create_engine(self._engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        _bound(engine)
        event.listen(engine, "handle_error", _translate)
        return Session(engine.connect())

    def close(self) -> None:
        """What a thread still uses is closed when it is done with it."""
        event.listen(self._engine, "checkin", _close_connection)
        self._engine.dispose()

    def _migrate(self) -> None:
        version = self._version()
        if version == HEAD:
            return
        if version is not None and version > HEAD:
            raise StorageError(
                f"the archive was written by a newer Dateline (its tables are version {version}, "
                f"these {HEAD}): upgrade Dateline"
            )
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.write(patient=True) as connection:
            if connection.dialect.name == "postgresql":
                # As SQLite's write lock does: whoever comes second finds the tables there.
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _version(self) -> str | None:
        with self.read() as connection:
            if not self._engine.dialect.has_table(connection, "alembic_version"):
                return None
            version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return None if version is None else str(version)


class Session:
    """A connection to PostgreSQL, and the locks that end with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def try_lock(self, name: str) -> bool:
        """One of this name for each archive in the database; at once. Raises StorageError."""
        key = func.hashtextextended(func.concat(func.current_schema(), ".dateline.", name), 0)
        return bool(self._connection.execute(select(func.pg_try_advisory_lock(key))).scalar())

    def is_alive(self) -> bool:
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except StorageError:
            return False
        return True

    def close(self) -> None:
        """Its locks are free when this returns; the server would notice a little later."""
        if not self._connection.invalidated:
            with suppress(StorageError):
                self._connection.execute(select(func.pg_advisory_unlock_all()))
        self._connection.close()


def _create_engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return create_engine(url)
    engine = create_engine(url, pool_pre_ping=True, pool_timeout=_FREE_CONNECTION_S)
    _bound(engine)
    return engine


def _bound(engine: Engine) -> None:
    if engine.driver == "psycopg":
        from retrieval.postgres import bound

        bound(engine)


@contextmanager
def _bearing_a_rush() -> Iterator[None]:
    try:
        yield
    except NoFreeConnection as error:
        raise StorageError(
            "all connections to the archive are in use: try again in a few seconds"
        ) from error


def _waiting(connection: Connection, patient: bool) -> AbstractContextManager[None]:
    if not patient or connection.dialect.driver != "psycopg":
        return nullcontext()
    from retrieval.postgres import waiting_for_ever

    return waiting_for_ever(connection)


def _close_connection(_connection: object, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def _make_home(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot create {folder} ({error.strerror}): set DATELINE_HOME to a folder that you "
            "can write to"
        ) from error


def _configure_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("dateline_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _translate(context: ExceptionContext) -> None:
    """A full disk, a locked file or one that is no database: say it in one line."""
    error = context.sqlalchemy_exception
    if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError):
        # What PostgreSQL says has several lines.
        said = " ".join(str(context.original_exception).split())
        raise StorageError(
            f"the archive cannot be used ({said}): free some disk space or check that the database "
            "is reachable and writable, then run the same command again"
        ) from context.original_exception
