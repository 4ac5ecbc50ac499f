"""What is read before it is an article: documents, links to documents, failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from ingest.settings import IngestSettings
from retrieval.schema import Article, Edition


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a feed or a news sitemap says of an article; the page itself knows better."""

    title: str | None = None
    published: str | None = None
    updated: str | None = None
    source: str | None = None
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever takes articles in knows of them: it counts where they state nothing."""

    published_at: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A page as it was fetched: what to ask with next time, to learn whether it has changed."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    updated: str | None = None
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of one document, and what is known of it before it is read.

    `name` is what the user knows it by, `path` where it stands below what was named, `format`
    the key that it is listed under in `ingest.extraction.FORMATS`. `url` and `charset` are
    those it was fetched with, `visit` is to be logged once its article is in the archive.
    `asked_for` is false for what a feed or a sitemap led to. `captured_at` is when a page was
    fetched, by us or by a crawl: never when it was published.
    """

    name: str
    path: str
    format: str
    content: bytes
    url: str | None = None
    charset: str | None = None
    announced: Announcement = Announcement()
    visit: Visit | None = None
    asked_for: bool = True
    captured_at: datetime | None = None
    given: Given = Given()


@dataclass(frozen=True, slots=True)
class Link:
    """A document to fetch, as a feed or a sitemap names it."""

    url: str
    announced: Announcement = Announcement()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent, at its start. `name` is theirs: it hints at the format and is
    shown, and is no path to anything here."""

    name: str
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A page that is as it was when its article was archived."""

    name: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An input, or a part of one, that gave no article, and why."""

    input: str
    error: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece of an input that is not in its article's text, where that may be missed."""

    input: str
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """A document that its publisher has withdrawn or not yet released, and why it is not used."""

    name: str
    reason: str
    article_id: str
    edition: Edition


@dataclass(frozen=True, slots=True)
class Container:
    """A file that holds documents; `file` is open, at its start, and can seek."""

    name: str
    path: str
    file: BinaryIO


# Both raise UnreadableInput for what is wrong with the whole document.
Extractor = Callable[[Document, datetime], Article]
Splitter = Callable[[Container, IngestSettings], Iterator[Document | Link | Failure]]


@dataclass(frozen=True, slots=True)
class Format:
    """How a document of this format is read: as one article, or split into documents."""

    extract: Extractor | None = None
    split: Splitter | None = None


def too_large(size_bytes: int, settings: IngestSettings) -> str:
    return (
        f"is too large for one article ({size_bytes:,} bytes, the limit is "
        f"{settings.max_article_bytes:,}): split it, or raise ingest.max_article_bytes"
    )
