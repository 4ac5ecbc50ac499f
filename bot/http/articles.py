"""Articles over HTTP: list, read and remove them. `bot/http/intake.py` takes them in."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict

from retrieval.archive import Archive, Position
from retrieval.schema import DateProvenance
from retrieval.wire import build_article, build_listing

_MOST_CURSOR_CHARACTERS = 200

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


def add_article_routes(app: FastAPI, archive: Archive) -> None:
    @app.get("/articles", response_model=ArticlePage)
    def list_articles(
        cursor: Annotated[
            str | None,
            Query(max_length=_MOST_CURSOR_CHARACTERS, description="`next` of the previous page."),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> dict[str, Any]:
        """List articles, the newest first and undated ones last."""
        after = None if cursor is None else _read_cursor(cursor)
        found = archive.read_page(after, limit + 1)
        shown = found[:limit]
        return {
            "articles": [build_listing(article) for article in shown],
            "next": _build_cursor(Position.of(shown[-1])) if len(found) > limit else None,
        }

    @app.get("/articles/{article_id}", response_model=WholeArticle)
    def get_article(article_id: str) -> dict[str, Any]:
        """Get the whole of an article."""
        return build_article(archive.get(article_id))

    @app.delete("/articles/{article_id}", status_code=204)
    def remove_article(article_id: str) -> None:
        """Remove an article, with the conversations and the feedback that quote it."""
        archive.remove(article_id)


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
