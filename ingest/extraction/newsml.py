"""IPTC NewsML-G2: news items as XML, one or a message full of them; and NITF alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ingest.cleaning import clean_characters, clean_name, join_paragraphs
from ingest.documents import Container, Document, Failure, Link, too_large
from ingest.errors import UnreadableInput
from ingest.extraction.markup import read_paragraphs
from ingest.extraction.nitf import (
    NITF_TEXT,
    read_nitf_embargo,
    read_nitf_headline,
    read_nitf_paragraphs,
)
from ingest.extraction.release import Release, read_release
from ingest.extraction.strict_xml import parse_xml, read_string
from ingest.pages.identity import tidy_address
from ingest.settings import IngestSettings
from retrieval.schema import Article

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

NEWSML_ITEM = "NewsML item"
# What the root of such a file is called.
NEWSML_ROOTS = ("newsMessage", "newsItem", "packageItem", "nitf")


def split_newsml(
    container: Container, settings: IngestSettings
) -> Iterator[Document | Link | Failure]:
    """Every item of text. Raises UnreadableInput."""
    from lxml import etree

    content = container.file.read(settings.max_article_bytes + 1)
    if len(content) > settings.max_article_bytes:
        raise UnreadableInput(too_large(len(content), settings))
    root = parse_xml(content)
    if root.tag not in NEWSML_ROOTS:
        raise UnreadableInput(f"is neither NewsML-G2 nor NITF: its root is {root.tag[:40]!r}")
    if root.tag == "nitf":
        yield Document(container.name, container.path, NITF_TEXT, content)
        return
    items = [item for item in root.iter("newsItem") if _is_text(item)]
    if not items:
        raise UnreadableInput("holds no news of text: only pictures, packages or nothing at all")
    for number, item in enumerate(items, 1):
        part = f"#{clean_name(item.get('guid')) or number}" if len(items) > 1 else ""
        yield Document(
            f"{container.name}{part}",
            f"{container.path}{part}",
            NEWSML_ITEM,
            etree.tostring(item, with_tail=False),
        )


def extract_newsml(document: Document, now: datetime) -> Article:
    """Raises UnreadableInput."""
    item = parse_xml(document.content)
    named = clean_name(item.get("guid"))
    url = tidy_address(named)
    identity = url or named or document.path
    released = read_release(_read_release(item, identity), now)
    text = join_paragraphs(max(_read_bodies(item), key=_count_words, default=[]))
    author = read_string(item, "contentMeta/by", "contentMeta/creator/name")
    headline = read_string(item, "contentMeta/headline") or read_nitf_headline(item)
    return Article(
        title=headline or read_string(item, "itemMeta/title") or text.split("\n", 1)[0],
        text=text,
        url=url,
        path=None if url else identity,
        source=_read_source(item),
        published_at=released.published_at,
        date_provenance="unknown" if released.published_at is None else "structured",
        authors=(author,) if author else (),
        language=read_string(item, "contentMeta/language/@tag", "@xml:lang"),
        modified_at=released.modified_at,
        edition=released.edition,
    )


def _is_text(item: Element) -> bool:
    kind = _code(read_string(item, "itemMeta/itemClass/@qcode", "itemMeta/itemClass/@uri"))
    return kind in (None, "text")


def _read_release(item: Element, identity: str) -> Release:
    return Release(
        identity=identity,
        version=item.get("version"),
        status=read_string(item, "itemMeta/pubStatus/@qcode", "itemMeta/pubStatus/@uri"),
        created=[
            read_string(item, "itemMeta/firstCreated"),
            read_string(item, "contentMeta/contentCreated"),
        ],
        version_created=read_string(item, "itemMeta/versionCreated"),
        embargoed=_read_embargo(item),
    )


def _read_embargo(item: Element) -> str | None:
    """An element without a moment holds the item until further notice; so does an NITF inside."""
    stated = item.find("itemMeta/embargoed")
    if stated is not None:
        return read_string(stated, ".") or ""
    inside = item.find("contentSet/inlineXML/nitf")
    return None if inside is None else read_nitf_embargo(inside)


def _read_bodies(item: Element) -> Iterator[list[str]]:
    """The paragraphs of each form that the content comes in."""
    from lxml import etree

    for inline in item.xpath("contentSet/inlineXML/*"):
        if inline.tag == "nitf":
            yield read_nitf_paragraphs(inline)
        else:
            yield read_paragraphs(etree.tostring(inline, encoding="unicode", method="html"))
    for inline in item.xpath("contentSet/inlineData"):
        words = "".join(inline.itertext())
        if "html" in (inline.get("contenttype") or ""):
            yield read_paragraphs(words)
        else:
            yield clean_characters(words).split("\n")


def _read_source(item: Element) -> str | None:
    return read_string(
        item,
        "itemMeta/provider/name",
        "contentMeta/creditline",
        "itemMeta/provider/@literal",
    ) or _code(read_string(item, "itemMeta/provider/@qcode"))


def _code(name: str | None) -> str | None:
    """What stands last in `ninat:text`, or in the address that it is short for."""
    return name and name.replace("/", ":").rsplit(":", 1)[-1]


def _count_words(paragraphs: list[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)
