"""JSON Lines: `{url?, title, text, source?, published_at?, authors?, language?}` a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.dating import parse_structured
from ingest.documents import Container, Document, Failure, Link, decode_text, too_large
from ingest.errors import UnreadableInput
from ingest.extraction.cleaning import clean_characters, clean_name, join_paragraphs, web_url
from ingest.settings import IngestSettings
from retrieval.schema import Article

JSON_ARTICLE = "JSON article"


class ArticleLine(BaseModel):
    """The JSON shape of one article. Other keys are left alone."""

    model_config = ConfigDict(strict=True, extra="ignore")

    title: str
    text: str
    url: str | None = None
    source: str | None = None
    published_at: str | None = None
    authors: list[str] = []
    language: str | None = None


def split_lines(
    container: Container, settings: IngestSettings
) -> Iterator[Document | Link | Failure]:
    """An article a line. Raises UnreadableInput if there is none."""
    limit, empty, number = settings.max_article_bytes, True, 0
    while line := container.file.readline(limit + 1):
        number += 1
        name = f"{container.name}:{number}"
        if len(line) > limit:
            yield Failure(name, too_large(len(line), settings))
            while line and not line.endswith(b"\n"):
                line = container.file.readline(limit)
        elif line.strip():
            yield Document(name, f"{container.path}:{number}", JSON_ARTICLE, line)
        else:
            continue
        empty = False
    if empty:
        raise UnreadableInput("is empty")


def extract_json_article(document: Document, now: datetime) -> Article:
    """One JSON object. Raises UnreadableInput naming the field that is wrong."""
    try:
        line = ArticleLine.model_validate(json.loads(decode_text(document)))
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"])) or "the line"
        raise UnreadableInput(f"{field}: {problem['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"is not JSON: {error}") from error
    published_at = parse_structured(line.published_at, now)
    if line.published_at and published_at is None:
        raise UnreadableInput(
            f"published_at: {line.published_at!r} is not an ISO 8601 date of the past"
        )
    if line.url is not None and web_url(line.url) is None:
        raise UnreadableInput("url: is no address of the web: write it like https://example.org/a")
    title = clean_name(line.title)
    if title is None:
        raise UnreadableInput("title: is empty")
    return Article(
        title=title,
        text=join_paragraphs([p for p in clean_characters(line.text).split("\n") if p]),
        url=web_url(line.url),
        path=None if line.url else document.path,
        source=clean_name(line.source),
        published_at=published_at,
        date_provenance="unknown" if published_at is None else "structured",
        authors=tuple(name for author in line.authors if (name := clean_name(author))),
        language=line.language,
    )
