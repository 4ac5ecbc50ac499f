"""Feeds: RSS 0.9 to 2.0 and Atom. What they say of an article goes with the link to it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urldefrag

from ingest.cleaning import clean_name, web_url
from ingest.date_phrases import DateReader, find_date_phrases
from ingest.dating import read_loose
from ingest.documents import Announcement, Container, Document, Failure, Link, too_large
from ingest.errors import UnreadableInput
from ingest.pages.identity import is_worldwide
from ingest.settings import IngestSettings

_LONGEST_NAME = 500
_LONGEST_URL = 2_000
_LONGEST_END = 1_000
# A shorter summary is a teaser, not the article.
_SHORTEST_ARTICLE = 600
_TEASER_END = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|(?:continue reading|read (?:more|on|the (?:full|whole|rest)))"
    r"[^.!?]{0,100})\W*$",
    re.I,
)
# What blog software adds to each of its texts.
_ADDED = re.compile(
    r"<p>The post <a\b[^<]*</a> (?:appeared first|first appeared) on <a\b[^<]*</a>\.?</p>\s*$", re.I
)
_TAG = re.compile(r"<[^<>]*>")
_LONGEST_DATE = 100


def split_feed(
    container: Container, settings: IngestSettings
) -> Iterator[Document | Link | Failure]:
    """A link an entry, or the entry itself where it has no page. Raises UnreadableInput if there is
    none."""
    content = container.file.read(settings.max_article_bytes + 1)
    if len(content) > settings.max_article_bytes:
        raise UnreadableInput(too_large(len(content), settings))
    feed = _parse(content, container.name)
    entries = feed.get("entries")
    if not entries:
        raise UnreadableInput(_describe_emptiness(feed))
    links: dict[str, Link] = {}
    documents: list[Document] = []
    for entry in entries:
        announced = _read_entry(entry, feed)
        if url := _read_address(entry):
            links.setdefault(url, Link(url, announced))
        elif announced.html:
            named = clean_name(entry.get("id")) or announced.title or str(len(documents) + 1)
            home = clean_name(feed.feed.get("id")) or clean_name(feed.feed.get("link"))
            documents.append(build_item(named, home, announced, container))
    if not links and not documents:
        raise UnreadableInput("is a feed that links to no page: name a feed of articles")
    yield from documents
    yield from cap_links(links.values(), container, settings)


def build_item(
    named: str, home: str | None, announced: Announcement, container: Container
) -> Document:
    """An article that is in its feed and nowhere else, known by its id in that feed."""
    return Document(
        name=f"{container.name}#{named}",
        path=named if is_worldwide(named) else f"{home or container.path}#{named}",
        format=".html",
        content=(announced.html or "").encode(),
        charset="utf-8",
        announced=announced,
    )


def quote_entry(url: str, announced: Announcement) -> Document | None:
    """What a feed holds of an article whose page cannot be had, or has no text."""
    if announced.html is None:
        return None
    return Document(
        name=url,
        path=url,
        format=".html",
        content=announced.html.encode(),
        url=url,
        charset="utf-8",
        announced=announced,
        asked_for=False,
    )


def count_words(markup: str) -> int:
    return len(_TAG.sub(" ", markup).split())


def _parse(content: bytes, name: str) -> Any:
    """Bytes, because feedparser would open a `str` as a file, or fetch it."""
    import feedparser

    headers = {"content-type": "application/xml"}
    if web_url(name):
        headers["content-location"] = name
    try:
        return feedparser.parse(content, response_headers=headers)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        # What it raises for some characters and elements that are out of place.
        return {}


def cap_links(
    links: Iterable[Link], container: Container, settings: IngestSettings
) -> Iterator[Link | Failure]:
    """As many as the settings take, and then how many there were."""
    count = 0
    for count, link in enumerate(links, start=1):
        if count <= settings.max_pages:
            yield link
    if count > settings.max_pages:
        yield Failure(
            f"{container.name} (pages {settings.max_pages + 1:,} to {count:,})",
            "are left out: raise ingest.max_pages to include them",
        )


def read_moment(raw: object, language: str | None = None) -> str | None:
    """As machines write it or people do, as ISO 8601, in UTC where no zone is stated; a day stays a
    day."""
    text = " ".join(raw.split())[:_LONGEST_DATE] if isinstance(raw, str) else ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    if moment := read_loose(text):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    reader = DateReader(language, (), datetime.now(UTC))
    for phrase in find_date_phrases(text):
        if read := reader.read(phrase):
            return (read if phrase.has_time else read.date()).isoformat()
    return None


def is_moment(moment: str | None) -> bool:
    """Whether it is more than a day, so that a change on the same day would show."""
    return moment is not None and "T" in moment


def _read_address(entry: Any) -> str | None:
    url = web_url(str(entry.get("feedburner_origlink") or entry.get("link") or "")[:_LONGEST_URL])
    return url and urldefrag(url).url


def _read_entry(entry: Any, feed: Any) -> Announcement:
    # `get` would give the one for the other, and warn.
    language = clean_name(feed.feed.get("language"))
    updated = read_moment(dict.get(entry, "updated"), language)
    published = read_moment(dict.get(entry, "published"), language)
    if published is None and feed.get("version", "").startswith("rss"):
        published = updated
    return Announcement(
        title=_read_name(entry, "title"),
        published=published,
        updated=updated if is_moment(updated) else None,
        source=_read_name(entry.get("source") or {}, "title") or _read_name(feed.feed, "title"),
        html=_read_article(entry),
    )


def _read_name(described: Any, key: str) -> str | None:
    text = str(described.get(key) or "")[:_LONGEST_NAME]
    if "html" in (described.get(f"{key}_detail") or {}).get("type", ""):
        text = html.unescape(_TAG.sub("", text))
    return clean_name(text)


def _read_article(entry: Any) -> str | None:
    """The longest of its texts, if it is the article and no teaser."""
    contents = [str(each.get("value") or "") for each in entry.get("content") or ()]
    summary = str((entry.get("summary_detail") or {}).get("value") or "")
    whole = [*contents, *([summary] if _length(summary) >= _SHORTEST_ARTICLE else ())]
    longest = _ADDED.sub("", max(whole, key=_length, default=""))
    is_teaser = _TEASER_END.search(html.unescape(_TAG.sub("", longest[-_LONGEST_END:])).strip())
    return None if is_teaser else longest.strip() or None


def _length(markup: str) -> int:
    return len(_TAG.sub("", markup))


def _describe_emptiness(feed: Any) -> str:
    if feed.get("version") and not feed.get("bozo"):
        return "is a feed without entries"
    reason = getattr(feed.get("bozo_exception"), "getMessage", str)()
    return f"is not a well-formed feed{f' ({reason})' if reason else ''}: check the address"
