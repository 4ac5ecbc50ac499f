"""A news page: JSON-LD first, then meta tags, and the body by trafilatura."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ingest.dating import parse_structured
from ingest.documents import Document, decode_text
from ingest.errors import UnreadableInput
from ingest.extraction.cleaning import clean_characters, clean_name, join_paragraphs, web_url
from retrieval.schema import Article

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE_TYPES = ("NewsArticle", "Article", "ReportageNewsArticle", "BlogPosting")
_UNSEEN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|"
    r"(?:font-size|opacity)\s*:\s*0(?:\.0*)?(?:px|em|rem|pt|%)?\s*(?:!important\s*)?(?=;|$))",
    re.I,
)


def extract_html(document: Document, now: datetime) -> Article:
    """Raises UnreadableInput."""
    import trafilatura
    from lxml import etree, html

    try:
        page = html.document_fromstring(
            decode_text(document).encode(), parser=html.HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, ValueError) as error:
        raise UnreadableInput("is not an HTML page") from error
    facts = _read_facts(page)
    for element in _find_unseen(page):
        element.drop_tree()
    body = trafilatura.extract(page, include_comments=False, include_tables=False) or ""
    paragraphs = [p for p in clean_characters(body).split("\n") if p and p != facts.title]
    text = join_paragraphs(paragraphs)
    published_at = parse_structured(facts.published, now)
    return Article(
        title=facts.title or text.split("\n", 1)[0],
        text=text,
        url=facts.url,
        path=None if facts.url else document.path,
        source=facts.source,
        published_at=published_at,
        date_provenance="unknown" if published_at is None else "structured",
        authors=facts.authors,
        language=facts.language,
    )


def _find_unseen(page: HtmlElement) -> list[HtmlElement]:
    """What a reader of the page does not see: a place to hide instructions in."""
    hidden = page.xpath("//*[@hidden or @aria-hidden='true']|//template")
    styled = [e for e in page.xpath("//*[@style]") if _UNSEEN.search(e.get("style"))]
    return [element for element in (*hidden, *styled) if element.getparent() is not None]


@dataclass(frozen=True, slots=True)
class _Facts:
    title: str | None
    url: str | None
    source: str | None
    published: str | None
    authors: tuple[str, ...]
    language: str | None


def _read_facts(page: HtmlElement) -> _Facts:
    linked = next(_linked_articles(page), {})
    address = linked.get("url") or linked.get("mainEntityOfPage")
    title = (
        clean_name(linked.get("headline"))
        or _meta(page, "og:title")
        or _first(page, "//h1//text()")
        or _first(page, "//title/text()")
    )
    return _Facts(
        title=clean_name(title),
        url=web_url(
            _first(page, "//link[@rel='canonical']/@href")
            or (
                clean_name(address.get("@id")) if isinstance(address, dict) else clean_name(address)
            )
            or _meta(page, "og:url")
        ),
        source=next(_names(linked.get("publisher")), None) or _meta(page, "og:site_name"),
        published=clean_name(linked.get("datePublished")) or _meta(page, "article:published_time"),
        authors=tuple(_names(linked.get("author"))) or tuple(_names(_meta(page, "author"))),
        language=clean_name(linked.get("inLanguage")) or _first(page, "/html/@lang"),
    )


def _linked_articles(page: HtmlElement) -> Iterator[dict[str, Any]]:
    """Every article described by the page's JSON-LD, `@graph` included."""
    for script in page.xpath("//script[@type='application/ld+json']/text()"):
        try:
            described = json.loads(script)
        except (ValueError, RecursionError):
            continue
        things = described if isinstance(described, list) else [described]
        for thing in things:
            if not isinstance(thing, dict):
                continue
            graph = thing.get("@graph")
            for node in graph if isinstance(graph, list) else [thing]:
                kinds = node.get("@type") if isinstance(node, dict) else None
                if any(kind in _ARTICLE_TYPES for kind in _as_list(kinds)):
                    yield node


def _names(value: object) -> Iterator[str]:
    for named in _as_list(value):
        name = clean_name(named.get("name") if isinstance(named, dict) else named)
        if name:
            yield name


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _meta(page: HtmlElement, name: str) -> str | None:
    return _first(page, "//meta[@property=$name or @name=$name]/@content", name=name)


def _first(page: HtmlElement, xpath: str, **variables: str) -> str | None:
    found = page.xpath(xpath, **variables)
    return clean_name(str(found[0])) if found else None
