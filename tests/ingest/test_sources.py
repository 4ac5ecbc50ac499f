"""Files, folders and lines on a real disk; pages, feeds and sitemaps on a real server."""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.documents import Announcement, Document, Failure, Unchanged, Visit
from ingest.fetching import Fetcher
from ingest.settings import IngestSettings
from ingest.sources import Found, read_sources
from ingest.visits import VisitLog
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings
from tests.web_server import HTML, Page, WebServer, make_fetcher, redirect

SETTINGS = IngestSettings(max_article_bytes=1_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "news"
    path.mkdir()
    return path


def write(path: Path, content: str | bytes = "Some words.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(*inputs: Path | str) -> tuple[list[Document], list[Failure]]:
    with open_library(RetrievalSettings.load()) as library:
        fetcher = Fetcher(SETTINGS, VisitLog(library.database))
        found = list(read_sources([str(named) for named in inputs], SETTINGS, fetcher))
    articles = [each for each in found if isinstance(each, Document)]
    return articles, [each for each in found if isinstance(each, Failure)]


def read_error(*inputs: Path | str) -> str:
    articles, (failure,) = read(*inputs)
    assert articles == []
    return failure.error


def paths_of(articles: Sequence[Document]) -> list[str]:
    return [article.path for article in articles]


def test_a_file_is_one_article_known_by_the_name_it_was_given(folder: Path) -> None:
    path = write(folder / "a.txt", "Words.\n")
    assert read(path) == ([Document(str(path), "a.txt", ".txt", b"Words.\n")], [])


def test_a_folder_is_read_to_its_depth_in_order(folder: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/b/c.html", "d.HTM", "e.markdown"):
        write(folder / name)
    articles, failures = read(folder)
    assert paths_of(articles) == ["a/b/c.html", "a/z.md", "b.txt", "d.HTM", "e.markdown"]
    assert [article.format for article in articles] == [
        ".html",
        ".md",
        ".txt",
        ".htm",
        ".markdown",
    ]
    assert failures == []


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.txt",
        ".git/a.txt",
        "a/.cache/b.txt",
        "README.md",
        "a/readme.txt",
        "b.png",
        "page_files/c.css",
    ],
)
def test_a_folder_s_other_files_are_passed_over(folder: Path, name: str) -> None:
    write(folder / "a.txt")
    write(folder / name)
    articles, failures = read(folder)
    assert paths_of(articles) == ["a.txt"]
    assert failures == []


def test_a_file_is_read_in_a_hidden_folder_that_was_named(tmp_path: Path) -> None:
    write(tmp_path / ".news" / "a.txt")
    assert paths_of(read(tmp_path / ".news")[0]) == ["a.txt"]


def test_a_folder_whose_name_ends_like_a_file_s_is_a_folder(folder: Path) -> None:
    write(folder / "old.txt" / "a.txt")
    assert paths_of(read(folder)[0]) == ["old.txt/a.txt"]


def test_a_folder_without_articles_says_what_it_could_hold(folder: Path) -> None:
    write(folder / "photo.png")
    error = read_error(folder)
    assert "holds no articles" in error
    assert ".jsonl" in error


def test_a_path_that_does_not_exist_is_a_failure_under_its_name(folder: Path) -> None:
    articles, failures = read(folder / "nothing.txt")
    assert articles == []
    assert failures == [Failure(str(folder / "nothing.txt"), "does not exist: check the path")]


def test_a_name_that_no_file_can_have_is_a_failure() -> None:
    assert "name too long" in read_error("x" * 5_000)
    assert "does not exist" in read_error("null\x00byte.txt")


def test_an_unknown_format_is_a_failure_that_names_the_known(folder: Path) -> None:
    error = read_error(write(folder / "a.png"))
    assert "format" in error
    assert ".txt, .md" in error


def test_a_file_larger_than_the_setting_is_a_failure_that_names_it(folder: Path) -> None:
    error = read_error(write(folder / "a.txt", "x" * 1_001))
    assert "1,001 bytes" in error
    assert "ingest.max_article_bytes" in error
    assert len(read(write(folder / "a.txt", "x" * 1_000))[0]) == 1


def test_lines_of_a_jsonl_file_are_articles_with_numbers(folder: Path) -> None:
    path = write(folder / "wire.jsonl", '{"a": 1}\n\n  \n{"b": 2}\r\n{"c": 3}')
    articles, failures = read(folder)
    assert [article.name for article in articles] == [f"{path}:1", f"{path}:4", f"{path}:5"]
    assert paths_of(articles) == ["wire.jsonl:1", "wire.jsonl:4", "wire.jsonl:5"]
    assert [article.content.strip() for article in articles] == [
        b'{"a": 1}',
        b'{"b": 2}',
        b'{"c": 3}',
    ]
    assert failures == []


def test_lines_that_cannot_be_read_fail_alone(folder: Path) -> None:
    lines = (b'{"a": 1}', b"x" * 5_000, b'{"c": 3}')
    path = write(folder / "wire.jsonl", b"\n".join(lines))
    articles, failures = read(path)
    assert paths_of(articles) == ["wire.jsonl:1", "wire.jsonl:3"]
    assert [failure.input for failure in failures] == [f"{path}:2"]
    assert "too large" in failures[0].error


def test_a_jsonl_file_may_be_larger_than_one_article(folder: Path) -> None:
    path = write(folder / "wire.jsonl", ("x" * 999 + "\n") * 5)
    assert len(read(path)[0]) == 5


def test_a_line_of_the_largest_size_is_read(folder: Path) -> None:
    for end in ("", "\n"):
        articles, failures = read(write(folder / "wire.jsonl", "x" * (1_000 - len(end)) + end))
        assert (len(articles), failures) == (1, [])


def test_links_are_followed_to_files_and_loops_are_not(folder: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "elsewhere.txt")
    (folder / "linked.txt").symlink_to(target)
    (folder / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    (folder / "broken.txt").symlink_to(folder / "nothing.txt")
    articles, failures = read(folder)
    assert paths_of(articles) == ["linked.txt"]
    assert [Path(each.input).name for each in failures] == ["broken.txt", "self.txt"]
    assert "does not exist" in read_error(folder / "self.txt")


def test_a_file_name_that_is_no_utf_8_can_still_be_shown_and_stored(folder: Path) -> None:
    with open(os.fsencode(folder) + b"/caf\xe9.txt", "wb") as file:
        file.write(b"Some words.")
    (article,), failures = read(folder)
    assert failures == []
    for shown in (article.name, article.path):
        assert b"caf" in shown.encode()


def test_one_bad_input_does_not_stop_the_others(folder: Path) -> None:
    first, last = write(folder / "a.txt"), write(folder / "z.txt")
    bad = write(folder / "m.txt", b"x" * 1_001)
    articles, failures = read(first, folder / "nothing", bad, last)
    assert paths_of(articles) == ["a.txt", "z.txt"]
    assert [failure.input for failure in failures] == [str(folder / "nothing"), str(bad)]
    articles, failures = read(folder)
    assert paths_of(articles) == ["a.txt", "z.txt"]
    assert [failure.input for failure in failures] == [str(bad)]


def make_rss(web: WebServer, *paths: str) -> Page:
    items = "".join(
        f"<item><title>News of {path}</title><link>{web.address(path)}</link></item>"
        for path in paths
    )
    feed = f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>"
    return Page(feed.encode(), headers={"Content-Type": "text/html"})


def make_sitemap(web: WebServer, *paths: str, kind: str = "url") -> Page:
    named = "".join(f"<{kind}><loc>{web.address(path)}</loc></{kind}>" for path in paths)
    root = "urlset" if kind == "url" else "sitemapindex"
    return Page(f"<{root}>{named}</{root}>".encode(), headers={"Content-Type": "text/xml"})


def read_web(log: VisitLog, *addresses: str) -> list[Found]:
    return list(read_sources(addresses, IngestSettings(), make_fetcher(log)))


def test_an_address_is_an_article_with_the_visit_to_log(web: WebServer, log: VisitLog) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8", "ETag": '"v1"'}
    web.pages["/a"] = Page(HTML, headers=headers)
    address = web.address("/a")
    visit = Visit(address, etag='"v1"')
    before = datetime.now(UTC)
    (document,) = read_web(log, address)
    assert isinstance(document, Document)
    assert document.captured_at is not None
    assert before <= document.captured_at <= datetime.now(UTC)
    assert replace(document, captured_at=None) == Document(
        address, address, ".html", HTML, url=address, charset="utf-8", visit=visit
    )


def test_a_page_keeps_its_name_and_its_last_address(web: WebServer, log: VisitLog) -> None:
    web.pages |= {"/a": redirect("/b"), "/b": Page()}
    (document,) = read_web(log, web.address("/a"))
    assert isinstance(document, Document)
    assert (document.name, document.url) == (web.address("/a"), web.address("/b"))
    assert document.visit == Visit(web.address("/a"))


def test_a_feed_leads_to_its_pages_and_what_it_says_goes_with_them(
    web: WebServer, log: VisitLog
) -> None:
    web.pages |= {"/feed": make_rss(web, "/a", "/gone", "/"), "/a": Page()}
    first, failed, last = read_web(log, web.address("/feed"))
    assert isinstance(first, Document)
    assert first.announced == Announcement(title="News of /a", source="Wire")
    assert failed == Failure(web.address("/gone"), "answers 404 (Not Found): check the address")
    assert isinstance(last, Document)
    assert last.name == web.address("/")


def test_a_sitemap_index_leads_through_packed_sitemaps_to_pages(
    web: WebServer, log: VisitLog
) -> None:
    sitemap = make_sitemap(web, "/")
    assert isinstance(sitemap.body, bytes)
    packed = Page(gzip.compress(sitemap.body), headers={"Content-Type": "application/gzip"})
    web.pages |= {"/sitemap.xml": make_sitemap(web, "/1.xml.gz", kind="sitemap")}
    web.pages |= {"/1.xml.gz": packed}
    (document,) = read_web(log, web.address("/sitemap.xml"))
    assert isinstance(document, Document)
    assert document.content == HTML


def test_a_sitemap_that_leads_to_itself_is_read_once(web: WebServer, log: VisitLog) -> None:
    web.pages["/sitemap.xml"] = make_sitemap(web, "/sitemap.xml", "/", kind="sitemap")
    itself, page = read_web(log, web.address("/sitemap.xml"))
    assert itself == Unchanged(web.address("/sitemap.xml"))
    assert isinstance(page, Document)
    assert web.paths == ["/sitemap.xml", "/"]


def test_sitemaps_in_sitemaps_are_followed_to_a_depth(web: WebServer, log: VisitLog) -> None:
    for n in range(9):
        web.pages[f"/{n}"] = make_sitemap(web, f"/{n + 1}", kind="sitemap")
    (failure,) = read_web(log, web.address("/0"))
    assert isinstance(failure, Failure)
    assert "is nested more than" in failure.error


def test_a_page_that_is_as_it_was_is_unchanged(web: WebServer, log: VisitLog) -> None:
    moment = "2026-02-12T17:30:00+00:00"
    feed = (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='{web.address('/a')}'/>"
        f"<updated>{moment}</updated></entry></feed>"
    )
    web.pages |= {"/feed": Page(feed.encode()), "/a": Page()}
    (document,) = read_web(log, web.address("/feed"))
    assert isinstance(document, Document)
    assert document.visit == Visit(web.address("/a"), updated=moment)
    log.record(document.visit)
    assert read_web(log, web.address("/feed")) == [Unchanged(web.address("/a"))]
    assert web.paths == ["/feed", "/a", "/feed"]


def test_what_is_of_no_known_format_is_a_failure(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = Page(b"\x00\x01", headers={"Content-Type": "application/x-tar"})
    (failure,) = read_web(log, web.address("/a"))
    assert isinstance(failure, Failure)
    assert failure.error == "is application/x-tar, an unknown format"


def test_an_address_inside_our_network_is_a_failure(log: VisitLog) -> None:
    (failure,) = read_web(log, "http://169.254.169.254/latest/meta-data/")
    assert isinstance(failure, Failure)
    assert failure.error.startswith("is at a private address (169.254.169.254)")
