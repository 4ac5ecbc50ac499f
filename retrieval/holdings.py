"""What an archive holds, in a few figures: for people who ask what they may ask about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from retrieval.carriers import allowed_by
from retrieval.moments import to_moment
from retrieval.schema import Filters
from retrieval.tables import articles


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
