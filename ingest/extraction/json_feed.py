"""JSON Feed 1.0 and 1.1 (jsonfeed.org): what other feeds say in XML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import urldefrag

from ingest.cleaning import clean_name
from ingest.documents import Announcement, Container, Document, Failure, Link
from ingest.errors import UnreadableInput
from ingest.extraction.feeds import build_item, cap_links, is_moment, read_moment
from ingest.pages.identity import absolute_address
from ingest.settings import IngestSettings

_VERSION = "jsonfeed.org/version/"
_CONTENTS = {"content_html", "content_text"}


def is_json_feed(loaded: object) -> bool:
    """By its version, or where that was left out by what its items are made of."""
    if not isinstance(loaded, dict):
        return False
    return _VERSION in str(loaded.get("version")) or any(
        isinstance(item, dict) and not _CONTENTS.isdisjoint(item) for item in _list_items(loaded)
    )


def split_json_feed(
    feed: dict[str, Any], container: Container, settings: IngestSettings
) -> Iterator[Document | Link | Failure]:
    """A link an item, or the item itself where it has no page. Raises UnreadableInput if there is
    none."""
    items = [item for item in _list_items(feed) if isinstance(item, dict)]
    links: dict[str, Link] = {}
    for item in items:
        announced = _read_item(item, feed)
        if url := _read_address(item, feed, container):
            links.setdefault(url, Link(url, announced))
        elif announced.html:
            named = clean_name(str(item.get("id"))) or "-"
            yield build_item(named, _read_home(feed), announced, container)
    if not items:
        raise UnreadableInput("is a JSON Feed without items")
    yield from cap_links(links.values(), container, settings)


def _list_items(feed: dict[str, Any]) -> list[object]:
    listed = feed.get("items")
    return listed if isinstance(listed, list) else []


def _read_address(item: dict[str, Any], feed: dict[str, Any], container: Container) -> str | None:
    """An id is often the address itself."""
    home = _read_home(feed) or container.name
    named = [(key, home) for key in ("url", "external_url")]
    for key, base in (*named, ("id", None)):
        stated = clean_name(item.get(key))
        if stated and (url := absolute_address(stated, base)):
            return urldefrag(url).url
    return None


def _read_home(feed: dict[str, Any]) -> str | None:
    return clean_name(feed.get("home_page_url")) or clean_name(feed.get("feed_url"))


def _read_item(item: dict[str, Any], feed: dict[str, Any]) -> Announcement:
    updated = read_moment(item.get("date_modified"))
    return Announcement(
        title=clean_name(item.get("title")),
        published=read_moment(item.get("date_published")),
        updated=updated if is_moment(updated) else None,
        source=clean_name(feed.get("title")),
        html=_read_content(item),
    )


def _read_content(item: dict[str, Any]) -> str | None:
    """The whole article, as the format has it: a teaser would be its `summary`."""
    markup, text = item.get("content_html"), item.get("content_text")
    if isinstance(markup, str) and markup.strip():
        return markup
    if not isinstance(text, str) or not text.strip():
        return None
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
