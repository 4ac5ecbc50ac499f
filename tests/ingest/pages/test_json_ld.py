"""JSON-LD, well-formed or nearly so."""

from __future__ import annotations

import pytest
from lxml import html

from ingest.pages.json_ld import LinkedFacts, read_json_ld

ARTICLE = '{"@type": "NewsArticle", "headline": "Accord", "datePublished": "2026-02-12"}'


def read(script: str, kind: str = "application/ld+json") -> LinkedFacts:
    page = html.document_fromstring(f'<html><script type="{kind}">{script}</script><p>x</p>')
    return read_json_ld(page)


@pytest.mark.parametrize(
    "script",
    [
        ARTICLE,
        f"[{ARTICLE}]",
        f'{{"@graph": [{{"@type": "WebSite"}}, {ARTICLE}]}}',
        f'{{"@type": "WebPage", "mainEntity": {ARTICLE}}}',
        ARTICLE.replace("NewsArticle", "https://schema.org/NewsArticle"),
        ARTICLE.replace('"NewsArticle"', '["Thing", "schema:OpinionNewsArticle"]'),
        ARTICLE.replace("NewsArticle", "LiveBlogPosting"),
        f"<!-- {ARTICLE} -->",
        f"//<![CDATA[\n{ARTICLE}\n//]]>",
        f"/*<![CDATA[*/{ARTICLE}/*]]>*/",
        ARTICLE.replace('"}', '",}'),
        f"{ARTICLE};",
        ARTICLE.replace("Accord", "Accord\n\tsigned").replace("\n\tsigned", "\x08"),
        ARTICLE.replace('"', "&quot;"),
    ],
    ids=[
        "plain",
        "list",
        "graph",
        "main entity",
        "full type",
        "types",
        "live blog",
        "comment",
        "CDATA",
        "CDATA in comments",
        "last comma",
        "semicolon",
        "control character",
        "escaped",
    ],
)
def test_an_article_is_found_in_every_shape(script: str) -> None:
    (article,) = read(script).articles
    assert article["datePublished"] == "2026-02-12"


def test_a_comma_in_a_text_is_no_last_comma() -> None:
    (article,) = read('{"@type": "Article", "headline": "One, ] two,}", "x": [1,],}').articles
    assert article["headline"] == "One, ] two,}"


def test_dates_are_picked_out_of_what_cannot_be_mended() -> None:
    broken = '{"@type": "NewsArticle", "headline": "A "strong" word", "datePublished": "2026-02-12"'
    (article,) = read(broken).articles
    assert article == {"@type": ["NewsArticle"], "datePublished": "2026-02-12"}


@pytest.mark.parametrize(
    "script", ["", "{", "null", "7", '"text"', "[" * 100_000, '{"@type": 5}', '{"@graph": 7}']
)
def test_what_describes_no_article_gives_none(script: str) -> None:
    assert read(script).articles == ()


def test_other_scripts_are_left_alone() -> None:
    assert read(ARTICLE, "application/json").articles == ()
    assert len(read(ARTICLE, "application/ld+json; charset=utf-8").articles) == 1


def test_a_reference_leads_to_the_node_that_it_names() -> None:
    facts = read(
        '{"@graph": [{"@type": "NewsArticle", "publisher": {"@id": "#us"}},'
        '{"@type": "Organization", "@id": "#us", "name": "Harbour Gazette"}]}'
    )
    assert facts.follow({"@id": "#us"}) == facts.nodes[-1]
    assert facts.follow({"@id": "#them"}) == {"@id": "#them"}
    assert facts.follow("Gazette") == "Gazette"
