"""What pages state of their articles."""

from __future__ import annotations

import json

import pytest
from lxml import html

from ingest.pages.facts import PageFacts, read_facts


def read(head: str = "", body: str = "", found_at: str | None = None) -> PageFacts:
    page = f"<html><head>{head}</head><body>{body}<p>Text.</p></body></html>"
    return read_facts(html.document_fromstring(page), found_at)


def link(described: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(described)}</script>'


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ('<meta property="og:title" content="Accord signed">', "Accord signed"),
        ('<meta name="twitter:title" content="Accord signed">', "Accord signed"),
        ("<title>Accord signed</title>", "Accord signed"),
        (link({"@type": "NewsArticle", "headline": "Accord &amp; strait"}), "Accord & strait"),
    ],
)
def test_the_title_is_found_in_every_place(head: str, title: str) -> None:
    assert read(head).title == title


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Accord signed | Harbour Gazette", "Accord signed"),
        ("Accord signed - HARBOUR GAZETTE", "Accord signed"),
        ("Accord signed — Harbour Gazette", "Accord signed"),
        ("Accord signed | Politics", "Accord signed | Politics"),
        ("Harbour Gazette", "Harbour Gazette"),
        ("Why I read the Harbour Gazette", "Why I read the Harbour Gazette"),
    ],
)
def test_the_site_s_name_is_no_part_of_the_title(stated: str, title: str) -> None:
    site = '<meta property="og:site_name" content="Harbour Gazette">'
    assert read(f'{site}<meta property="og:title" content="{stated}">').title == title


def test_of_several_headings_the_one_in_the_window_s_title_is_the_article_s() -> None:
    body = "<h1>Harbour Gazette</h1><h1>Accord signed</h1>"
    facts = read("<title>Accord signed – news</title>", body)
    assert facts.title == "Accord signed"
    assert facts.headline is not None
    assert facts.headline.text == "Accord signed"


@pytest.mark.parametrize(
    ("stated", "authors"),
    [
        ("By Ann Ekholm and Bo Lund", ("Ann Ekholm", "Bo Lund")),
        ("Ann Ekholm, Bo Lund & Cy Dahl", ("Ann Ekholm", "Bo Lund", "Cy Dahl")),
        ("Von Ann Ekholm und Bo Lund", ("Ann Ekholm", "Bo Lund")),
        ("Ann Ekholm, Jr.", ("Ann Ekholm, Jr.",)),
        ("Ann Ekholm, ann@example.org", ("Ann Ekholm",)),
        ("https://www.facebook.com/gazette", ()),
        ("Byron Anders", ("Byron Anders",)),
        ("Ann Ekholm; Ann Ekholm", ("Ann Ekholm",)),
    ],
)
def test_authors_are_names_one_by_one(stated: str, authors: tuple[str, ...]) -> None:
    assert read(f'<meta name="author" content="{stated}">').authors == authors
    assert read(link({"@type": "Article", "author": stated})).authors == authors


def test_authors_in_the_markup_are_found() -> None:
    assert read(body='<a rel="author" href="/a">Ann Ekholm</a>').authors == ("Ann Ekholm",)
    marked = '<div itemprop="author"><b itemprop="name">Bo Lund</b></div>'
    assert read(body=marked).authors == ("Bo Lund",)


def test_a_publisher_that_is_a_reference_is_followed() -> None:
    graph = [
        {"@type": "NewsArticle", "headline": "A", "publisher": {"@id": "#us"}},
        {"@type": "NewsMediaOrganization", "@id": "#us", "name": "Harbour Gazette"},
    ]
    assert read(link({"@graph": graph})).site == "Harbour Gazette"


def test_a_publisher_is_never_guessed_from_the_address() -> None:
    assert read(found_at="https://gazette.example.org/accord").site is None


@pytest.mark.parametrize(
    ("head", "language"),
    [
        (link({"@type": "Article", "inLanguage": {"name": "no language", "@id": "x"}}), None),
        (link({"@type": "Article", "inLanguage": "sv-SE"}), "sv-SE"),
        ('<meta http-equiv="content-language" content="sv">', "sv"),
        ('<meta property="og:locale" content="sv_SE">', "sv-SE"),
    ],
)
def test_the_language_is_a_language(head: str, language: str | None) -> None:
    assert read(head).language == language


def test_of_several_articles_the_one_at_this_address_is_described() -> None:
    articles = [
        {"@type": "NewsArticle", "headline": "Other", "url": "https://example.org/other"},
        {"@type": "NewsArticle", "headline": "This", "url": "https://example.org/this"},
    ]
    assert read(link(articles), found_at="https://example.org/this").title == "This"
    assert read(link(articles), "<h1>This</h1>").title == "This"


def test_links_are_made_whole_by_the_page_s_own_address() -> None:
    canonical = '<link rel="canonical" href="/accord">'
    assert read(canonical, found_at="https://example.org/x").addresses == (
        "https://example.org/accord",
    )
    assert read(canonical).addresses == ()
