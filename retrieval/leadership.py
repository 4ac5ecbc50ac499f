"""Which of the processes that share an archive and a Chroma server indexes: one at a time.

PostgreSQL knows by an advisory lock, which belongs to a session and so ends with its process, or
with the machine that it ran on; beside SQLite it is a file. Embedded indexes need neither: who
holds the home indexes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

from filelock import FileLock, Timeout

from retrieval.database import Database, Session
from retrieval.errors import IndexBusy, Superseded
from retrieval.settings import RetrievalSettings

# To fill the active generation; to fill another and let it take over; to copy the lexical index.
Task = Literal["index", "rebuild", "snapshot"]


class Lock(Protocol):
    """Held by one process, until it lets go or ends."""

    def take(self) -> bool:
        """Whether it is held now; at once."""
        ...

    def is_held(self) -> bool:
        """Whether it still is."""
        ...

    def release(self) -> None:
        """Also where it was asked for in vain, and is asked for no more."""
        ...


class Leadership:
    """The right to one of the tasks."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    @classmethod
    def of(cls, task: Task, settings: RetrievalSettings, database: Database) -> Leadership:
        if settings.chroma_url is None:
            return cls(_HomeLock())
        if database.path is not None:
            return cls(_FileLock(database.path.with_name(f"{database.path.name}.{task}.lock")))
        return cls(_SessionLock(database, task))

    def take(self) -> bool:
        """Whether it is this process's now. Raises StorageError."""
        return self._lock.take()

    def check(self) -> None:
        """Raises Superseded where it was lost meanwhile."""
        if not self._lock.is_held():
            raise Superseded

    def release(self) -> None:
        self._lock.release()

    @contextmanager
    def held(self) -> Iterator[None]:
        """For a piece of work; kept after it where it was before. Raises IndexBusy."""
        kept = self._lock.is_held()
        if not self._lock.take():
            self._lock.release()
            raise IndexBusy("another process is indexing this archive: wait for it to finish")
        try:
            yield
        finally:
            if not kept:
                self._lock.release()


class _HomeLock:
    """Nobody else comes near the indexes of a home that is held."""

    def take(self) -> bool:
        return True

    def is_held(self) -> bool:
        return True

    def release(self) -> None:
        """There is nothing to let go of."""


class _FileLock:
    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path)

    def take(self) -> bool:
        if not self._lock.is_locked:
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                return False
        return True

    def is_held(self) -> bool:
        return bool(self._lock.is_locked)

    def release(self) -> None:
        self._lock.release()


class _SessionLock:
    """An advisory lock of PostgreSQL, on a session of its own, which waits for it as well."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._session: Session | None = None
        self._taken = False

    def take(self) -> bool:
        if not self.is_held():
            self._session = self._session or self._database.open_session()
            self._taken = self._session.try_lock(self._name)
        return self._taken

    def is_held(self) -> bool:
        if self._session is not None and not self._session.is_alive():
            self.release()
        return self._taken

    def release(self) -> None:
        session, self._session, self._taken = self._session, None, False
        if session is not None:
            session.close()
