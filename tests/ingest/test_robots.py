"""What robots.txt closes, and what it means when there is none."""

from __future__ import annotations

import itertools

import pytest

from ingest.errors import UnreadableInput
from ingest.visits import VisitLog
from tests.web_server import (
    HTML,
    Page,
    WebServer,
    fetch,
    fetch_error,
    gzipped,
    make_fetcher,
    redirect,
    reset,
)


def test_what_robots_txt_closes_is_left_alone(web: WebServer, log: VisitLog) -> None:
    web.pages["/robots.txt"] = Page(
        b"User-agent: Dateline\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n"
    )
    web.pages |= {"/private/a": Page(), "/a": redirect("/private/a")}
    fetch(log, web.address("/"))
    assert "may not be fetched: its robots.txt" in fetch_error(log, web.address("/private/a"))
    assert "may not be fetched: its robots.txt" in fetch_error(log, web.address("/a"))
    assert "may not be fetched" in fetch_error(log, web.address("/"), user_agent="other/1 dateline")
    assert "/private/a" not in web.paths
    assert fetch(log, web.address("/private/a"), obey_robots=False).content == HTML


def test_robots_txt_is_read_once_a_run_and_through_redirects(web: WebServer, log: VisitLog) -> None:
    web.pages |= {"/robots.txt": redirect("/r"), "/r": Page(b"User-agent: *\nDisallow: /b\n")}
    web.pages |= {"/a": Page(), "/b": Page()}
    fetcher = make_fetcher(log)
    assert fetcher.fetch(web.address("/a"), None) is not None
    with pytest.raises(UnreadableInput, match="may not be fetched"):
        fetcher.fetch(web.address("/b"), None)
    assert [request.path for request in web.requests] == ["/robots.txt", "/r", "/a"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_robots_txt_is_open(web: WebServer, log: VisitLog, status: int) -> None:
    web.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /\n", status)
    assert fetch(log, web.address()).content == HTML


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_site_whose_robots_txt_fails_is_closed(
    web: WebServer, log: VisitLog, status: int
) -> None:
    web.pages["/robots.txt"] = Page(b"", status)
    assert f"robots.txt answers {status}" in fetch_error(log, web.address())
    assert web.paths == []


def test_a_site_whose_robots_txt_cannot_be_had_is_closed_for_the_run(
    web: WebServer, log: VisitLog
) -> None:
    web.pages["/robots.txt"] = reset
    fetcher = make_fetcher(log)
    for _ in range(2):
        with pytest.raises(UnreadableInput, match="stops in the middle"):
            fetcher.fetch(web.address(), None)
    assert [request.path for request in web.requests] == ["/robots.txt"] * 2


def test_a_robots_txt_that_leads_into_our_network_closes_the_site(
    web: WebServer, log: VisitLog
) -> None:
    web.pages["/robots.txt"] = redirect("http://169.254.169.254/robots.txt")
    error = fetch_error(log, web.address())
    assert error.startswith(
        "may not be fetched, because its robots.txt redirects to 'http://169.254."
    )
    assert "is at a private address (169.254.169.254)" in error
    assert web.paths == []


def test_a_robots_txt_without_end_is_read_in_part(web: WebServer, log: VisitLog) -> None:
    rule = b"User-agent: *\nDisallow: /a\n"
    web.pages["/robots.txt"] = Page(itertools.chain([rule], itertools.repeat(b"#" * 65_536)))
    assert fetch(log, web.address()).content == HTML
    web.pages["/robots.txt"] = gzipped(rule + b"#" * 50_000_000)
    assert "may not be fetched" in fetch_error(log, web.address("/a"))
