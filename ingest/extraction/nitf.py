"""IPTC NITF: a news text as XML, alone or inside NewsML-G2."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ingest.cleaning import clean_characters, clean_name, join_paragraphs
from ingest.documents import Document
from ingest.extraction.release import Release, read_moments
from ingest.extraction.strict_xml import parse_xml, read_string
from ingest.pages.identity import tidy_address
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
    published_at, modified_at = read_moments(_read_release(text), now)
    body = join_paragraphs(read_nitf_paragraphs(text))
    url = tidy_address(read_string(text, "head/docdata/doc-id/@id-string"))
    author = read_string(text, "body/body.head/byline/person", "body/body.head/byline")
    return Article(
        title=read_nitf_headline(text) or body.split("\n", 1)[0],
        text=body,
        url=url,
        path=None if url else document.path,
        source=read_string(
            text, "head/pubdata/@name", "head/docdata/doc.copyright/@holder", ".//distributor"
        ),
        published_at=published_at,
        date_provenance="unknown" if published_at is None else "structured",
        authors=(author,) if author else (),
        language=read_string(text, "@xml:lang", "body/@xml:lang"),
        modified_at=modified_at,
    )


def read_nitf_headline(text: Element) -> str | None:
    return read_string(text, ".//body.head/hedline/hl1", "head/title")


def read_nitf_paragraphs(text: Element) -> list[str]:
    spoken = ("".join(element.itertext()) for element in text.xpath(_PARAGRAPHS))
    return [name for each in spoken if (name := clean_name(clean_characters(each)))]


def _read_release(text: Element) -> Release:
    return Release(
        status=read_string(text, "head/docdata/@management-status"),
        created=[
            read_string(text, path)
            for path in (
                "head/pubdata/@date.publication",
                "head/docdata/date.release/@norm",
                "head/docdata/date.issue/@norm",
            )
        ],
        version_created=None,
        embargoed=None,
    )
