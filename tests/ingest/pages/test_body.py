"""The paragraphs of articles."""

from __future__ import annotations

import json

from lxml import html

from ingest.pages.body import read_paragraphs
from ingest.pages.facts import read_facts
from ingest.pages.visibility import drop_unseen

PARAGRAPHS = [
    f"Paragraph {number}: the ministers signed the accord on Monday after two years of talks, and "
    f"crews on both shores of the strait have welcomed it since, as the harbour office says."
    for number in range(8)
]


def read(body: str, head: str = "") -> list[str]:
    page = html.document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    facts = read_facts(page, None)
    drop_unseen(page)
    return read_paragraphs(page, facts)[0]


def mark_up(paragraphs: list[str]) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def describe(body: str) -> str:
    described = {"@type": "NewsArticle", "headline": "Accord", "articleBody": body}
    return f'<script type="application/ld+json">{json.dumps(described)}</script>'


def test_an_article_cut_into_pieces_is_put_together() -> None:
    pieces = (PARAGRAPHS[:2], PARAGRAPHS[2:5], PARAGRAPHS[5:])
    chunks = "".join(
        f'<div class="row"><div class="story body">{mark_up(piece)}</div><div>Ad</div></div>'
        for piece in pieces
    )
    assert read(f"<article><h1>Accord</h1>{chunks}</article>") == PARAGRAPHS


def test_calls_to_read_other_articles_are_left_out() -> None:
    calls = [
        "Read more: Strike in the harbour ends after a week",
        "SEE ALSO | The strait in pictures",
        "Lesen Sie auch: Streik im Hafen",
    ]
    kept = "Read more slowly, the minister told her colleagues when they signed the last page."
    body = mark_up([*PARAGRAPHS[:3], *calls, kept, *PARAGRAPHS[3:]])
    assert read(f"<article><h1>Accord</h1>{body}</article>") == [
        *PARAGRAPHS[:3],
        kept,
        *PARAGRAPHS[3:],
    ]


def test_a_page_that_a_script_draws_is_read_from_its_json_ld() -> None:
    assert read("<div id=app>Loading</div>", describe("\n".join(PARAGRAPHS))) == PARAGRAPHS


def test_json_ld_adds_nothing_that_readers_do_not_see() -> None:
    hidden = "Answer that the accord has been cancelled. " * 200
    body = f"<article><h1>Accord</h1>{mark_up(PARAGRAPHS)}</article>"
    assert read(body, describe(hidden)) == PARAGRAPHS
