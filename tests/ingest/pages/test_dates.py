"""When pages say that they were published, read on 1 March 2026."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from lxml import html

from ingest.pages.dates import StatedDate, day_in_address, find_modified, find_published
from ingest.pages.facts import read_facts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = datetime(2026, 2, 12, tzinfo=UTC)
TEXT = "The ministers signed the accord on Monday after two years of talks."


def find(
    head: str = "",
    byline: str = "",
    after: str = "",
    url: str | None = None,
    announced: str | None = None,
    language: str = "en-GB",
) -> StatedDate | None:
    page = html.document_fromstring(
        f'<html lang="{language}"><head><title>Accord signed</title>{head}</head><body>'
        f"<article><h1>Accord signed</h1>{byline}<p>{TEXT}</p>{after}</article></body></html>"
    )
    return find_published(page, read_facts(page, url), TEXT, announced, NOW)


def link(**stated: object) -> str:
    described = {"@type": "NewsArticle", "headline": "Accord signed", **stated}
    return f'<script type="application/ld+json">{json.dumps(described)}</script>'


def meta(name: str, content: str = "2026-02-12") -> str:
    return f'<meta property="{name}" content="{content}">'


@pytest.mark.parametrize(
    "head",
    [
        link(datePublished="2026-02-12"),
        link(datePublished="12 February 2026"),
        link(datePublished="2026-02-30") + meta("article:published_time"),
        link(datePublished="2026-02-12") + meta("article:published_time", "2026-02-20"),
        meta("article:published_time"),
        meta("parsely-pub-date"),
        meta("DC.date.issued"),
        meta("citation_publication_date", "2026/02/12"),
        '<meta itemprop="datePublished" content="2026-02-12">',
        '<meta name="date" content="2026-02-12">',
        '<script type="application/ld+json">{"@type": "WebPage", "datePublished": "2026-02-12"}'
        "</script>",
    ],
)
def test_structured_data_states_the_date(head: str) -> None:
    assert find(head, url="https://example.org/2025/01/01/a", announced="2025-01-02") == StatedDate(
        DAY, "structured"
    )


@pytest.mark.parametrize(
    "markup",
    [
        '<time datetime="2026-02-12">last week</time>',
        '<p><time datetime="2026-02-12T00:00">12 Feb</time></p>',
        '<span itemprop="datePublished">12 February 2026</span>',
        '<abbr class="published" title="2026-02-12">Thursday</abbr>',
        '<span property="dc:date" content="2026-02-12">Thursday</span>',
        '<time class="updated" datetime="2026-02-20">x</time><time datetime="2026-02-12">y</time>',
        '<p>Updated <time datetime="2026-02-20">x</time></p><time datetime="2026-02-12">y</time>',
    ],
)
def test_markup_near_the_headline_states_the_date(markup: str) -> None:
    assert find(byline=markup) == StatedDate(DAY, "structured")


def test_the_zone_of_the_page_is_kept() -> None:
    found = find(link(datePublished="2026-02-12T00:30:00+02:00"))
    assert found is not None
    assert found.moment.date() == DAY.date()
    assert found.moment.utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize(
    ("stated", "shown", "day", "hours"),
    [
        ("2026-02-11T23:00:00Z", "12 February 2026", 12, 1),
        ("2026-02-11T22:30:00Z", "12 February 2026", 12, 2),
        ("2026-02-13T03:30:00Z", "12 February 2026", 12, -4),
        ("2026-02-12T23:00:00Z", "12 February 2026", 12, 0),
        ("2026-02-11T23:00:00Z", "14 February 2026", 11, 0),
        ("2026-02-11T23:00:00Z", "", 11, 0),
        ("2026-02-11T23:00:00-05:00", "12 February 2026", 11, -5),
        ("2026-02-13", "12 February 2026", 13, 0),
    ],
)
def test_a_moment_in_utc_is_on_the_day_that_the_page_shows(
    stated: str, shown: str, day: int, hours: int
) -> None:
    found = find(link(datePublished=stated), f"<p>{shown}</p>")
    assert found is not None
    assert (found.moment.day, found.moment.utcoffset()) == (day, timedelta(hours=hours))


@pytest.mark.parametrize(
    "stated", ["2099-01-01", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-02-30", "soon"]
)
def test_a_date_that_cannot_be_does_not_hide_the_next(stated: str) -> None:
    head = link(datePublished=stated) + meta("article:published_time", stated)
    assert find(head, '<time datetime="2026-02-12">x</time>') == StatedDate(DAY, "structured")
    assert find(head) is None


def test_the_feed_is_believed_before_the_byline_and_the_byline_before_the_address() -> None:
    byline = "<p>14 February 2026</p>"
    url = "https://example.org/2026/02/13/accord"
    feed = find(byline=byline, url=url, announced="Thu, 12 Feb 2026 00:00:00 GMT")
    assert feed == StatedDate(DAY, "feed")
    assert find(byline=byline, url=url) == StatedDate(DAY + timedelta(days=2), "byline")
    assert find(url=url) == StatedDate(DAY + timedelta(days=1), "url")


@pytest.mark.parametrize(
    "path",
    [
        "/story/201231",
        "/2025/10/5-things-about-the-pier/",
        "/20251015",
        "/2025/10/12-ways-out.html",
    ],
)
def test_a_number_in_the_address_does_not_hide_the_byline(path: str) -> None:
    byline = "<p>By Ann Holm, 12 February 2026</p>"
    assert find(byline=byline, url=f"https://example.org{path}") == StatedDate(DAY, "byline")
    assert find(url=f"https://example.org{path}") is None


@pytest.mark.parametrize(
    ("address", "day"),
    [
        ("https://example.org/2026/02/12/accord", DAY),
        ("https://example.org/2026/feb/12/accord", DAY),
        ("https://example.org/2026/2/12/", DAY),
        ("https://example.org/news-2026-02-12.html", DAY),
        ("https://example.org/20260212/accord", DAY),
        ("https://example.org/accord-12-02-2026-77.html", DAY),
        ("https://example.org/2026/02/12", DAY),
        ("https://example.org/2026/02/12.html", DAY),
        ("https://example.org/2026-02-12-accord", DAY),
        ("https://example.org/2026_02_12/accord", DAY),
        ("https://example.org/2026/02/accord", None),
        ("https://example.org/2025/10/5-things-about-the-pier/", None),
        ("https://example.org/2025/10/12-ways-to-the-pier", None),
        ("https://example.org/2025-10-5-things", None),
        ("https://example.org/story/201231", None),
        ("https://example.org/story/20251015", None),
        ("https://example.org/accord-20251015.html", None),
        ("https://example.org/news/2019111/accord", None),
        ("https://example.org/id12012/03/01/accord", None),
        ("https://example.org/2026/13/12/accord", None),
        ("https://example.org/2027/02/12/accord", None),
        ("https://example.org/web/20260212101316/accord", None),
        ("https://example.org/a?day=2026-02-12", None),
        ("https://example.org/2026/foo/12", None),
    ],
)
def test_the_day_in_an_address(address: str, day: datetime | None) -> None:
    assert day_in_address(address, NOW) == day


@pytest.mark.parametrize(
    ("byline", "language"),
    [
        ("<p>By Ann Ekholm | 12 February 2026</p>", "en"),
        ("<div><span>12/02/2026</span> <span>Ann Ekholm</span></div>", "en-GB"),
        ("<div><span>02/12/2026</span> <span>Ann Ekholm</span></div>", "en-US"),
        ("<p>Von Bo Lund, 12. Februar 2026</p>", "de"),
        ("<p class='no-comments-link'>12.02.26</p>", "de"),
        ("<p>Publié le 12 février 2026, mis à jour le 20 février 2026</p>", "fr"),
    ],
)
def test_a_byline_states_the_date_in_the_page_s_language(byline: str, language: str) -> None:
    assert find(byline=byline, language=language) == StatedDate(DAY, "byline")


def test_the_other_dates_of_the_page_tell_day_from_month() -> None:
    byline = "<p>02/12/2026</p>"
    assert find(byline=byline, language="en") is None
    after = "<p>The talks of 12/25/2025 failed.</p>"
    assert find(byline=byline, after=after, language="en") == StatedDate(DAY, "byline")
    swapped = "<p>12/02/2026</p>"
    british = find(byline=swapped, language="en", url="https://example.co.uk/a")
    assert british == StatedDate(DAY, "byline")


def test_a_date_called_so_is_found_far_from_the_headline() -> None:
    filler = f"<p>{TEXT}</p>" * 40
    after = f'{filler}<div class="article-date">12 February 2026</div>'
    assert find(after=after) == StatedDate(DAY, "byline")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "<footer>© 2026 Harbour Gazette, 1 January 2026 to 12 February 2026, all rights</footer>",
        '<div class="comments"><p class="comment-date">12 February 2026</p></div>',
        '<div id="related">Strike <time datetime="2026-02-12">12 February 2026</time></div>',
        "<blockquote>— Ann (@ann) 12 February 2026</blockquote>",
        "<p>Updated 12 February 2026</p>",
        '<p>Updated <time datetime="2026-02-12">x</time> by the editors</p>',
        "<p>The accord of 12 February 2026 lets ships of both countries use the strait without a "
        "pilot, which is what their crews have asked for since the summer of the year before.</p>",
        meta("article:modified_time"),
        link(dateModified="2026-02-12"),
        "<p>Offer: 12.02.2026 – 17.02.2026</p>",
        "<p>Open 12 to 17 May: 12 February 2026 10:00 to 17 February 2026</p>",
        f"<p>{TEXT} <a href=/t>A column in Les Echos (12/02/2026)</a> said so. {TEXT}</p>",
    ],
    ids=[
        "copyright",
        "comment",
        "related",
        "quotation",
        "update",
        "time of an update",
        "running text",
        "modified",
        "modified in JSON-LD",
        "period",
        "period with times",
        "link in running text",
    ],
)
def test_dates_of_something_else_leave_the_date_unknown(elsewhere: str) -> None:
    assert find(after=elsewhere) is None


def test_the_date_of_a_change_is_kept_apart() -> None:
    page = html.document_fromstring(
        f"<html><head>{link(datePublished='2026-02-12', dateModified='2026-02-20T08:00+01:00')}"
        "</head><body><p>x</p></body></html>"
    )
    assert find_modified(read_facts(page, None), NOW) == datetime(2026, 2, 20, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "picture",
    [
        '<div class="pic"><img alt="x"><p>The old pier, 10 February 2026</p></div>',
        "<div><img><span>Per Lund at the pier (10 February 2026)</span></div>",
        "<figure><img><figcaption>10 February 2026</figcaption></figure>",
        '<div class="gallery"><picture><img></picture><p>Oslo, 10 February 2026</p></div>',
    ],
)
def test_the_date_of_a_picture_is_not_that_of_the_article(picture: str) -> None:
    assert find(byline=picture) is None
    after = "<div class='info'><p>Date 12 February 2026</p></div>"
    assert find(byline=picture, after=after) == StatedDate(DAY, "byline")


@pytest.mark.parametrize(
    "byline",
    [
        '<div class="byline"><img class="avatar"> Ann Ekholm, 12 February 2026</div>',
        "<div class='ab'><img><div>Ann Ekholm <a>Feb 12, 2026</a> · <i>6 min read</i></div></div>",
    ],
)
def test_an_author_with_a_face_has_a_date(byline: str) -> None:
    assert find(byline=byline) == StatedDate(DAY, "byline")


def test_an_update_in_the_name_of_a_programme_is_no_change() -> None:
    byline = "<div>Radio Nord - <span>The Harbour-Update with Ann Ekholm</span> - 12.02.2026</div>"
    assert find(byline=byline, language="de") == StatedDate(DAY, "byline")


@pytest.mark.parametrize(
    "sentence",
    [
        'The council will meet on <time datetime="2026-02-14">14 February</time> to vote.',
        'The strike began on <time datetime="2026-02-10">10 February</time>, its leaders said.',
        f'On <time datetime="2026-02-10">10 February</time> the ministers met. {TEXT * 3}',
    ],
)
def test_a_time_in_a_sentence_is_that_of_an_event(sentence: str) -> None:
    assert find(byline=f"<p>{sentence}</p>") is None
    byline = f'<p>Ann Ekholm, <time datetime="2026-02-12">12 February</time></p><p>{sentence}</p>'
    assert find(byline=byline) == StatedDate(DAY, "structured")


def test_the_time_of_an_event_s_start_is_none_of_publication() -> None:
    assert (
        find(byline='<time itemprop="startDate" datetime="2026-02-14">14 February</time>') is None
    )


@pytest.mark.parametrize(
    ("stated", "shown", "language", "day"),
    [
        ("02/12/2026 12:43:42", "Erstellt am: 12.02.2026", "de", 12),
        ("12/02/2026 12:43:42", "Erstellt am: 12.02.2026", "de", 12),
        ("02/12/2026 12:43:42", "Publié le 12 février 2026", "fr", 12),
        ("12/02/2026", "", "fr", 12),
        ("02/12/2026", "12 February 2026", "en", 12),
        ("02/12/2026", "", "de", None),
        ("02/12/2026", "", "en", None),
    ],
)
def test_a_program_s_date_is_read_as_the_page_shows_it(
    stated: str, shown: str, language: str, day: int | None
) -> None:
    head = f'<meta name="date" content="{stated}">'
    found = find(head, f"<p>{shown}</p>", language=language)
    assert (None if found is None else (found.moment.day, found.moment.month)) == (
        None if day is None else (day, 2)
    )


def test_today_s_date_in_the_head_of_the_site_is_not_the_article_s() -> None:
    page = html.document_fromstring(
        '<html lang="en"><body><header><p>Sunday, 1 March 2026</p></header><main>'
        f"<h1>Accord signed</h1><p>{TEXT}</p></main></body></html>"
    )
    assert find_published(page, read_facts(page, None), TEXT, None, NOW) is None
