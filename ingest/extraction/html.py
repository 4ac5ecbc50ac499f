"""A news page: JSON-LD first, then meta tags, and the body by trafilatura."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ingest.charsets import decode_page
from ingest.cleaning import clean_name, join_paragraphs
from ingest.documents import Document
from ingest.errors import UnreadableInput
from ingest.pages.body import read_paragraphs
from ingest.pages.dates import StatedDate, find_modified, find_published
from ingest.pages.facts import read_facts
from ingest.pages.identity import choose_address
from ingest.pages.screening import refuse_non_article
from ingest.pages.streaming import complete_page
from ingest.pages.visibility import drop_unseen
from retrieval.schema import Article

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def extract_html(document: Document, now: datetime) -> Article:
    """Raises UnreadableInput."""
    return extract_dated(document, now)[0]


def extract_dated(document: Document, now: datetime) -> tuple[Article, StatedDate | None]:
    """With the moment of publication in the zone that the page states it in."""
    from lxml import etree

    page = _parse(document)
    complete_page(page)
    etree.strip_tags(page, etree.Comment)
    facts = read_facts(page, document.url)
    drop_unseen(page)
    paragraphs, left_out = read_paragraphs(page, facts)
    refuse_non_article(page, facts, paragraphs)
    text = join_paragraphs(paragraphs)
    published = find_published(page, facts, text, document.announced.published, now)
    url = choose_address(facts.addresses, document.url)
    article = Article(
        title=facts.title or clean_name(document.announced.title) or text.split("\n", 1)[0],
        text=text,
        url=url,
        path=None if url else document.path,
        source=facts.site or clean_name(document.announced.source),
        published_at=published.moment if published else None,
        date_provenance=published.provenance if published else "unknown",
        authors=facts.authors,
        language=facts.language,
        modified_at=find_modified(facts, now),
        left_out=tuple(left_out),
    )
    return article, published


def _parse(document: Document) -> HtmlElement:
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_pis=True)
    try:
        return html.document_fromstring(decode_page(document).encode(), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise UnreadableInput("is not an HTML page") from error
