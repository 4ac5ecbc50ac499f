"""Pages fetched politely, once, and only if they have changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from ingest.documents import Visit
from ingest.errors import UnreadableInput
from ingest.fetching import Fetched, Fetcher
from ingest.settings import IngestSettings
from ingest.visits import VisitLog
from tests.web_server import (
    HTML,
    Page,
    WebServer,
    fetch,
    fetch_error,
    make_fetcher,
    redirect,
    reset,
    resolve_test_names,
)


def test_a_page_is_fetched_with_what_its_server_says_of_it(web: WebServer, log: VisitLog) -> None:
    headers = {
        "Content-Type": "Text/HTML; charset=windows-1251",
        "ETag": '"abc"',
        "Last-Modified": "Thu, 12 Feb 2026 17:30:00 GMT",
    }
    web.pages["/a"] = Page(HTML, headers=headers)
    assert fetch(log, web.address("/a#top")) == Fetched(
        url=web.address("/a"),
        content=HTML,
        content_type="text/html",
        charset="cp1251",
        etag='"abc"',
        last_modified="Thu, 12 Feb 2026 17:30:00 GMT",
    )


def test_redirects_are_followed_and_the_last_address_is_kept(web: WebServer, log: VisitLog) -> None:
    web.pages |= {"/a": redirect("b/c?d#e", 301), "/b/c?d": redirect("/f", 308)}
    web.pages["/f"] = Page(headers={"Content-Type": "text/html", "ETag": '"f"'})
    fetched = fetch(log, web.address("/a"))
    assert (fetched.url, fetched.content) == (web.address("/f"), HTML)
    # Tomorrow /a may lead elsewhere, where this would say nothing.
    assert fetched.etag is None


def test_a_redirect_in_a_circle_is_given_up(web: WebServer, log: VisitLog) -> None:
    web.pages |= {"/a": redirect("/b"), "/b": redirect("/a")}
    assert "redirects more than 5 times" in fetch_error(log, web.address("/a"))
    assert len(web.paths) == 6
    web.pages |= {f"/{n}": redirect(f"/{n + 1}") for n in range(5)} | {"/5": Page()}
    assert fetch(log, web.address("/0")).url == web.address("/5")


def test_a_redirect_that_leads_nowhere_is_an_error(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = Page(b"", 302, {})
    assert "answers 302 (Found)" in fetch_error(log, web.address("/a"))


def answer_by_etag(handler: BaseHTTPRequestHandler) -> None:
    status = 304 if handler.headers["If-None-Match"] == '"v1"' else 200
    handler.send_response(status)
    handler.send_header("ETag", '"v1"')
    handler.send_header("Content-Type", "text/html")
    if status == 200:
        handler.send_header("Content-Length", str(len(HTML)))
    handler.end_headers()
    if status == 200:
        handler.wfile.write(HTML)


def test_a_page_that_has_not_changed_since_it_was_logged_is_none(
    web: WebServer, log: VisitLog
) -> None:
    web.pages["/a"] = answer_by_etag
    address = web.address("/a")
    fetched = fetch(log, address)
    log.record(Visit(address, fetched.etag, "Thu, 12 Feb 2026 17:30:00 GMT"))
    assert make_fetcher(log).fetch(address, None) is None
    assert web.requests[-1].headers["If-Modified-Since"] == "Thu, 12 Feb 2026 17:30:00 GMT"
    log.record(Visit(address, '"v0"'))
    assert make_fetcher(log).fetch(address, None) == fetched


def test_a_page_that_has_not_changed_is_not_asked_for_until_its_feed_says_so_again(
    web: WebServer, log: VisitLog
) -> None:
    web.pages["/a"] = answer_by_etag
    log.record(Visit(web.address("/a"), '"v1"', None, "2026-02-12T17:30:00+00:00"))
    for _ in range(2):
        assert make_fetcher(log).fetch(web.address("/a"), "2026-02-13T08:00:00+00:00") is None
    assert web.paths == ["/a"]
    assert log.find(web.address("/a")) == Visit(
        web.address("/a"), '"v1"', None, "2026-02-13T08:00:00+00:00"
    )


def test_what_is_known_of_a_page_is_not_asked_of_where_it_redirects(
    web: WebServer, log: VisitLog
) -> None:
    log.record(Visit(web.address("/a"), '"v1"'))
    web.pages |= {"/a": redirect("/b"), "/b": answer_by_etag}
    assert fetch(log, web.address("/a")).content == HTML
    assert [r.headers.get("If-None-Match") for r in web.requests[1:]] == ['"v1"', None]


def test_a_304_that_nobody_asked_for_is_an_error(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = Page(b"", 304, {})
    assert "answers 304 (Not Modified)" in fetch_error(log, web.address("/a"))


def test_a_page_whose_feed_says_that_it_is_as_it_was_is_not_asked_for(
    web: WebServer, log: VisitLog
) -> None:
    log.record(Visit(web.address(), '"v1"', None, "2026-02-12T17:30:00+00:00"))
    assert make_fetcher(log).fetch(web.address(), "2026-02-12T17:30:00+00:00") is None
    assert web.requests == []
    assert make_fetcher(log).fetch(web.address(), "2026-02-13T08:00:00+00:00") is not None
    log.record(Visit(web.address()))
    assert make_fetcher(log).fetch(web.address(), None) is not None


def test_a_page_is_fetched_once_a_run(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = [Page(b"", 500), Page()]
    fetcher = make_fetcher(log)
    with pytest.raises(UnreadableInput):
        fetcher.fetch(web.address("/a"), None)
    assert fetcher.fetch(web.address("/a"), None) is not None
    assert fetcher.fetch(web.address("/a"), None) is None
    assert web.paths == ["/a", "/a"]


@pytest.mark.parametrize("etag", ['"caf\u00e9"', '"' + "x" * 2_000 + '"'])
def test_an_etag_that_could_not_be_sent_back_is_not_kept(
    web: WebServer, log: VisitLog, etag: str
) -> None:
    web.pages["/a"] = Page(headers={"Content-Type": "text/html", "ETag": etag})
    assert fetch(log, web.address("/a")).etag is None


def fetch_noting_waits(log: VisitLog, *addresses: str, **settings: Any) -> list[float]:
    waits: list[float] = []
    wanted = {"allowed_private_hosts": ("news.test", "other.test"), **settings}
    fetcher = Fetcher(IngestSettings(**wanted), log, resolve_test_names, waits.append)
    for address in addresses:
        fetcher.fetch(address, None)
    return [round(seconds) for seconds in waits]


def test_requests_to_one_host_are_apart_and_to_two_are_not(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = Page()
    here, there = web.address("/a"), web.address("/a", "other.test")
    assert fetch_noting_waits(log, here, obey_robots=False, fetch_delay_s=40.0) == []
    assert fetch_noting_waits(log, here, there, obey_robots=False, fetch_delay_s=40.0) == []
    both = fetch_noting_waits(log, here, web.address(), obey_robots=False, fetch_delay_s=40.0)
    assert both == [40]
    assert fetch_noting_waits(log, here, fetch_delay_s=7.0) == [7]  # after robots.txt


@pytest.mark.parametrize(("asked", "kept"), [("12", 12), ("3600", 30), ("0.1", 5), ("soon", 5)])
def test_the_crawl_delay_of_robots_txt_is_kept_up_to_half_a_minute(
    web: WebServer, log: VisitLog, asked: str, kept: int
) -> None:
    web.pages["/robots.txt"] = Page(f"User-agent: *\nCrawl-delay: {asked}\n".encode())
    web.pages["/a"] = Page()
    waits = fetch_noting_waits(log, web.address(), web.address("/a"), fetch_delay_s=5.0)
    assert waits == [5, kept]


def busy(retry_after: str, status: int = 429) -> Page:
    return Page(b"", status, {"Retry-After": retry_after})


def test_a_busy_server_is_asked_again_after_the_short_wait_that_it_names(
    web: WebServer, log: VisitLog
) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    for answer in (busy("20"), busy("20", 503), busy(soon)):
        web.pages["/a"] = [answer, Page()]
        assert fetch_noting_waits(log, web.address("/a"), obey_robots=False) in ([20], [19])


def test_a_server_that_stays_busy_is_given_up(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = busy("0")
    assert "answers 429 (Too Many Requests)" in fetch_error(log, web.address("/a"))
    assert web.paths == ["/a", "/a"]


@pytest.mark.parametrize("retry_after", ["", "soon", "-5", "²"])
def test_a_busy_server_that_names_no_time_is_not_asked_again(
    web: WebServer, log: VisitLog, retry_after: str
) -> None:
    web.pages["/a"] = busy(retry_after)
    assert "answers 429" in fetch_error(log, web.address("/a"))
    assert web.paths == ["/a"]


@pytest.mark.parametrize("retry_after", ["3600", "9" * 5_000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_server_that_names_a_long_wait_is_left_alone_for_the_run(
    web: WebServer, log: VisitLog, retry_after: str
) -> None:
    web.pages["/a"] = busy(retry_after)
    fetcher = make_fetcher(log)
    for path in ("/a", "/"):
        with pytest.raises(UnreadableInput, match=r"asks not to be fetched until 20\d\d-"):
            fetcher.fetch(web.address(path), None)
    assert web.paths == ["/a"]


def test_a_connection_that_is_reset_is_tried_once_more(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = [reset, Page()]
    assert fetch(log, web.address("/a")).content == HTML
    web.pages["/a"] = reset
    assert "stops in the middle" in fetch_error(log, web.address("/a"))
    assert web.paths == ["/a"] * 4


@pytest.mark.parametrize(
    ("status", "words"), [(404, "404 (Not Found)"), (500, "500 (Internal"), (299, "answers 299:")]
)
def test_a_page_that_is_not_there_is_an_error(
    web: WebServer, log: VisitLog, status: int, words: str
) -> None:
    web.pages["/a"] = Page(HTML, status)
    assert words in fetch_error(log, web.address("/a"))


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/html", None),
        ("text/html; charset=UTF-8", "utf-8"),
        ('text/html; charset="shift_jis"; x=y', "shift_jis"),
        ("text/html; charset=Latin1", "iso8859-1"),
        ("text/html; charset=no-such", None),
        ("text/html; charset=undefined", None),
        ("text/html; charset=unicode_escape", None),
        ("text/html; charset=", None),
        (";;charset", None),
    ],
)
def test_a_charset_is_kept_if_pages_are_written_in_it(
    web: WebServer, log: VisitLog, header: str, charset: str | None
) -> None:
    web.pages["/a"] = Page(headers={"Content-Type": header})
    assert fetch(log, web.address("/a")).charset == charset


def test_a_page_of_no_type_is_bytes(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = Page(headers={})
    assert fetch(log, web.address("/a")).content_type == "application/octet-stream"
