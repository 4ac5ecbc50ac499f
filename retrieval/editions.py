"""Which edition of an article stands: no older one takes a newer one's place, and what its
publisher has withdrawn stays away until a newer edition is released."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from retrieval.moments import to_moment, to_seconds
from retrieval.schema import Article, Edition
from retrieval.tables import editions


def read_edition(connection: Connection, article_id: str) -> Edition:
    """What is known of the latest edition that was given; nothing of most articles."""
    query = select(editions).where(editions.c.article_id == article_id)
    row = connection.execute(query).one_or_none()
    return Edition() if row is None else _to_edition(row)


def read_withdrawn(connection: Connection) -> dict[str, Edition]:
    """What publishers have withdrawn, the latest first, by the article's id."""
    query = select(editions).where(editions.c.standing == "withdrawn")
    rows = connection.execute(query.order_by(editions.c.created_at.desc(), editions.c.article_id))
    return {row.article_id: _to_edition(row) for row in rows}


def write_edition(connection: Connection, article_id: str, edition: Edition) -> None:
    connection.execute(delete(editions).where(editions.c.article_id == article_id))
    if edition != Edition():
        row = {name: _to_value(value) for name, value in asdict(edition).items()}
        connection.execute(insert(editions).values(article_id=article_id, **row))


def is_barred(article: Article, stored: Article | None, kept: Edition) -> bool:
    """Whether a newer edition, or its publisher's word, stands against this one."""
    ours = article.edition
    if kept.standing == "withdrawn":
        # A page that can still be fetched is no newer word of its publisher.
        ours = replace(ours, captured_at=None)
    moment = ours.created_at or article.modified_at or ours.captured_at or article.published_at
    order = _compare(ours, moment, kept, stored)
    return order <= 0 if kept.standing == "withdrawn" else order < 0


def is_outdated(notice: Edition, stored: Article | None, kept: Edition) -> bool:
    """Whether a newer edition was given than the one that this notice withdraws."""
    return _compare(notice, notice.created_at, kept, stored) < 0


def merge_editions(kept: Edition, ours: Edition) -> Edition:
    """What is known once ours was given too: an edition may state less than the one before it."""
    return Edition(
        kept.version if ours.version is None else ours.version,
        ours.created_at or kept.created_at,
        ours.captured_at or kept.captured_at,
        ours.standing,
        *((None, None) if ours.standing == "usable" else (ours.identity, ours.publisher)),
    )


def _to_edition(row: Row[Any]) -> Edition:
    return Edition(
        row.version,
        to_moment(row.created_at),
        to_moment(row.captured_at),
        row.standing,
        row.identity,
        row.publisher,
    )


def _compare(ours: Edition, moment: datetime | None, kept: Edition, stored: Article | None) -> int:
    """Less than 0 if ours is older, more if it is newer, 0 if nothing tells."""
    known = (kept.created_at, stored.modified_at if stored else None)
    changed = max((each for each in known if each), default=None)
    pairs: tuple[tuple[Any, Any], ...] = (
        (ours.version, kept.version),
        (ours.captured_at, kept.captured_at),
        (moment, changed),
    )
    for one, other in pairs:
        if one is not None and other is not None and one != other:
            return -1 if one < other else 1
    return 0


def _to_value(value: object) -> object:
    return to_seconds(value) if isinstance(value, datetime) else value
