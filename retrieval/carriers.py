"""Articles without their text, as carriers of their stories: what ranking and collapsing need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, select

from retrieval.database import Database
from retrieval.moments import to_moment
from retrieval.schema import Filters, is_by_day
from retrieval.tables import articles, counters

# About half a kilobyte each.
_MOST_KNOWN = 50_000
_CARRIER = articles.c[
    "article_id",
    "revision",
    "story_id",
    "title",
    "source",
    "published_at",
    "published_offset_minutes",
]
# Further from UTC is no zone: what lies outside is found by the index on `published_at`.
_FARTHEST_ZONE_S = 15 * 3_600
NEWEST_FIRST = (articles.c.published_at.desc().nulls_last(), articles.c.article_id)
# Built once: SQLAlchemy takes longer to build a statement than SQLite to run it.
_LATEST_REVISION = select(counters.c.value).where(counters.c.name == "revision")
NAMED = articles.c.article_id.in_(bindparam("article_ids", expanding=True))
_FIND = select(*_CARRIER).where(NAMED)
_OF_STORIES = (
    select(*_CARRIER)
    .where(articles.c.story_id.in_(select(articles.c.story_id).where(NAMED)))
    .order_by(articles.c.published_at.asc().nulls_last(), articles.c.revision)
)


@dataclass(frozen=True, slots=True)
class Carrier:
    """An article as the carrier of its story, without its text."""

    article_id: str
    revision: int
    story_id: str
    title: str
    source: str | None
    published_at: datetime | None

    @property
    def name(self) -> str:
        return self.source or self.title


class _Known:
    """Carriers read at one revision of the archive, and so true of it alone."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self._carriers: dict[str, Carrier] = {}

    def find(self, article_ids: Iterable[str]) -> tuple[dict[str, Carrier], list[str]]:
        """Those that are known, and the ids of the rest."""
        known = {article_id: self._carriers.get(article_id) for article_id in article_ids}
        found = {article_id: carrier for article_id, carrier in known.items() if carrier}
        return found, [article_id for article_id in known if article_id not in found]

    def remember(self, carriers: Mapping[str, Carrier]) -> None:
        if len(self._carriers) > _MOST_KNOWN:
            self._carriers = {}
        self._carriers.update(carriers)


class Carriers:
    """Reads them from the archive's database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = _Known(-1)

    def find(self, article_ids: Iterable[str]) -> dict[str, Carrier]:
        """Those of these articles that exist, by id; nothing of others that share a story.

        Remembered until the next revision: a question asks for hundreds of them.
        """
        with self._database.read() as connection:
            known = self._known_at(read_latest_revision(connection))
            found, missing = known.find(article_ids)
            if missing:
                rows = connection.execute(_FIND, {"article_ids": missing}).all()
                read = {row.article_id: _to_carrier(row) for row in rows}
                known.remember(read)
                found |= read
        return found

    def of_stories(self, article_ids: Iterable[str], filters: Filters) -> tuple[Carrier, ...]:
        """All allowed carriers of the stories that these articles carry, first published first."""
        query = _OF_STORIES if filters.is_open else _OF_STORIES.where(allowed_by(filters))
        with self._database.read() as connection:
            rows = connection.execute(query, {"article_ids": list(article_ids)})
            return tuple(map(_to_carrier, rows))

    def newest(self, filters: Filters, limit: int) -> tuple[Carrier, ...]:
        """The newest carrier of each of the newest stories, undated ones last."""
        query = select(*_CARRIER).where(allowed_by(filters)).order_by(*NEWEST_FIRST)
        stories: dict[str, Carrier] = {}
        with (
            self._database.read() as connection,
            connection.execution_options(yield_per=100).execute(query) as rows,
        ):
            for row in rows:
                carrier = _to_carrier(row)
                stories.setdefault(carrier.story_id, carrier)
                if len(stories) == limit:
                    break
        return tuple(stories.values())

    def _known_at(self, revision: int) -> _Known:
        """Whoever still reads at an older revision fills what it was given, not its successor."""
        known = self._known
        if known.revision != revision:
            self._known = known = _Known(revision)
        return known


def read_latest_revision(connection: Connection) -> int:
    """0 of an archive to which nothing was ever written."""
    return int(connection.execute(_LATEST_REVISION).scalar() or 0)


def allowed_by(filters: Filters) -> ColumnElement[bool]:
    """`Filters.allows` as SQL, so that narrow windows are counted and listed by the database."""
    window, published_at = filters.window, articles.c.published_at
    conditions: list[ColumnElement[bool]] = []
    if window.since is not None:
        first = int(window.since.timestamp())
        conditions.append(_clock_for(window.since) >= first)
        conditions.append(published_at >= first - _FARTHEST_ZONE_S)
    for end in window.ends:
        last = int(end.timestamp())
        conditions.append(_clock_for(end) <= last)
        conditions.append(published_at <= last + _FARTHEST_ZONE_S)
    if filters.sources:
        keys = [name.casefold() for name in filters.sources]
        conditions.append(articles.c.source_key.in_(keys))
    return and_(True, *conditions)


def _clock_for(bound: datetime) -> ColumnElement[int]:
    """`read_clock` as SQL."""
    if not is_by_day(bound):
        return articles.c.published_at
    return articles.c.published_at + 60 * func.coalesce(articles.c.published_offset_minutes, 0)


def _to_carrier(row: Row[Any]) -> Carrier:
    article_id, revision, story_id, title, source, seconds, offset = tuple(row)
    return Carrier(article_id, revision, story_id, title, source, to_moment(seconds, offset))
