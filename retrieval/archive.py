"""The articles of record. What the archive says is true; every index is derived from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from retrieval.carriers import NAMED, NEWEST_FIRST, Carriers, allowed_by, read_latest_revision
from retrieval.database import Database
from retrieval.editions import (
    is_barred,
    is_outdated,
    merge_editions,
    read_edition,
    read_withdrawn,
    write_edition,
)
from retrieval.errors import ArticleNotFound, ArticleWithdrawn
from retrieval.forgetting import forget_article
from retrieval.holdings import Holdings, count_by_day, count_by_source, read_holdings
from retrieval.moments import read_offset, to_moment, to_seconds
from retrieval.schema import Article, Edition, Filters
from retrieval.tables import articles, counters, story_bands, tombstones

# Built once, as the questions' others are.
_FIND = select(articles).where(NAMED)

PutOutcome = Literal["added", "updated", "unchanged", "duplicate", "withdrawn"]
FindStory = Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """An article was written or removed at this revision."""

    article_id: str
    revision: int
    removed: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Where an article stands in the order of `Archive.__iter__`: `moment` in seconds, or None."""

    moment: int | None
    article_id: str

    @classmethod
    def of(cls, article: Article) -> Position:
        return cls(to_seconds(article.published_at), article.article_id)


class Archive:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.carriers = Carriers(database)

    def put(
        self, article: Article, story_id: str | FindStory | None, bands: Sequence[int]
    ) -> PutOutcome:
        """Write one article in one transaction; unchanged content gets no new revision, and an
        older edition changes nothing. One that its publisher has withdrawn stays withdrawn.

        `story_id` is a story that other articles carry, or None; a function that finds it runs
        while nobody else can write, so that copies put at once find each other. `bands` are the
        hashes that `sharing_a_band` finds the article by.
        """
        with self._database.write() as connection:
            _lock(connection)
            stored = self._read(connection, article.article_id)
            kept = read_edition(connection, article.article_id)
            if is_barred(article, stored, kept):
                return "unchanged" if kept.standing == "usable" else "withdrawn"
            known = merge_editions(kept, article.edition)
            if known != kept:
                write_edition(connection, article.article_id, known)
            article = _keep_amended(article, stored)
            if _is_same(article, stored):
                return "unchanged"
            revision = _next_revision(connection)
            shared = story_id() if callable(story_id) else story_id
            story = shared or _own_story(connection, article.article_id, revision)
            row = _to_row(replace(article, revision=revision, story_id=story))
            if stored is None:
                connection.execute(insert(articles).values(row))
            else:
                connection.execute(
                    update(articles).where(articles.c.article_id == article.article_id).values(row)
                )
            _replace_bands(connection, article.article_id, bands)
            connection.execute(
                delete(tombstones).where(tombstones.c.article_id == article.article_id)
            )
        if stored is not None:
            return "updated"
        return "added" if shared is None else "duplicate"

    def amend(self, article_id: str, published_at: datetime | None, source: str | None) -> None:
        """Set what an article does not say of itself. Raises ArticleNotFound.

        It stays set when the article comes again and states no more than it did.
        """
        with self._database.write() as connection:
            _lock(connection)
            stored = self._read(connection, article_id)
            if stored is None:
                raise ArticleNotFound(article_id)
            amended = replace(stored, source=source or stored.source)
            if published_at is not None:
                amended = replace(amended, published_at=published_at, date_provenance="given")
            if _is_same(amended, stored):
                return
            row = _to_row(replace(amended, revision=_next_revision(connection)))
            connection.execute(
                update(articles).where(articles.c.article_id == article_id).values(row)
            )

    def holds(self, article: Article) -> bool:
        """Whether the archive has exactly this, and knows all that is known of its edition."""
        with self._database.read() as connection:
            stored = self._read(connection, article.article_id)
            if not _is_same(_keep_amended(article, stored), stored):
                return False
            kept = read_edition(connection, article.article_id)
            return merge_editions(kept, article.edition) == kept

    def withdraw(self, article_id: str, notice: Edition) -> PutOutcome:
        """Take out what its publisher has withdrawn or embargoed, and let no edition in that is
        not newer; nothing if a newer one than the notice speaks of is here."""
        with self._database.write() as connection:
            _lock(connection)
            stored = self._read(connection, article_id)
            kept = read_edition(connection, article_id)
            if is_outdated(notice, stored, kept):
                return "unchanged"
            fact = replace(
                notice,
                created_at=notice.created_at or datetime.now(UTC),
                publisher=notice.publisher or (stored.source if stored else kept.publisher),
            )
            write_edition(connection, article_id, merge_editions(kept, fact))
            if stored is not None:
                _take_out(connection, article_id)
        return "withdrawn"

    def remove(self, article_id: str) -> None:
        """Remove an article. Raises ArticleNotFound."""
        if not self.discard(article_id):
            raise self._explain_absence(article_id)

    def discard(self, article_id: str) -> bool:
        """Remove an article if it is there; whether it was."""
        with self._database.write() as connection:
            _lock(connection)
            if self._read(connection, article_id) is None:
                return False
            write_edition(connection, article_id, Edition())
            _take_out(connection, article_id)
        return True

    def get(self, article_id: str) -> Article:
        """Raises ArticleNotFound, or ArticleWithdrawn."""
        with self._database.read() as connection:
            article = self._read(connection, article_id)
        if article is None:
            raise self._explain_absence(article_id)
        return article

    def list_withdrawn(self) -> dict[str, Edition]:
        """What publishers have withdrawn, the latest first, by the article's id."""
        with self._database.read() as connection:
            return read_withdrawn(connection)

    def get_many(self, article_ids: Iterable[str]) -> dict[str, Article]:
        """The articles that exist, by id."""
        with self._database.read() as connection:
            rows = connection.execute(_FIND, {"article_ids": list(article_ids)})
            return {row.article_id: _to_article(row) for row in rows}

    def __iter__(self) -> Iterator[Article]:
        """Every article, newest first, undated ones last."""
        with self._database.read() as connection:
            for row in connection.execute(select(articles).order_by(*NEWEST_FIRST)):
                yield _to_article(row)

    def read_page(
        self,
        after: Position | None,
        limit: int,
        filters: Filters = Filters(),
        words: Sequence[str] = (),
    ) -> tuple[Article, ...]:
        """The next articles in that order whose title or text has every word, in whatever case;
        the one at `after` may be gone by now."""
        query = select(articles).order_by(*NEWEST_FIRST).limit(limit).where(allowed_by(filters))
        for word in words:
            held = (column.icontains(word, autoescape=True) for column in _READABLE)
            query = query.where(or_(*held))
        if after is not None:
            query = query.where(_stands_after(after))
        with self._database.read() as connection:
            return tuple(map(_to_article, connection.execute(query)))

    def count(self, filters: Filters = Filters()) -> int:
        query = select(func.count()).select_from(articles).where(allowed_by(filters))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def survey(self, filters: Filters = Filters()) -> Holdings:
        with self._database.read() as connection:
            return read_holdings(connection, filters)

    def count_by_source(self) -> dict[str, int]:
        """Articles of each publisher, who published most first."""
        with self._database.read() as connection:
            return count_by_source(connection)

    def count_by_day(self) -> dict[date, int]:
        """Dated articles of each day, where they were published; the first day first."""
        with self._database.read() as connection:
            return count_by_day(connection)

    def list_sources(self) -> tuple[str, ...]:
        """Every publisher's name, case folded."""
        query = select(articles.c.source_key).where(articles.c.source_key.is_not(None)).distinct()
        with self._database.read() as connection:
            return tuple(str(row.source_key) for row in connection.execute(query))

    def count_undated(self) -> int:
        query = select(func.count()).where(articles.c.published_at.is_(None))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def published_before(self, moment: datetime) -> tuple[str, ...]:
        """The ids of the dated articles that are older."""
        query = select(articles.c.article_id).where(
            articles.c.published_at < int(moment.timestamp())
        )
        with self._database.read() as connection:
            return tuple(row.article_id for row in connection.execute(query))

    def is_removed(self, article_id: str) -> bool:
        query = select(tombstones.c.article_id).where(tombstones.c.article_id == article_id)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def changes_since(self, revision: int, limit: int) -> tuple[Change, ...]:
        """The next changes after a revision, oldest first."""
        written = select(articles.c.article_id, articles.c.revision)
        removed = select(tombstones.c.article_id, tombstones.c.revision)
        with self._database.read() as connection:
            found = [
                Change(row.article_id, row.revision, is_removal)
                for table, query, is_removal in (
                    (articles, written, False),
                    (tombstones, removed, True),
                )
                for row in connection.execute(
                    query.where(table.c.revision > revision).order_by(table.c.revision).limit(limit)
                )
            ]
        return tuple(sorted(found, key=lambda change: change.revision)[:limit])

    def batches_since(self, revision: int, size: int) -> Iterator[tuple[Change, ...]]:
        """All of them, also what is written meanwhile."""
        while changes := self.changes_since(revision, size):
            yield changes
            revision = changes[-1].revision

    def latest_revision(self) -> int:
        with self._database.read() as connection:
            return read_latest_revision(connection)

    def sharing_a_band(self, bands: Sequence[int]) -> tuple[Article, ...]:
        """Candidates for one story: articles with a band in common, oldest revision first."""
        candidates = select(story_bands.c.article_id).where(story_bands.c.band.in_(bands))
        query = select(articles).where(articles.c.article_id.in_(candidates))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(articles.c.revision))
            return tuple(_to_article(row) for row in rows)

    def _explain_absence(self, article_id: str) -> ArticleNotFound:
        if "\x00" in article_id:
            return ArticleNotFound(article_id)
        with self._database.read() as connection:
            known = read_edition(connection, article_id)
        is_withdrawn = known.standing == "withdrawn"
        return ArticleWithdrawn(article_id, known) if is_withdrawn else ArticleNotFound(article_id)

    @staticmethod
    def _read(connection: Connection, article_id: str) -> Article | None:
        if "\x00" in article_id:
            return None  # PostgreSQL would not compare with it.
        query = select(articles).where(articles.c.article_id == article_id)
        row = connection.execute(query).one_or_none()
        return None if row is None else _to_article(row)


