"""Feeds as they are found: RSS of every age, Atom, and what is neither."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from ingest.documents import Announcement, Container, Document, Failure, Link
from ingest.errors import UnreadableInput
from ingest.extraction.feeds import read_moment, split_feed
from ingest.settings import IngestSettings

ARTICLE = "<p>" + "The ministers signed the accord on Monday. " * 20 + "</p>"
RSS = f"""<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Meridian Wire</title>
<link>https://example.org/</link>
<item><title>Accord &amp;amp; &lt;b&gt;after&lt;/b&gt;</title>
<link>https://example.org/accord#top</link>
<pubDate>Thu, 12 Feb 2026 18:30:00 +0100</pubDate>
<atom:updated>2026-02-13T08:00:00Z</atom:updated>
<description>Ships of both countries.</description>
<content:encoded><![CDATA[{ARTICLE}<script>alert(1)</script>]]></content:encoded></item>
<item><title>Strait</title><guid>https://example.org/strait</guid>
<source url="https://other.example/feed">Other Agency</source>
<description>A teaser.</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/news/">
<title>Meridian Wire</title>
<entry><title type="html">Accord &lt;i&gt;signed&lt;/i&gt;</title><link href="accord.html"/>
<link rel="enclosure" href="https://example.org/a.mp3"/>
<published>2026-02-12T18:30:00+01:00</published><updated>2026-02-13T08:00:00.5Z</updated></entry>
<entry><title type="text">3 &lt; 5</title><link href="/five"/><updated>2026-02-13</updated></entry>
</feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Meridian Wire</title></channel>
<item><title>Accord</title><link>https://example.org/accord</link>
<dc:date>2026-02-12T18:30:00+01:00</dc:date></item></rdf:RDF>"""


def split(
    feed: str | bytes, name: str = "feed.xml", **settings: Any
) -> list[Document | Link | Failure]:
    content = feed if isinstance(feed, bytes) else feed.encode()
    return list(split_feed(Container(name, name, BytesIO(content)), IngestSettings(**settings)))


def split_error(feed: str | bytes, **settings: Any) -> str:
    with pytest.raises(UnreadableInput) as raised:
        split(feed, **settings)
    return str(raised.value)


def make_rss(items: str, start: str = "") -> str:
    return f"{start}<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>"


def make_items(count: int) -> str:
    return "".join(f"<item><link>https://example.org/{n}</link></item>" for n in range(count))


def announced(*parts: Document | Link | Failure) -> list[Announcement]:
    return [part.announced for part in parts if isinstance(part, Link)]


def urls(*parts: Document | Link | Failure) -> list[str]:
    return [part.url for part in parts if isinstance(part, Link)]


def test_rss_links_to_its_articles_and_says_what_it_knows() -> None:
    first, second = split(RSS)
    assert first == Link(
        "https://example.org/accord",
        Announcement(
            title="Accord & after",
            published="2026-02-12T18:30:00+01:00",
            updated="2026-02-13T08:00:00+00:00",
            source="Meridian Wire",
            html=ARTICLE,
        ),
    )
    assert second == Link(
        "https://example.org/strait", Announcement(title="Strait", source="Other Agency")
    )


def test_atom_links_are_resolved_against_their_base() -> None:
    assert split(ATOM) == [
        Link(
            "https://example.org/news/accord.html",
            Announcement(
                title="Accord signed",
                published="2026-02-12T18:30:00+01:00",
                updated="2026-02-13T08:00:00.500000+00:00",
                source="Meridian Wire",
            ),
        ),
        # A day alone does not tell whether the page has changed since.
        Link("https://example.org/five", Announcement(title="3 < 5", source="Meridian Wire")),
    ]


def test_the_date_of_an_rss_1_item_is_when_it_was_published() -> None:
    moment = "2026-02-12T18:30:00+01:00"
    (announcement,) = announced(*split(RDF))
    assert (announcement.published, announcement.updated) == (moment, moment)


def test_relative_links_of_a_fetched_feed_lead_to_its_site() -> None:
    feed = make_rss("<item><link>/a</link></item>")
    assert urls(*split(feed, "https://example.org/feeds/all.xml")) == ["https://example.org/a"]
    assert "links to no page" in split_error(feed)


@pytest.mark.parametrize(
    "link",
    [
        *("javascript:alert(1)", "file:///etc/passwd", "ftp://example.org/a", "mailto:a@b.example"),
        *("feed", "", "data:text/html,x", "https://"),
    ],
)
def test_only_links_to_the_web_are_followed(link: str) -> None:
    good = make_items(1)
    assert len(split(make_rss(f"<item><link>{link}</link></item>{good}"))) == 1
    assert "links to no page" in split_error(make_rss(f"<item><link>{link}</link></item>"))


def test_an_address_is_named_once_with_what_was_said_of_it_first() -> None:
    items = "".join(
        f"<item><title>{title}</title><link>https://example.org/a{mark}</link></item>"
        for title, mark in (("First", ""), ("Second", "#comments"), ("Third", ""))
    )
    (announcement,) = announced(*split(make_rss(items)))
    assert announcement.title == "First"


def test_a_podcast_has_no_articles_but_its_episodes_do_no_harm() -> None:
    episode = "<item><title>1</title><enclosure url='https://example.org/1.mp3'/></item>"
    assert "links to no page" in split_error(make_rss(episode))
    assert urls(*split(make_rss(episode + make_items(1)))) == ["https://example.org/0"]


def test_more_entries_than_the_setting_are_counted() -> None:
    parts = split(make_rss(make_items(12)), max_pages=10)
    assert urls(*parts) == [f"https://example.org/{n}" for n in range(10)]
    assert parts[10:] == [
        Failure("feed.xml (pages 11 to 12)", "are left out: raise ingest.max_pages to include them")
    ]
    assert len(split(make_rss(make_items(10)), max_pages=10)) == 10


def test_a_summary_counts_as_the_article_if_it_is_as_long_as_one() -> None:
    link = "<link>https://example.org/a</link>"
    long = f"<item>{link}<description><![CDATA[{ARTICLE}]]></description></item>"
    short = f"<item>{link}<description>{'<b></b>' * 500}Teaser</description></item>"
    assert announced(*split(make_rss(long)))[0].html == ARTICLE
    assert announced(*split(make_rss(short)))[0].html is None


ENCODED = "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
BRIEF = "The bridge of Mosby was closed to lorries on Monday, the road office said."


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (f"<p>{BRIEF}</p>", f"<p>{BRIEF}</p>"),
        (f"<p>{BRIEF} […]</p>", None),
        (f"<p>{BRIEF} &#8230;</p>", None),
        (f"<p>{BRIEF}..</p> <a href='/a'>Continue reading</a>", None),
        (
            f"<p>{BRIEF}</p>\n<p>The post <a href='/a'>Bridge</a> appeared first on "
            "<a href='/'>V</a>.</p>",
            f"<p>{BRIEF}</p>",
        ),
    ],
)
def test_what_is_given_as_the_content_is_the_article_unless_it_breaks_off(
    content: str, kept: str | None
) -> None:
    item = f"<item><link>https://example.org/a</link>{ENCODED}<![CDATA[{content}]]>"
    (announcement,) = announced(*split(make_rss(f"{item}</content:encoded></item>")))
    assert announcement.html == kept


def test_an_entry_without_a_page_is_the_article_itself() -> None:
    item = f"{ENCODED}<![CDATA[<p>{BRIEF}</p>]]></content:encoded></item>"
    feed = make_rss(f"<item><guid>urn:a</guid>{item}<item><guid isPermaLink='false'>7</guid>{item}")
    found = split(feed.replace("<title>", "<link>https://v.example/</link><title>"))
    assert [part.path for part in found if isinstance(part, Document)] == [
        "urn:a",
        "https://v.example/#7",
    ]


@pytest.mark.parametrize(
    "feed",
    [
        make_rss(make_items(2), "<?xml version='1.0' encoding='utf-16'?>").encode("utf-16"),
        b"\xef\xbb\xbf" + make_rss(make_items(2)).encode(),
        make_rss(make_items(2), "\n\n<?xml version='1.0'?>"),
        make_rss(make_items(2)) + "<!-- -->trailing",
        make_rss(make_items(2) + "<item><title>Fish & chips</title></item>"),
        make_rss(make_items(2)).removesuffix("</channel></rss>"),
        b"<?xml version='1.0' encoding='windows-1252'?>"
        + make_rss(f"<item><title>\x93Caf\xe9\x94</title></item>{make_items(2)}").encode("latin-1"),
    ],
    ids=["utf-16", "bom", "blank lines", "trailing", "ampersand", "cut off", "windows-1252"],
)
def test_entries_of_a_feed_with_faults_are_saved(feed: str | bytes) -> None:
    assert urls(*split(feed)) == ["https://example.org/0", "https://example.org/1"]


@pytest.mark.parametrize(
    ("feed", "error"),
    [
        (make_rss(""), "is a feed without entries"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", "is a feed without entries"),
        ("", "is not a well-formed feed"),
        ("<rss", "is not a well-formed feed"),
        ("some words", "is not a well-formed feed"),
        (b"\x00\x01\x02", "is not a well-formed feed"),
        (make_rss("<item><title>&#55555555555;</title><!"), "is not a well-formed feed"),
        ("<html><body>Not found</body></html>", "is not a well-formed feed"),
    ],
)
def test_what_is_no_feed_says_so(feed: str | bytes, error: str) -> None:
    assert error in split_error(feed)


def test_a_feed_larger_than_the_setting_is_refused() -> None:
    assert "too large" in split_error(make_rss(make_items(100)), max_article_bytes=1_000)


def test_a_feed_s_text_is_never_opened_as_a_file_or_an_address() -> None:
    assert "is not a well-formed feed" in split_error("/etc/passwd")
    assert "is not a well-formed feed" in split_error("http://169.254.169.254/")


def test_entities_bring_in_no_file_and_do_not_swell() -> None:
    inside = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 8))
    declared = f"<!DOCTYPE rss [<!ENTITY e0 '{'x' * 100}'>{inside}"
    bomb = make_rss(
        "<item><title>&e7;</title><link>https://example.org/a</link></item>", f"{declared}]>"
    )
    for part in announced(*split(bomb)):
        assert len(part.title or "") <= 500
    file = make_rss(
        "<item><title>&f;</title><link>https://example.org/a</link></item>",
        "<!DOCTYPE rss [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>",
    )
    assert all("root" not in (part.title or "") for part in announced(*split(file)))


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Thu, 12 Feb 2026 18:30:00 +0100", "2026-02-12T18:30:00+01:00"),
        ("12 Feb 2026 18:30 GMT", "2026-02-12T18:30:00+00:00"),
        ("Thu, 12 Feb 2026 18:30:00 EST", "2026-02-12T18:30:00-05:00"),
        ("Thu, 12 Feb 2026 18:30:00 CET", "2026-02-12T18:30:00+01:00"),
        ("Sun, 12 Jul 2026 18:30:00 CEST", "2026-07-12T18:30:00+02:00"),
        ("Thu, 12 Feb 2026 18:30:00", "2026-02-12T18:30:00+00:00"),
        ("Thu, 12 Feb 2026 18:30:00 -0000", "2026-02-12T18:30:00+00:00"),
        (" 2026-02-12T18:30:00Z\n", "2026-02-12T18:30:00+00:00"),
        ("2026-02-12T18:30:00+05:30", "2026-02-12T18:30:00+05:30"),
        ("2026-02-12 18:30", "2026-02-12T18:30:00+00:00"),
        ("2026-02-12", "2026-02-12"),
        ("2026-02", None),
        ("yesterday", None),
        ("12/02/2026", None),
        ("Thu, 32 Feb 2026 18:30:00 +0100", None),
        ("Thu, 12 Feb 2026 18:30:00 +9999", "2026-02-12T18:30:00+00:00"),
        ("2016/6/29 15:07:41", "2016-06-29T15:07:41+00:00"),
        ("Sep 23, 2024", "2024-09-23"),
        ("Fri, 06 Sept 2019 12:00:00 GMT", "2019-09-06T12:00:00+00:00"),
        ("Wed, 02/05/2020 - 10:00", "2020-02-05T10:00:00+00:00"),
        ("Sun, 02/05/2021 - 10:00", "2021-05-02T10:00:00+00:00"),
        ("Wed, 05 Feb 2020 02:00:00 +03:00", "2020-02-05T02:00:00+03:00"),
        ("Wed, 05 Feb 2020", "2020-02-05"),
        ("Wed, 5 Feb 2020 7:05 PM EST", "2020-02-05T19:05:00-05:00"),
        ("Mi, 29 Jun 2016 15:07:41 +0200", "2016-06-29T15:07:41+02:00"),
        ("9" * 10_000, None),
        ("", None),
        (None, None),
        (1_770_000_000, None),
    ],
)
def test_a_moment_keeps_its_zone(raw: object, moment: str | None) -> None:
    assert read_moment(raw) == moment
