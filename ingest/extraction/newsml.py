"""IPTC NewsML-G2: news items as XML, one or a message full of them; and NITF alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ingest.cleaning import clean_name, join_paragraphs
from ingest.documents import Container, Document, Failure, Link, too_large
from ingest.errors import UnreadableInput
from ingest.extraction.forms import Form, read_fullest
from ingest.extraction.nitf import (
    NITF_TEXT,
    read_nitf_embargo,
    read_nitf_headline,
)
from ingest.extraction.release import Release, read_author, read_release
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
        raise UnreadableInput("holds no text: only pictures, packages or nothing at all")
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
    text = join_paragraphs(read_fullest(_read_forms(item)))
    headline = read_string(item, "contentMeta/headline") or read_nitf_headline(item)
    return Article(
        title=headline or read_string(item, "itemMeta/title") or text.split("\n", 1)[0],
        text=text,
        url=url,
        path=None if url else identity,
        source=_read_source(item),
        published_at=released.published_at,
        date_provenance="unknown" if released.published_at is None else "structured",
        authors=read_author(read_string(item, "contentMeta/by", "contentMeta/creator/name")),
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
        publisher=_read_source(item),
    )


def _read_embargo(item: Element) -> str | None:
    """An element without a moment holds the item until further notice; so does an NITF inside."""
    stated = item.find("itemMeta/embargoed")
    if stated is not None:
        return read_string(stated, ".") or ""
    inside = item.find("contentSet/inlineXML/nitf")
    return None if inside is None else read_nitf_embargo(inside)


def _read_forms(item: Element) -> Iterator[Form]:
    from lxml import etree
    from lxml.html import defs

    for inline in item.xpath("contentSet/inlineXML/*"):
        method = "html" if inline.tag.lower() in defs.tags else "xml"
        content = etree.tostring(inline, encoding="unicode", method=method, with_tail=False)
        yield Form(content)
    for inline in item.xpath("contentSet/inlineData[not(@encoding)]"):
        yield Form("".join(inline.itertext()), inline.get("contenttype") or "")


def _read_source(item: Element) -> str | None:
    """Who provides the item; how it is to be credited only where that is not said, or a number."""
    name = read_string(item, "itemMeta/provider/name", "itemMeta/provider/@literal")
    code = _code(read_string(item, "itemMeta/provider/@qcode", "itemMeta/provider/@uri"))
    credit = read_string(
        item,
        "contentMeta/creditline",
        "rightsInfo/copyrightHolder/name",
        "rightsInfo/copyrightHolder/@literal",
    )
    return name or (code if code and not code.isdigit() else credit or code)


def _code(name: str | None) -> str | None:
    """What stands last in `ninat:text`, or in the address that it is short for."""
    return name and name.replace("/", ":").rsplit(":", 1)[-1]
