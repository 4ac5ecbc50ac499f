"""From a feed on a web server to the archive, round after round."""

from __future__ import annotations

import pytest

from ingest.pipeline import IngestReport, archive_articles
from ingest.settings import IngestSettings
from ingest.watching import Stop
from retrieval.opening import Library
from tests.web_server import Page, WebServer

BODY = (
    "The ministers signed the accord on Monday after two years of talks, and it lets {ships} "
    "ships of both countries use the northern strait without a pilot."
)


def make_page(title: str, ships: int = 40, etag: str = '"1"') -> Page:
    html = (
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body><article>"
        f"<h1>{title}</h1><p>{BODY.format(ships=ships)}</p></article></body></html>"
    )
    return Page(html.encode(), headers={"Content-Type": "text/html", "ETag": etag})


def make_feed(web: WebServer, *paths: str, content: str = "") -> Page:
    items = "".join(
        f"<item><link>{address(web, path)}</link><pubDate>Thu, 12 Feb 2026 18:30:00 +0100</pubDate>"
        f"<description><![CDATA[{content}]]></description></item>"
        for path in paths
    )
    rss = f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'
    return Page(rss.encode(), headers={"Content-Type": "application/rss+xml"})


def read_body(page: Page) -> bytes:
    assert isinstance(page.body, bytes)
    return page.body


def address(web: WebServer, path: str) -> str:
    return web.address(path, host="127.0.0.1")


def ingest(library: Library, web: WebServer, *paths: str, stop: Stop | None = None) -> IngestReport:
    settings = IngestSettings(allowed_private_hosts=("127.0.0.1",), fetch_delay_s=0)
    named = [address(web, path) for path in paths]
    return archive_articles(named, library, settings, lambda _: None, stop)


def test_a_page_is_dated_by_its_feed_where_it_states_no_date(
    library: Library, web: WebServer
) -> None:
    web.pages |= {"/feed": make_feed(web, "/a"), "/a": make_page("Accord")}
    assert ingest(library, web, "/feed") == IngestReport(added=1)
    (article,) = library.archive
    assert article.url == address(web, "/a")
    assert article.date_provenance == "feed"
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2026-02-12T18:30:00+01:00"


def test_the_next_round_takes_in_what_is_new_and_what_has_changed(
    library: Library, web: WebServer
) -> None:
    web.pages |= {"/feed": make_feed(web, "/a", "/b"), "/a": make_page("Accord")}
    web.pages["/b"] = make_page("Cable", ships=7)
    assert ingest(library, web, "/feed") == IngestReport(added=2)
    assert ingest(library, web, "/feed") == IngestReport(unchanged=2)
    web.pages |= {"/feed": make_feed(web, "/a", "/b", "/c"), "/c": make_page("Ferry", ships=900)}
    web.pages["/a"] = make_page("Accord", ships=50, etag='"2"')
    assert ingest(library, web, "/feed") == IngestReport(added=1, updated=1, unchanged=1)
    assert any("50 ships" in article.text for article in library.archive)
    assert not any("40 ships" in article.text for article in library.archive)


def test_what_was_removed_comes_back_by_its_address_but_not_by_a_feed(
    library: Library, web: WebServer
) -> None:
    web.pages |= {"/feed": make_feed(web, "/a"), "/a": make_page("Accord")}
    ingest(library, web, "/feed")
    (article,) = library.archive
    library.archive.remove(article.article_id)
    assert ingest(library, web, "/feed") == IngestReport(unchanged=1)
    assert library.archive.count() == 0
    assert ingest(library, web, "/a") == IngestReport(added=1)


def test_a_feed_that_holds_the_article_stands_in_for_a_page_that_cannot_be_had(
    library: Library, web: WebServer
) -> None:
    content = f"<p>{BODY.format(ships=40)}</p>" * 5
    web.pages["/feed"] = make_feed(web, "/gone", content=content)
    report = ingest(library, web, "/feed")
    assert (report.added, report.failed) == (1, [])
    (article,) = library.archive
    assert article.url == address(web, "/gone")
    assert "40 ships" in article.text
    web.pages["/gone"] = make_page("Accord", ships=60)
    assert ingest(library, web, "/feed") == IngestReport(updated=1)


HEAD = "<!doctype html><html><head><title>News</title></head><body>"
SHELLS = {
    "empty": f"{HEAD}<div id=root></div><noscript>Enable JavaScript.</noscript></body></html>",
    "wall": '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Accord",'
    '"isAccessibleForFree":false}</script><article><h1>Accord</h1><p>The ministers signed the '
    "accord on Monday, and it lets ships of both use the strait.</p>"
    "<p>Subscribe to read the full story</p>",
    "scripts": f"{HEAD}<p>Please enable JavaScript to view this page.</p></body></html>",
    "error": "<html><title>404 Not Found</title><h1>Not found</h1></html>",
    "beginning": f"{HEAD}<article><h1>Accord</h1><p>The ministers signed the accord on Monday "
    "after two years of talks between both of their countries.</p></article>",
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("copies", [1, 8], ids=["a brief", "an article"])
def test_a_feed_that_holds_the_article_stands_in_for_a_page_without_its_text(
    library: Library, web: WebServer, shell: str, copies: int
) -> None:
    text = "".join(f"<p>{BODY.format(ships=ships)}</p>" for ships in range(40, 40 + copies))
    encoded = f"<content:encoded><![CDATA[{text * 2}]]></content:encoded></item>"
    named = "<rss xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    feed = read_body(make_feed(web, "/a")).replace(b"</item>", encoded.encode())
    feed = feed.replace(b"<rss", named.encode())
    web.pages["/feed"] = Page(feed, headers={"Content-Type": "application/rss+xml"})
    web.pages["/a"] = Page(SHELLS[shell].encode(), headers={"Content-Type": "text/html"})
    report = ingest(library, web, "/feed")
    assert (report.added, report.failed) == (1, [])
    (article,) = library.archive
    assert (article.url, "40 ships" in article.text) == (address(web, "/a"), True)
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2026-02-12T18:30:00+01:00"


def test_a_page_with_its_text_is_read_and_not_the_feed(library: Library, web: WebServer) -> None:
    content = f"<p>{BODY.format(ships=7)}</p>" * 5
    web.pages |= {"/feed": make_feed(web, "/a", content=content), "/a": make_page("Accord")}
    web.pages["/a"] = Page(
        read_body(make_page("Accord")).replace(
            b"</article>", f"<p>{BODY * 3}</p></article>".encode()
        ),
        headers={"Content-Type": "text/html"},
    )
    ingest(library, web, "/feed")
    (article,) = library.archive
    assert "40 ships" in article.text


def test_a_teaser_is_no_article(library: Library, web: WebServer) -> None:
    web.pages["/feed"] = make_feed(web, "/a", content="The ministers signed the accord on Monday.")
    web.pages["/a"] = Page(SHELLS["empty"].encode(), headers={"Content-Type": "text/html"})
    (failure,) = ingest(library, web, "/feed").failed
    assert "has no article text" in failure.error


def test_stopping_leaves_the_rest_for_the_next_round(library: Library, web: WebServer) -> None:
    web.pages |= {"/a": make_page("Accord"), "/b": make_page("Cable", ships=7)}
    stop = Stop()
    stop.ask()
    assert ingest(library, web, "/a", "/b", stop=stop) == IngestReport()
    assert ingest(library, web, "/a", "/b") == IngestReport(added=2)
