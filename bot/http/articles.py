"""Articles over HTTP: list, read and remove them. `bot/http/intake.py` takes them in."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict

from bot.answering.questions import build_filters
from ingest.cleaning import clean_characters
from retrieval.archive import Archive, Position
from retrieval.carriers import Carrier
from retrieval.schema import DateProvenance, Filters
from retrieval.wire import build_article, build_listing, build_published

_MOST_CURSOR_CHARACTERS = 200
_MOST_WORDS_CHARACTERS = 200
_MOST_SOURCES = 100

_LISTED: dict[str, Any] = {
    "article_id": "0f2c5a7e9b1d3c4e",
    "revision": 7,
    "story_id": "0f2c5a7e9b1d3c4e",
    "title": "Allies meet in The Hague",
    "url": "https://example.org/2025/06/summit",
    "path": None,
    "source": "Meridian Wire",
    "published_at": "2025-06-25T16:00:00Z",
    "date_provenance": "structured",
    "authors": ["Ann Ekholm"],
    "language": "en",
    "modified_at": None,
}


class ListedArticle(BaseModel):
    """An article without its text. Moments are in UTC; `path` is what one without a URL is known
    by."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LISTED]})

    article_id: str
    revision: int
    story_id: str
    title: str
    url: str | None
    path: str | None
    source: str | None
    published_at: str | None
    date_provenance: DateProvenance
    authors: list[str]
    language: str | None
    modified_at: str | None


class WholeArticle(ListedArticle):
    """An article as it is in the archive."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_LISTED, "text": "Leaders of the allies met …"}]}
    )

    text: str


class ArticlePage(BaseModel):
    """`next` is the cursor of the page that follows, or null."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"articles": [_LISTED], "next": "WzE3NTA4NzA4MDAsICIw…"}]}
    )

    articles: list[ListedArticle]
    next: str | None


class StoryCarrier(BaseModel):
    """An article as the carrier of its story."""

    article_id: str
    title: str
    source: str | None
    published_at: str | None


class StoryCarriers(BaseModel):
    """Who carries a story."""

    carriers: list[StoryCarrier]


def add_article_routes(app: FastAPI, archive: Archive) -> None:
    @app.get("/articles", response_model=ArticlePage)
    def list_articles(
        cursor: Annotated[
            str | None,
            Query(max_length=_MOST_CURSOR_CHARACTERS, description="`next` of the previous page."),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        q: Annotated[
            str, Query(max_length=_MOST_WORDS_CHARACTERS, description="Words of title or text.")
        ] = "",
        source: Annotated[list[str] | None, Query(max_length=_MOST_SOURCES)] = None,
        since: str | None = None,
        until: str | None = None,
    ) -> dict[str, Any]:
        """List articles, the newest first and undated ones last; with dates, none of the latter."""
        after = None if cursor is None else _read_cursor(cursor)
        filters = build_filters(since=since, until=until, sources=source or ())
        found = archive.read_page(after, limit + 1, filters, clean_characters(q).split())
        shown = found[:limit]
        return {
            "articles": [build_listing(article) for article in shown],
            "next": _build_cursor(Position.of(shown[-1])) if len(found) > limit else None,
        }

    @app.get("/articles/{article_id}", response_model=WholeArticle)
    def get_article(article_id: str) -> dict[str, Any]:
        """Get the whole of an article."""
        return build_article(archive.get(article_id))

    @app.get("/articles/{article_id}/carriers", response_model=StoryCarriers)
    def get_carriers(article_id: str) -> dict[str, Any]:
        """List every article that carries this one's story, itself too, first published first."""
        archive.get(article_id)
        carriers = archive.carriers.of_stories([article_id], Filters())
        return {"carriers": [_build_carrier(carrier) for carrier in carriers]}

    @app.delete("/articles/{article_id}", status_code=204)
    def remove_article(article_id: str) -> None:
        """Remove an article, with the conversations and the feedback that quote it."""
        archive.remove(article_id)


def _build_carrier(carrier: Carrier) -> dict[str, Any]:
    return {
        "article_id": carrier.article_id,
        "title": carrier.title,
        "source": carrier.source,
        "published_at": build_published(carrier.published_at),
    }


def _build_cursor(position: Position) -> str:
    whole = json.dumps([position.moment, position.article_id])
    return base64.urlsafe_b64encode(whole.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> Position:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        match json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
            case [int() | None as moment, str() as article_id] if _can_stand(moment, article_id):
                return Position(moment, article_id)
    except (binascii.Error, ValueError, RecursionError):
        pass
    raise HTTPException(
        422, "cursor: is not valid: leave it out, or send the `next` of the previous page"
    )


def _can_stand(moment: int | None, article_id: str) -> bool:
    """Whether a database can compare with it."""
    return (moment is None or -(2**63) <= moment < 2**63) and article_id.isalnum()