_READABLE = (articles.c.title, articles.c.text)


def _is_same(article: Article, stored: Article | None) -> bool:
    if stored is None or read_offset(stored.published_at) != read_offset(article.published_at):
        return False
    return stored == replace(article, revision=stored.revision, story_id=stored.story_id)


def _keep_amended(article: Article, stored: Article | None) -> Article:
    """With what was given for it, as far as it states nothing else now."""
    if stored is None:
        return article
    if stored.date_provenance == "given" and article.published_at is None:
        article = replace(article, published_at=stored.published_at, date_provenance="given")
    if article.source is None and (article.text, article.authors) == (stored.text, stored.authors):
        article = replace(article, source=stored.source)
    return article


def _stands_after(position: Position) -> ColumnElement[bool]:
    published_at, later_id = articles.c.published_at, articles.c.article_id > position.article_id
    if position.moment is None:
        return and_(published_at.is_(None), later_id)
    return or_(
        published_at < position.moment,
        and_(published_at == position.moment, later_id),
        published_at.is_(None),
    )


def _own_story(connection: Connection, article_id: str, revision: int) -> str:
    """An id that no other article's story has: an article may have left the story it began."""
    others = select(articles.c.article_id).where(
        articles.c.story_id == article_id, articles.c.article_id != article_id
    )
    if connection.execute(others.limit(1)).first() is None:
        return article_id
    return hashlib.sha256(f"{article_id}@{revision}".encode()).hexdigest()[:16]


