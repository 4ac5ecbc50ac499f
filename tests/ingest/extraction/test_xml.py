"""Which kind of XML it is, told by its root."""

from __future__ import annotations

import time
from io import BytesIO

import pytest

from ingest.documents import Container, Link
from ingest.errors import UnreadableInput
from ingest.extraction.sniffing import find_root, sniff_format
from ingest.extraction.xml import split_xml
from ingest.settings import IngestSettings

ITEM = "<item><link>https://example.org/a</link><description>&lt;p&gt;A</description></item>"
PROLOG = "<?xml version='1.0'?>\n<!-- <html> --><!DOCTYPE rss [<!ENTITY a '>'>]>\n<?style x?>"


def split(content: str) -> list[object]:
    container = Container("a.xml", "a.xml", BytesIO(content.encode()))
    return list(split_xml(container, IngestSettings()))


@pytest.mark.parametrize("prolog", ["", "\ufeff", "\n", PROLOG])
@pytest.mark.parametrize(
    "content",
    [
        f"<rss version='2.0'><channel>{ITEM}</channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='https://example.org/a'/>"
        "</entry></feed>",
        f"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
        f"xmlns='http://purl.org/rss/1.0/'>{ITEM}</rdf:RDF>",
        "<s:urlset xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        "<s:url><s:loc>https://example.org/a</s:loc></s:url></s:urlset>",
        "<sitemapindex><sitemap><loc>https://example.org/a</loc></sitemap></sitemapindex>",
    ],
    ids=["rss", "atom", "rdf", "sitemap", "index"],
)
def test_feeds_and_sitemaps_are_told_by_their_root(content: str, prolog: str) -> None:
    assert sniff_format((prolog + content).encode()) == ".xml"
    if prolog != "\n":
        (link,) = split(prolog + content)
        assert isinstance(link, Link)
        assert link.url == "https://example.org/a"


def test_xml_of_another_kind_is_named() -> None:
    with pytest.raises(UnreadableInput, match=r"of an unknown kind \(<opml>\)"):
        split("<?xml version='1.0'?><opml/>")
    with pytest.raises(UnreadableInput, match="is not XML"):
        split("Some words.")


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        ("<?xml version='1.0'?><!DOCTYPE html><html><body>A</body></html>", ".html"),
        ("<!doctype html><html>", ".html"),
        ("<p>A paragraph on <rss>.</p>", ".html"),
        ("<rss><channel><item><description><p>A</p></description>", ".xml"),
        ("<?xml version='1.0'?><newsMessage/>", ".xml"),
        ("<rssed>", None),
        ("Words on <rss>", None),
    ],
)
def test_pages_and_xml_are_told_apart(content: str, suffix: str | None) -> None:
    assert sniff_format(content.encode()) == suffix


def test_a_root_in_utf_16_is_found() -> None:
    assert find_root("<?xml version='1.0'?><RSS>".encode("utf-16")) == "rss"


@pytest.mark.parametrize(
    "part", ["<??>", "<!---->", "<!--", "<?", "<!DOCTYPE a [", "<!DOCTYPE ", " "]
)
def test_no_prolog_takes_long(part: str) -> None:
    started = time.perf_counter()
    assert find_root((part * 20_000).encode()) is None
    assert time.perf_counter() - started < 1
