"""Articles and moments as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from retrieval.schema import Article, Edition, is_by_day


def build_moment(moment: datetime | None) -> str | None:
    """`2026-02-12T17:30:00Z`"""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def build_published(moment: datetime | None) -> str | None:
    """`2026-02-12T18:30:00+01:00`: in its own zone, so that its day is the one its readers saw."""
    if moment is None:
        return None
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def build_bound(bound: datetime | None) -> str | None:
    """A bound of a window as `parse_moment` reads it: a day as `2026-02-12`."""
    if bound is not None and is_by_day(bound):
        return bound.date().isoformat()
    return build_moment(bound)


def build_article(article: Article) -> dict[str, Any]:
    return {**build_listing(article), "text": article.text}


def build_exported(article: Article) -> dict[str, Any]:
    """An article as a JSONL line that gives the same article when taken in."""
    archived = ("article_id", "revision", "story_id")
    whole = build_article(article)
    return {name: whole[name] for name in whole if name not in archived}


def build_listing(article: Article) -> dict[str, Any]:
    """An article without its text."""
    return {
        "article_id": article.article_id,
        "revision": article.revision,
        "story_id": article.story_id,
        "title": article.title,
        "url": article.url,
        "path": article.path,
        "source": article.source,
        "published_at": build_published(article.published_at),
        "date_provenance": article.date_provenance,
        "authors": list(article.authors),
        "language": article.language,
        "modified_at": build_moment(article.modified_at),
    }


def build_withdrawal(article_id: str, notice: Edition) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "identity": notice.identity,
        "withdrawn_by": notice.publisher,
        "withdrawn_at": build_moment(notice.created_at),
    }
