"""Fetch pages from the web without being led into the network behind us."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import delete, insert, select

from ingest.documents import Visit
from ingest.errors import UnreadableInput
from ingest.settings import IngestSettings
from retrieval.database import Database
from retrieval.tables import visits


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url` is the last address, after redirects; `content` is unpacked."""

    url: str
    content: bytes
    content_type: str
    charset: str | None
    etag: str | None
    last_modified: str | None


class VisitLog:
    """What was fetched before, so that an unchanged page is not fetched again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, url: str) -> Visit | None:
        with self._database.read() as connection:
            row = connection.execute(select(visits).where(visits.c.url == url)).one_or_none()
        return None if row is None else Visit(row.url, row.etag, row.last_modified, row.updated)

    def record(self, visit: Visit) -> None:
        with self._database.write() as connection:
            connection.execute(delete(visits).where(visits.c.url == visit.url))
            connection.execute(insert(visits).values(asdict(visit)))


class Fetcher:
    def __init__(self, settings: IngestSettings, log: VisitLog) -> None:
        self._settings = settings
        self._log = log

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def fetch(self, url: str, updated: str | None) -> Fetched | None:
        """The page, or None if it is as it was when logged.

        `updated` is when a feed says it last changed. Raises UnreadableInput.
        """
        if updated and self._log.find(url) == Visit(url, updated=updated):
            return None
        raise UnreadableInput("is an address: save the page to a file first")
