"""A news page: JSON-LD first, then meta tags, and the body by trafilatura."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ingest.dating import parse_structured
from ingest.errors import UnreadableInput
from ingest.extraction.cleaning import clean_characters, join_paragraphs
from retrieval.schema import Article

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE_TYPES = ("NewsArticle", "Article", "ReportageNewsArticle", "BlogPosting")
_HIDDEN = (
    "//*[@hidden or @aria-hidden='true' or contains(translate(@style, ' ', ''), 'display:none') "
    "or contains(translate(@style, ' ', ''), 'visibility:hidden') "
    "or contains(translate(@style, ' ', ''), 'font-size:0')]"
)


def extract_html(raw: str, path: str, now: datetime) -> Article:
    """Raises UnreadableInput."""
    import trafilatura
    from lxml import etree, html

    try:
        page = html.document_fromstring(raw.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, ValueError) as error:
        raise UnreadableInput("is not an HTML page") from error
    facts = _read_facts(page)
    for element in page.xpath(_HIDDEN):
        if element.getparent() is not None:
            element.drop_tree()
    body = trafilatura.extract(page, include_comments=False, include_tables=False) or ""
    paragraphs = [p for p in clean_characters(body).split("\n") if p and p != facts.title]
    text = join_paragraphs(paragraphs)
    published_at = parse_structured(facts.published, now)
    return Article(
        title=facts.title or text.split("\n", 1)[0],
        text=text,
        url=facts.url,
        path=None if facts.url else path,
        source=facts.source,
        published_at=published_at,
        date_provenance="unknown" if published_at is None else "structured",
        authors=facts.authors,
        language=facts.language,
    )


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
        _text(linked.get("headline"))
        or _meta(page, "og:title")
        or _first(page, "//h1//text()")
        or _first(page, "//title/text()")
    )
    return _Facts(
        title=clean_characters(title) if title else None,
        url=_web_url(
            _first(page, "//link[@rel='canonical']/@href")
            or (_text(address.get("@id")) if isinstance(address, dict) else _text(address))
            or _meta(page, "og:url")
        ),
        source=next(_names(linked.get("publisher")), None) or _meta(page, "og:site_name"),
        published=_text(linked.get("datePublished")) or _meta(page, "article:published_time"),
        authors=tuple(_names(linked.get("author"))) or tuple(_names(_meta(page, "author"))),
        language=_text(linked.get("inLanguage")) or _first(page, "/html/@lang"),
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
        name = _text(named.get("name") if isinstance(named, dict) else named)
        if name:
            yield name


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: object) -> str | None:
    return clean_characters(value) or None if isinstance(value, str) else None


def _meta(page: HtmlElement, name: str) -> str | None:
    return _first(page, "//meta[@property=$name or @name=$name]/@content", name=name)


def _first(page: HtmlElement, xpath: str, **variables: str) -> str | None:
    found = page.xpath(xpath, **variables)
    return _text(str(found[0])) if found else None


def _web_url(value: str | None) -> str | None:
    if value is None:
        return None
    address = urlsplit(value)
    return value if address.scheme in ("http", "https") and address.netloc else None
