"""JSON Lines: an article a line, as `dateline export` writes them.

`{title, text, url?, path?, source?, published_at?, date_provenance?, modified_at?, authors?,
language?}`, or an item of IPTC ninjs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.charsets import decode_text
from ingest.cleaning import clean_characters, clean_name, join_paragraphs, web_url
from ingest.dating import parse_structured
from ingest.documents import Container, Document, Failure, Link, too_large
from ingest.errors import UnreadableInput
from ingest.extraction.ninjs import extract_ninjs, is_ninjs
from ingest.extraction.release import Release, read_release
from ingest.extraction.strict_json import load_json
from ingest.settings import IngestSettings
from retrieval.schema import Article, DateProvenance

JSON_ARTICLE = "JSON article"


class ArticleLine(BaseModel):
    """The JSON shape of one article. Other keys are left alone."""

    model_config = ConfigDict(strict=True, extra="ignore")

    title: str
    text: str
    url: str | None = None
    path: str | None = None
    source: str | None = None
    published_at: str | None = None
    date_provenance: DateProvenance | None = None
    modified_at: str | None = None
    authors: list[str] = []
    language: str | None = None
    # As ninjs calls them.
    version: object = None
    pubstatus: object = None
    embargoed: object = None


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
    """One JSON object, ours or an item of ninjs. Raises UnreadableInput naming what is wrong."""
    item = load_json(decode_text(document))
    if isinstance(item, dict) and is_ninjs(item):
        return extract_ninjs(item, document.path, now)
    line = _check_fields(item)
    url = web_url(line.url)
    if line.url is not None and url is None:
        raise UnreadableInput("url: is no address of the web: write it like https://example.org/a")
    title = clean_name(line.title)
    if title is None:
        raise UnreadableInput("title: is empty")
    published_at = _read_moment("published_at", line.published_at, now)
    modified_at = _read_moment("modified_at", line.modified_at, now)
    path = _read_path(line.path) or (None if url else document.path)
    released = read_release(_read_release(line, url or path or title), now)
    return Article(
        title=title,
        text=join_paragraphs([p for p in clean_characters(line.text).split("\n") if p]),
        url=url,
        path=path,
        source=clean_name(line.source),
        published_at=published_at,
        date_provenance=_read_provenance(line.date_provenance, published_at),
        authors=tuple(name for author in line.authors if (name := clean_name(author))),
        language=clean_name(line.language),
        modified_at=modified_at,
        # `modified_at` is kept with the article.
        edition=replace(released.edition, created_at=None),
    )


def _check_fields(item: object) -> ArticleLine:
    try:
        return ArticleLine.model_validate(item)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"])) or "the line"
        raise UnreadableInput(f"{field}: {problem['msg']}") from error


def _read_release(line: ArticleLine, identity: str) -> Release:
    return Release(
        identity=identity,
        version=line.version,
        status=line.pubstatus,
        created=(line.published_at,),
        version_created=line.modified_at,
        embargoed=line.embargoed or None,
    )


def _read_moment(field: str, value: str | None, now: datetime) -> datetime | None:
    moment = parse_structured(value, now)
    if value and moment is None:
        raise UnreadableInput(f"{field}: {value[:40]!r} is not an ISO 8601 date of the past")
    return moment


def _read_provenance(
    stated: DateProvenance | None, published_at: datetime | None
) -> DateProvenance:
    if stated and (stated == "unknown") != (published_at is None):
        raise UnreadableInput(f"date_provenance: {stated!r} does not go with published_at")
    return stated or ("unknown" if published_at is None else "structured")


def _read_path(path: str | None) -> str | None:
    """As it is, since it is the article's identity; what cannot be shown is no path."""
    if path and not path.isprintable():
        raise UnreadableInput("path: holds characters that cannot be shown")
    return path
