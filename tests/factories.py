"""Values to test with; every argument has a default that is true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ingest.deduplication import band_hashes, find_story
from ingest.documents import Document
from retrieval.archive import Archive, PutOutcome
from retrieval.schema import Article, DateProvenance

SUMMIT = (
    "Leaders of the allies met in The Hague on 24 and 25 June 2025. "
    "They agreed to spend 5 percent of GDP on defence by 2035.\n\n"
    "The next summit will be held in Ankara, Türkiye. Mark Rutte chaired the talks."
)


def make_article(
    title: str = "Allies meet in The Hague",
    text: str = SUMMIT,
    url: str | None = "https://example.org/summit",
    path: str | None = None,
    source: str | None = "Meridian Wire",
    published_at: datetime | None = datetime(2025, 6, 25, 16, 0, tzinfo=UTC),
    date_provenance: DateProvenance = "structured",
    authors: Sequence[str] = (),
) -> Article:
    return Article(
        title=title,
        text=text,
        url=url,
        path=path,
        source=source,
        published_at=published_at,
        date_provenance=date_provenance if published_at else "unknown",
        authors=tuple(authors),
    )


def make_document(
    text: str | bytes, path: str = "a.txt", name: str = "", url: str | None = None
) -> Document:
    """A file, of the format its path ends in."""
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return Document(name or path, path, Path(path).suffix or ".txt", content, url=url)


def put_article(archive: Archive, article: Article) -> PutOutcome:
    """Archive an article as the pipeline does: story first."""
    bands = band_hashes(article)
    return archive.put(article, find_story(article, bands, archive), bands)
