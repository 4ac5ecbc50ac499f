"""What was fetched before, so that an unchanged page is not fetched again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from ingest.documents import Visit
from retrieval.database import Database
from retrieval.tables import visits


class VisitLog:
    """The archive's table of visits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, url: str) -> Visit | None:
        with self._database.read() as connection:
            row = connection.execute(select(visits).where(visits.c.url == url)).one_or_none()
        return None if row is None else Visit(*row)

    def record(self, visit: Visit) -> None:
        """Of several that record one page at once, one is kept."""
        with suppress(IntegrityError), self._database.write() as connection:
            connection.execute(delete(visits).where(visits.c.url == visit.url))
            connection.execute(insert(visits).values(asdict(visit)))