def _lock(connection: Connection) -> None:
    """Let nobody else write articles before this transaction ends, so that what it reads of them
    stays true and numbers grow in the order of commits. SQLite did so when it began."""
    query = select(counters.c.value).where(counters.c.name == "revision").with_for_update()
    connection.execute(query)


def _next_revision(connection: Connection) -> int:
    query = (
        update(counters)
        .where(counters.c.name == "revision")
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    return int(connection.execute(query).scalar_one())


def _take_out(connection: Connection, article_id: str) -> None:
    _replace_bands(connection, article_id, ())
    forget_article(connection, article_id)
    connection.execute(delete(articles).where(articles.c.article_id == article_id))
    revision = _next_revision(connection)
    connection.execute(insert(tombstones).values(article_id=article_id, revision=revision))


def _replace_bands(connection: Connection, article_id: str, bands: Sequence[int]) -> None:
    connection.execute(delete(story_bands).where(story_bands.c.article_id == article_id))
    if bands:
        rows = [{"band": band, "article_id": article_id} for band in bands]
        connection.execute(insert(story_bands), rows)


def _to_row(article: Article) -> dict[str, Any]:
    return {
        "article_id": article.article_id,
        "revision": article.revision,
        "story_id": article.story_id,
        "url": article.url,
        "path": article.path,
        "title": article.title,
        "text": article.text,
        "source": article.source,
        "source_key": None if article.source is None else article.source.casefold(),
        "published_at": to_seconds(article.published_at),
        "date_provenance": article.date_provenance,
        "authors": list(article.authors),
        "language": article.language,
        "modified_at": to_seconds(article.modified_at),
        "published_offset_minutes": read_offset(article.published_at),
    }


def _to_article(row: Row[Any]) -> Article:
    return Article(
        title=row.title,
        text=row.text,
        url=row.url,
        path=row.path,
        source=row.source,
        published_at=to_moment(row.published_at, row.published_offset_minutes),
        date_provenance=row.date_provenance,
        authors=tuple(row.authors),
        language=row.language,
        modified_at=to_moment(row.modified_at),
        revision=row.revision,
        story_id=row.story_id,
    )
