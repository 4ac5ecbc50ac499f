"""What an archive holds, in a few figures: for people who ask what they may ask about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from retrieval.carriers import allowed_by
from retrieval.moments import to_moment
from retrieval.schema import Filters
from retrieval.tables import articles

_EPOCH = date(1970, 1, 1)
_DAY_S = 86_400
_DAYS_BEFORE = 719_162


@dataclass(frozen=True, slots=True)
class Holdings:
    """`oldest` and `newest` are None where no article is dated; who published most comes first."""

    articles: int
    undated: int
    oldest: datetime | None
    newest: datetime | None
    sources: tuple[str, ...]


def read_holdings(connection: Connection, filters: Filters) -> Holdings:
    allowed, published_at = allowed_by(filters), articles.c.published_at
    count, dated = connection.execute(
        select(func.count(), func.count(published_at)).where(allowed)
    ).one()
    publisher = articles.c.source_key
    named = (
        select(func.min(articles.c.source))
        .where(allowed, publisher.is_not(None))
        .group_by(publisher)
        .order_by(func.count().desc(), publisher)
    )
    return Holdings(
        articles=count,
        undated=count - dated,
        oldest=_read_end(connection, allowed, published_at.asc()),
        newest=_read_end(connection, allowed, published_at.desc()),
        sources=tuple(map(str, connection.execute(named).scalars())),
    )


def count_by_source(connection: Connection) -> dict[str, int]:
    """Articles of each publisher, who published most first."""
    publisher = articles.c.source_key
    query = (
        select(func.min(articles.c.source), func.count())
        .where(publisher.is_not(None))
        .group_by(publisher)
        .order_by(func.count().desc(), publisher)
    )
    return {str(name): int(count) for name, count in connection.execute(query)}


def count_by_day(connection: Connection) -> dict[date, int]:
    """Dated articles of each day, where they were published; the first day first."""
    moment = articles.c.published_at
    local = moment + 60 * func.coalesce(articles.c.published_offset_minutes, 0)
    # SQLite rounds towards 0, PostgreSQL down: counted from long before, they agree.
    day = (local + _DAYS_BEFORE * _DAY_S) // _DAY_S - _DAYS_BEFORE
    query = select(day, func.count()).where(moment.is_not(None)).group_by(day).order_by(day)
    rows = connection.execute(query)
    return {_EPOCH + timedelta(days=int(number)): int(count) for number, count in rows}


def _read_end(
    connection: Connection, allowed: ColumnElement[bool], order: ColumnElement[int]
) -> datetime | None:
    query = (
        select(articles.c.published_at, articles.c.published_offset_minutes)
        .where(allowed, articles.c.published_at.is_not(None))
        .order_by(order)
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else to_moment(row.published_at, row.published_offset_minutes)
