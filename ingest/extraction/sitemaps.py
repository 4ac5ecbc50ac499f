"""Sitemaps and their indexes, with what Google's news extension says of an article."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.cleaning import clean_name, web_url
from ingest.documents import Announcement, Container, Failure, Link
from ingest.errors import UnreadableInput
from ingest.extraction.feeds import cap_links, is_moment, read_moment
from ingest.extraction.strict_xml import STRICT
from ingest.settings import IngestSettings

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_LONGEST_TEXT = 2_000


def split_sitemap(container: Container, settings: IngestSettings) -> Iterator[Link | Failure]:
    """A link a page, or a further sitemap. Raises UnreadableInput if there is none."""
    empty = True
    for part in cap_links(_read_links(container), container, settings):
        yield part
        empty = False
    if empty:
        raise UnreadableInput("is a sitemap that names no page")


def _read_links(container: Container) -> Iterator[Link]:
    """Each address once; the file is never whole in memory."""
    from lxml import etree

    seen: set[str] = set()
    elements = etree.iterparse(container.file, tag=("{*}url", "{*}sitemap"), **STRICT)
    try:
        for _, element in elements:
            link = _read_link(element)
            if link and link.url not in seen:
                seen.add(link.url)
                yield link
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise UnreadableInput(f"is not well-formed XML: {error.msg}") from error


def _read_link(element: Element) -> Link | None:
    url = web_url(_read(element, "{*}loc"))
    if url is None:
        return None
    updated = read_moment(_read(element, "{*}lastmod"))
    announced = Announcement(
        title=_read(element, "{*}news/{*}title"),
        published=read_moment(_read(element, "{*}news/{*}publication_date")),
        updated=updated if is_moment(updated) else None,
        source=_read(element, "{*}news/{*}publication/{*}name"),
    )
    return Link(url, announced)


def _read(element: Element, path: str) -> str | None:
    text = element.findtext(path)
    return clean_name(text[:_LONGEST_TEXT]) if text else None
