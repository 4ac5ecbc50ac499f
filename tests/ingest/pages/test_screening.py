"""Pages that are no article."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ingest.errors import UnreadableInput
from ingest.extraction.html import extract_html
from retrieval.schema import Article
from tests.factories import make_document

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FEED = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
TEASERS = (
    ("Ferry line to the islands opens a month early", "Passengers may book from Monday on."),
    ("Harbour dredging halted after a find of old mines", "The navy has closed two basins."),
    ("Council votes for a lower speed limit downtown", "Only the main road keeps its limit."),
    ("Storm leaves thousands of homes without power", "Repairs will last until Thursday."),
    ("Museum shows the maps of the northern whalers", "Most have never been on view."),
    ("Bakers warn of higher prices before the summer", "Flour costs a third more."),
)


def read(
    body: str, head: str = "<title>Harbour Gazette</title>", url: str | None = None
) -> Article:
    page = f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>"
    return extract_html(make_document(page, "a.html", url=url), NOW)


def list_headlines(shape: str) -> str:
    stories = (
        shape.format(path=f"/news/{number}", headline=headline, teaser=teaser)
        for number, (headline, teaser) in enumerate(TEASERS)
    )
    return "<main><h1>News</h1>" + "".join(stories) + "</main>"


@pytest.mark.parametrize(
    "shape",
    [
        '<div class="card"><h2><a href="{path}">{headline}</a></h2><p>{teaser}</p></div>',
        '<article><a href="{path}"><h3>{headline}</h3></a><p>{teaser}</p></article>',
        '<ul><li><a href="{path}">{headline}</a></li></ul>',
        '<li><a href="{path}">{headline}</a> <p>{teaser}</p></li>',
        '<p><a href="{path}">{headline}</a></p>',
    ],
    ids=["cards", "articles", "a bare list", "a list with teasers", "paragraphs"],
)
def test_a_list_of_headlines_is_refused_with_its_feed(shape: str) -> None:
    with pytest.raises(UnreadableInput, match=r"list of headlines.*https://example.org/feed\.xml"):
        read(list_headlines(shape), FEED, "https://example.org/news")


def test_a_list_without_a_feed_asks_for_the_articles() -> None:
    shape = '<h2><a href="{path}">{headline}</a></h2><p>{teaser}</p>'
    with pytest.raises(UnreadableInput, match=r"give the addresses of its articles$"):
        read(list_headlines(shape))


def test_a_list_that_describes_its_articles_in_json_ld_is_a_list() -> None:
    described = ",".join(
        f'{{"@type": "NewsArticle", "headline": "{headline}", "url": "/news/{number}"}}'
        for number, (headline, _) in enumerate(TEASERS)
    )
    head = f'<script type="application/ld+json">[{described}]</script>'
    with pytest.raises(UnreadableInput, match="list of headlines"):
        read(list_headlines('<h2><a href="{path}">{headline}</a></h2><p>{teaser}</p>'), head)


SHORT_NEWS = (
    "The ferry to the outer islands will sail again from Monday, the harbour office said. "
    "It had been in dock since a fire in its engine room in March."
)


def test_short_news_beside_other_headlines_is_an_article() -> None:
    related = "".join(
        f'<li><a href="/{i}">{title}</a></li>' for i, (title, _) in enumerate(TEASERS)
    )
    article = read(
        f"<main><article><h1>Ferry sails again</h1><p>{SHORT_NEWS}</p></article></main>"
        f"<aside><h2>Most read</h2><ul>{related}</ul></aside>"
    )
    assert article.text == SHORT_NEWS


@pytest.mark.parametrize(
    ("body", "head", "reason"),
    [
        (
            "<h1>Page not found</h1><p>We could not find the page you were looking for. It may "
            "have been moved, or the link that you followed may be an old one.</p>",
            "<title>404 | Harbour Gazette</title>",
            "error page",
        ),
        (
            "<h1>Seite nicht gefunden</h1><p>Die angeforderte Seite gibt es nicht oder nicht mehr, "
            "versuchen Sie es bitte mit der Suche oder gehen Sie zurück zur Startseite.</p>",
            "",
            "error page",
        ),
        (
            "<h1>One more step</h1><p>Please enable JavaScript and cookies to continue, we are "
            "checking your browser before you can go on to the site you asked for.</p>",
            "<title>Just a moment...</title>",
            "check for robots",
        ),
        (
            "<h1>Before you go on</h1><p>We and our 842 partners use cookies to store and access "
            "data on your device.</p><p>With your consent, our partners may use cookies and "
            "personalised ads; you can opt out at any time.</p>",
            "",
            "consent to cookies",
        ),
        (
            "<h1>Sign in</h1><form><p>Enter the address and the password that you have chosen "
            "when you opened your account with us at the Gazette.</p>"
            "<input type=email><input type=password></form>",
            "",
            "login page",
        ),
    ],
    ids=["not found", "in German", "captcha", "cookies", "login"],
)
def test_what_stands_in_an_article_s_place_is_refused(body: str, head: str, reason: str) -> None:
    with pytest.raises(UnreadableInput, match=reason):
        read(f"<main>{body}</main>", head)


@pytest.mark.parametrize(
    "ending",
    [
        "<p>Subscribe to continue reading this article.</p>",
        "<p>This story is for subscribers only. Already a subscriber? Log in.</p>",
        '<div class="offer">To read the full story, start your free trial.</div>',
        "<p>Jetzt weiterlesen mit einem Probeabo.</p>",
    ],
)
def test_the_beginning_of_a_paywalled_article_is_refused(ending: str) -> None:
    with pytest.raises(UnreadableInput, match="only the beginning of a paywalled article"):
        read(f"<main><article><h1>Ferry sails</h1><p>{SHORT_NEWS}</p>{ending}</article></main>")


@pytest.mark.parametrize("free", ['"False"', "false", '"https://schema.org/False"'])
def test_a_short_text_that_is_said_not_to_be_free_is_refused(free: str) -> None:
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry sails", '
        f'"isAccessibleForFree": {free}}}</script>'
    )
    with pytest.raises(UnreadableInput, match="paywalled"):
        read(f"<article><h1>Ferry sails</h1><p>{SHORT_NEWS}</p></article>", head)
    whole = "".join(f"<p>{SHORT_NEWS} This is paragraph {n}.</p>" for n in range(6))
    assert read(f"<article><h1>Ferry sails</h1>{whole}</article>", head).title == "Ferry sails"


def test_a_headline_may_begin_with_a_number_that_is_an_error_s_too() -> None:
    assert read(f"<article><h1>500 sheep rescued</h1><p>{SHORT_NEWS}</p></article>").text


@pytest.mark.parametrize(
    "text",
    [
        "The page was not found in the archive until a clerk opened the last of the boxes, the "
        "museum said on Friday, and nobody had looked for it there.",
        "A court has fined two publishers for asking their readers to consent to cookies twice; "
        "they may appeal within a month, its speaker said on Friday morning.",
        "Readers who subscribe to the paper may continue to read it on Sundays, its owner said, "
        "although the printing works will close at the end of the year.",
    ],
)
def test_news_about_such_pages_is_news(text: str) -> None:
    assert read(f"<article><h1>A remark on Friday</h1><p>{text}</p></article>").text == text


@pytest.mark.parametrize(
    "headline",
    [
        "410 gone missing in Wexby floods",
        "503 service members return to Zornby",
        "500 not accounted for after Ystby flood",
        "404 pages of the accord are published",
        "503: the number of days the ferry was late",
        "Article not found in treaty, minister says",
        "Page removed from Isby's land register",
        "Forbidden island opens to ferries",
        "Just a moment of silence for the dead of Wexby",
        "Attention required at level crossings, ministry warns",
        "Unusual activity at the volcano of Ystby",
        "Are you a robot? Schools test their pupils",
    ],
)
def test_a_headline_may_begin_as_errors_do(headline: str) -> None:
    page = f"<article><h1>{headline}</h1><p>{SHORT_NEWS}</p></article>"
    assert read(page, f"<title>{headline} | Harbour Gazette</title>").text == SHORT_NEWS


@pytest.mark.parametrize(
    "title",
    [
        "404",
        "404 Not Found",
        "Error 404 - Page not found",
        "503 Service Unavailable",
        "410 Gone",
        "Page not found | Harbour Gazette",
        "Oops! | Harbour Gazette",
        "Page introuvable - Gazette du port",
        "The page you requested could not be found",
    ],
)
def test_a_title_that_says_nothing_but_an_error_is_one(title: str) -> None:
    text = "We are sorry, but what you are looking for has moved, or the address is an old one."
    with pytest.raises(UnreadableInput, match="error page"):
        read(f"<main><h1>{title}</h1><p>{text}</p></main>", f"<title>{title}</title>")


OFFER = "Subscribe to continue reading this article."
LONG_NEWS = "".join(f"<p>{SHORT_NEWS} This is paragraph {n}.</p>" for n in range(9))


@pytest.mark.parametrize(
    "wall",
    [
        f'<div class="paywall"><p>{OFFER}</p></div>',
        f"<aside><h3>{OFFER}</h3><button>Subscribe</button></aside>",
        "<p>To keep reading, log in or take out a subscription.</p>",
        "<section><p>You have read all of your free articles this month.</p></section>",
        "<div>Um weiterzulesen, melden Sie sich bitte an.</div>",
    ],
)
def test_a_long_beginning_is_one_too(wall: str) -> None:
    with pytest.raises(UnreadableInput, match="only the beginning of a paywalled article"):
        read(f"<article><h1>Ferry sails</h1>{LONG_NEWS}{wall}</article>")


@pytest.mark.parametrize(
    ("facts", "extra"),
    [
        ({}, "<p>Residents must register by Friday to keep their berths, the office said.</p>"),
        ({}, "<p>Members can log in to view results of the vote, its speaker said on Friday.</p>"),
        ({}, "<div>Subscribe to our newsletter to read more articles like this one.</div>"),
        ({}, "<div>Ce service est réservé aux abonnés. S’identifier</div>"),
        ({}, "<div>Already a subscriber? Log in to comment on this story.</div>"),
        ({"isAccessibleForFree": True}, f"<aside>{OFFER}</aside>"),
        ({"isAccessibleForFree": False, "wordCount": 30}, ""),
        (
            {
                "isAccessibleForFree": False,
                "hasPart": {"isAccessibleForFree": False, "cssSelector": ".body"},
            },
            "",
        ),
    ],
    ids=[
        "a duty",
        "a vote",
        "a newsletter",
        "a service",
        "comments",
        "said to be free",
        "its words counted",
        "paid for",
    ],
)
def test_a_whole_brief_is_no_beginning(facts: dict[str, object], extra: str) -> None:
    described = {"@type": "NewsArticle", "headline": "Ferry sails", **facts}
    head = f'<script type="application/ld+json">{json.dumps(described)}</script>'
    body = f'<div class="body"><p>{SHORT_NEWS}</p></div>{extra}'
    article = read(f"<article><h1>Ferry sails</h1>{body}</article>", head)
    assert article.text.startswith(SHORT_NEWS)


def test_an_offer_above_a_whole_text_is_none_below_it() -> None:
    page = f"<article><div>Already a subscriber? Log in</div><h1>Ferry sails</h1><p>{SHORT_NEWS}"
    assert SHORT_NEWS in read(f"{page}</p></article>").text
