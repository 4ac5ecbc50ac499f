"""XML is many formats: its root tells which."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.documents import Container, Document, Failure, Link
from ingest.errors import UnreadableInput
from ingest.extraction.feeds import split_feed
from ingest.extraction.newsml import NEWSML_ROOTS, split_newsml
from ingest.extraction.sitemaps import split_sitemap
from ingest.extraction.sniffing import find_root
from ingest.settings import IngestSettings

_HEAD_BYTES = 65_536
_FEED_ROOTS = ("rss", "rdf", "feed")
_SITEMAP_ROOTS = ("urlset", "sitemapindex")
_NEWSML_ROOTS = tuple(root.lower() for root in NEWSML_ROOTS)


def split_xml(
    container: Container, settings: IngestSettings
) -> Iterator[Document | Link | Failure]:
    """Raises UnreadableInput."""
    root = find_root(container.file.read(_HEAD_BYTES))
    container.file.seek(0)
    if root in _FEED_ROOTS:
        yield from split_feed(container, settings)
    elif root in _SITEMAP_ROOTS:
        yield from split_sitemap(container, settings)
    elif root in _NEWSML_ROOTS:
        yield from split_newsml(container, settings)
    elif root:
        raise UnreadableInput(f"is XML of an unknown kind (<{root[:40]}>)")
    else:
        raise UnreadableInput("is not XML")
