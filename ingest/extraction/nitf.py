"""IPTC NITF: a news text as XML, alone or inside NewsML-G2."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ingest.cleaning import clean_name, join_paragraphs
from ingest.documents import Document
from ingest.extraction.release import Release, is_withdrawal, read_author, read_release
from ingest.extraction.strict_xml import parse_xml, read_string
from ingest.extraction.wrapped_lines import join_wrapped
from ingest.pages.identity import is_worldwide, tidy_address
from retrieval.schema import Article

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

NITF_TEXT = "NITF text"

_PARAGRAPHS = (
    ".//body.content//*[self::p or self::hl2 or self::li or self::dd or self::pre]"
    "[not(ancestor::p or ancestor::li or ancestor::dd or ancestor::media or ancestor::table or "
    "ancestor::note)]"
)


def extract_nitf(document: Document, now: datetime) -> Article:
    """Raises UnreadableInput."""
    text = parse_xml(document.content)
    named = _read_id(text, "id-string") or read_string(text, "head/docdata/du-key/@key")
    url = tidy_address(named)
    identity = url or named or document.path
    released = read_release(_read_notice(text) or _read_release(text, identity), now)
    body = join_paragraphs(read_nitf_paragraphs(text))
    return Article(
        title=read_nitf_headline(text) or body.split("\n", 1)[0],
        text=body,
        url=url,
        path=None if url else identity,
        source=_read_source(text),
        published_at=released.published_at,
        date_provenance="unknown" if released.published_at is None else "structured",
        authors=read_author(
            read_string(text, "body/body.head/byline/person", "body/body.head/byline")
        ),
        language=read_string(text, "@xml:lang", "body/@xml:lang"),
        modified_at=released.modified_at,
        edition=released.edition,
    )


def read_nitf_headline(text: Element) -> str | None:
    return read_string(text, ".//body.head/hedline/hl1", "head/title")


def read_nitf_paragraphs(text: Element) -> list[str]:
    """Where nothing is marked as a paragraph, the body as plain text."""
    paragraphs: list[str] = []
    for element in text.xpath(_PARAGRAPHS) or text.xpath(".//body.content"):
        words = "".join(element.itertext())
        if element.tag in ("pre", "body.content"):
            paragraphs += join_wrapped(words)
        elif name := clean_name(words):
            paragraphs.append(name)
    return paragraphs


def read_nitf_embargo(text: Element) -> str | None:
    """From when on it may be used, which most items state of the past."""
    return read_string(text, "head/docdata/date.release/@norm")


def _read_id(text: Element, attribute: str, path: str = "head/docdata/doc-id") -> str | None:
    """With whoever gave it: many agencies number their items anew every day or year."""
    stated = read_string(text, f"{path}/@{attribute}")
    giver = read_string(text, "head/docdata/doc-id/@regsrc")
    return f"{giver}:{stated}" if stated and giver and not is_worldwide(stated) else stated


def _read_source(text: Element) -> str | None:
    return read_string(
        text,
        "head/pubdata/@name",
        "head/docdata/doc.copyright/@holder",
        ".//distributor",
        "head/docdata/doc-id/@regsrc",
    )


def _read_notice(text: Element) -> Release | None:
    """What withdraws another item, where this is nothing else."""
    other = _read_id(text, "management-doc-idref", "head/docdata")
    status = read_string(text, "head/docdata/@management-idref-status")
    if other is None or not is_withdrawal(status):
        return None
    return Release(
        identity=tidy_address(other) or other,
        version=None,
        status=status,
        created=(),
        version_created=read_string(text, "head/docdata/date.issue/@norm"),
        embargoed=None,
        publisher=_read_source(text),
    )


def _read_release(text: Element, identity: str) -> Release:
    issued = read_string(text, "head/docdata/date.issue/@norm")
    release = read_nitf_embargo(text)
    return Release(
        identity=identity,
        version=read_string(text, "head/docdata/du-key/@version"),
        status=read_string(text, "head/docdata/@management-status"),
        created=[read_string(text, "head/pubdata/@date.publication"), release, issued],
        version_created=issued,
        embargoed=release,
        publisher=_read_source(text),
    )
