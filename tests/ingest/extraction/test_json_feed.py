"""JSON Feed, as it is written and as it should not be."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest

from ingest.documents import Announcement, Document, Failure, Link
from ingest.errors import UnreadableInput
from ingest.extraction.json_file import split_json
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.opening import Library
from tests.ingest.extraction.samples import split
from tests.web_server import Page, WebServer

BRIDGE = (
    "The bridge of Kallby was closed to lorries on Monday after cracks were found in a pillar, "
    "the road office said."
)
MAYOR = (
    "The mayor of Norrby, Ola Berg, resigned on Friday over the unpaid school bill, the town "
    "council said."
)
FEED: dict[str, object] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Valley News",
    "home_page_url": "https://v.example/",
    "items": [
        {
            "id": "2",
            "url": "https://v.example/n2",
            "title": "Bridge closed to lorries",
            "content_html": f"<p>{BRIDGE}</p>",
            "date_published": "2026-03-03T10:00:00Z",
        },
        {
            "id": "1",
            "url": "https://v.example/n1",
            "title": "Old mayor resigns",
            "content_html": f"<p>{MAYOR}</p>",
            "date_published": "2019-11-08T10:00:00Z",
        },
    ],
}


def read(items: object, settings: IngestSettings | None = None) -> list[Document | Link | Failure]:
    raw = json.dumps(FEED | {"items": items}).encode()
    return split(split_json, raw, "feed.json", settings)


def test_an_item_is_a_link_with_what_the_feed_says_of_it() -> None:
    item = {
        "id": "a",
        "url": "/a#top",
        "title": "A <b>",
        "content_text": "One & two.\n\nThree.",
        "date_published": "2026-03-03T10:00:00+01:00",
        "date_modified": "2026-03-04T10:00:00Z",
    }
    assert read([item]) == [
        Link(
            "https://v.example/a",
            Announcement(
                title="A <b>",
                published="2026-03-03T10:00:00+01:00",
                updated="2026-03-04T10:00:00+00:00",
                source="Valley News",
                html="<p>One &amp; two.</p><p>Three.</p>",
            ),
        )
    ]


def test_an_id_may_be_the_address() -> None:
    (link,) = read([{"id": "https://v.example/a"}])
    assert isinstance(link, Link)
    assert link.url == "https://v.example/a"


def test_an_item_without_a_page_is_the_article_itself() -> None:
    (document,) = read([{"id": "7", "content_html": f"<p>{BRIDGE}</p>"}])
    assert isinstance(document, Document)
    assert (document.name, document.path) == ("in/feed.json#7", "https://v.example/#7")


def test_a_feed_without_its_version_is_told_by_its_items() -> None:
    bare = {key: value for key, value in FEED.items() if key != "version"}
    assert len(split(split_json, json.dumps(bare).encode(), "feed.json")) == 2


@pytest.mark.parametrize("items", [None, [], "a", [5, "a"]])
def test_a_feed_without_items_says_so(items: object) -> None:
    with pytest.raises(UnreadableInput, match="is a JSON Feed without items"):
        read(items)


def test_values_of_the_wrong_kind_do_no_harm() -> None:
    wrong = {key: {"a": [1]} for key in ("id", "url", "title", "content_html", "date_published")}
    assert read([wrong, {}]) == []


def test_as_many_pages_are_followed_as_the_settings_allow() -> None:
    items = [{"url": f"https://v.example/{number}"} for number in range(5)]
    *links, failure = read(items, IngestSettings(max_pages=3))
    assert len(links) == 3
    assert isinstance(failure, Failure)


@pytest.mark.parametrize("kind", ["application/feed+json", "application/json", "text/html", "-"])
def test_each_item_is_an_article_of_its_own_day(
    library: Library, web: WebServer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Its pages cannot be had, so that the feed's own text stands in for them."""
    raw = json.dumps(FEED).replace("https://v.example", web.address("", host="127.0.0.1")).encode()
    web.pages["/feed"] = Page(raw, headers={"Content-Type": kind})
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    settings = IngestSettings(allowed_private_hosts=("127.0.0.1",), fetch_delay_s=0)
    given = "-" if kind == "-" else web.address("/feed", host="127.0.0.1")
    report = archive_articles([given], library, settings)
    assert (report.added, report.failed) == (2, [])
    found = {a.text: a.published_at and a.published_at.date().isoformat() for a in library.archive}
    assert found == {BRIDGE: "2026-03-03", MAYOR: "2019-11-08"}
