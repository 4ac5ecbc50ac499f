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
from ingest.cleaning import clean_name, join_paragraphs, web_url
from ingest.date_phrases import MODIFIED_KEYS, PUBLISHED_KEYS, read_stated
from ingest.dating import parse_structured
from ingest.documents import Container, Document, Failure, Link, too_large
from ingest.errors import UnreadableInput
from ingest.extraction.ninjs import extract_ninjs, is_ninjs, read_id
from ingest.extraction.release import Release, is_withdrawal, read_release
from ingest.extraction.strict_json import load_json
from ingest.extraction.wrapped_lines import join_wrapped
from ingest.pages.identity import tidy_address
from ingest.settings import IngestSettings
from retrieval.schema import Article, DateProvenance

_THEIR_KEYS = {
    "title": ("headline",),
    "text": ("maintext", "articleBody", "plaintext", "content", "body"),
    "source": ("sitename", "publisher", "source-hostname", "hostname", "source_domain"),
    "authors": ("author",),
    "language": ("inLanguage",),
}
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
    uri: object = None
    guid: object = None
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
    if isinstance(item, dict) and is_withdrawal(item.get("pubstatus")):
        # A notice may say no more than what it withdraws.
        item = {**item, "title": "-", "text": ""}
    line = _check_fields(_name_as_ours(item))
    named = read_id({"uri": line.uri, "guid": line.guid})
    url = web_url(line.url) or (None if line.path else tidy_address(named))
    if line.url is not None and url is None:
        raise UnreadableInput("url: is not a web address: write it like https://example.org/a")
    title = clean_name(line.title)
    if title is None:
        raise UnreadableInput("title: is empty")
    facts = item if isinstance(item, dict) else {}
    published_at = _read_moment("published_at", line.published_at, now) or read_stated(
        facts, PUBLISHED_KEYS, line.language, now
    )
    modified_at = _read_moment("modified_at", line.modified_at, now) or read_stated(
        facts, MODIFIED_KEYS, line.language, now
    )
    path = _read_path(line.path) or (None if url else named or document.path)
    released = read_release(_read_release(line, url or path or title), now)
    return Article(
        title=title,
        text=join_paragraphs(join_wrapped(line.text)),
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


def _name_as_ours(item: object) -> object:
    """What other tools write (trafilatura, newspaper, news-please, Zyte, NewsAPI): where a key of
    ours is missing, theirs is taken."""
    if not isinstance(item, dict):
        return item
    found = dict(item)
    # Trafilatura's is the address.
    if web_url(found.get("source")):
        found.setdefault("url", found["source"])
        del found["source"]
    for ours, theirs in _THEIR_KEYS.items():
        stated = next((found[key] for key in theirs if found.get(key)), None)
        if stated and not found.get(ours):
            found[ours] = _list_names(stated) if ours == "authors" else _read_name(stated)
    # Of NewsAPI and of schema.org.
    if "publishedAt" in found or "articleBody" in found:
        found["source"] = _read_name(found.get("source"))
        found["authors"] = _list_names(found.get("authors"))
    return found


def _list_names(stated: object) -> list[object]:
    names = stated.split(";") if isinstance(stated, str) else stated
    listed = names if isinstance(names, list) else [names]
    return [name for each in listed if (name := _read_name(each))]


def _read_name(stated: object) -> object:
    return stated.get("name") if isinstance(stated, dict) else stated


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
        publisher=clean_name(line.source),
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
