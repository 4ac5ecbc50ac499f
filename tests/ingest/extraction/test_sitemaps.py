"""Sitemaps, their indexes, and the news extension."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from ingest.documents import Announcement, Container, Failure, Link
from ingest.errors import UnreadableInput
from ingest.extraction.sitemaps import split_sitemap
from ingest.settings import IngestSettings

NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><image:image><image:loc>https://example.org/a.png</image:loc></image:image>
<loc> https://example.org/a?b=1&amp;c=2 </loc><lastmod>2026-02-13T08:00:00Z</lastmod>
<news:news><news:publication><news:name>Meridian Wire</news:name><news:language>en</news:language>
</news:publication><news:publication_date>2026-02-12T18:30:00+01:00</news:publication_date>
<news:title>Accord &amp; after</news:title></news:news></url>
<url><loc>https://example.org/b</loc><lastmod>2026-02-13</lastmod></url>
</urlset>"""


def split(content: bytes, **settings: Any) -> list[Link | Failure]:
    container = Container("sitemap.xml", "sitemap.xml", BytesIO(content))
    return list(split_sitemap(container, IngestSettings(**settings)))


def split_error(content: bytes) -> str:
    with pytest.raises(UnreadableInput) as raised:
        split(content)
    return str(raised.value)


def make_sitemap(*addresses: str, start: str = "") -> bytes:
    urls = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    return f"{start}<urlset>{urls}</urlset>".encode()


def test_a_news_sitemap_says_what_it_knows_of_its_pages() -> None:
    assert split(NEWS) == [
        Link(
            "https://example.org/a?b=1&c=2",
            Announcement(
                title="Accord & after",
                published="2026-02-12T18:30:00+01:00",
                updated="2026-02-13T08:00:00+00:00",
                source="Meridian Wire",
            ),
        ),
        # A day alone does not tell whether the page has changed since.
        Link("https://example.org/b"),
    ]


def test_an_index_leads_to_further_sitemaps() -> None:
    index = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <sitemap><loc>https://example.org/1.xml.gz</loc></sitemap>
    <sitemap><loc>https://example.org/2.xml</loc><lastmod>2026-02-13T08:00Z</lastmod></sitemap>
    </sitemapindex>"""
    assert split(index) == [
        Link("https://example.org/1.xml.gz"),
        Link("https://example.org/2.xml", Announcement(updated="2026-02-13T08:00:00+00:00")),
    ]


def test_an_address_is_named_once_and_only_if_it_is_of_the_web() -> None:
    addresses = ("https://example.org/a", "file:///etc/passwd", "", "/b", "https://example.org/a")
    assert split(make_sitemap(*addresses)) == [Link("https://example.org/a")]


def test_more_pages_than_the_setting_are_counted() -> None:
    content = make_sitemap(*(f"https://example.org/{n}" for n in range(1_200)))
    parts = split(content, max_pages=10)
    assert len(parts) == 11
    assert parts[10] == Failure(
        "sitemap.xml (pages 11 to 1,200)", "are left out: raise ingest.max_pages to include them"
    )


def test_a_sitemap_that_names_no_page_says_so() -> None:
    assert "names no page" in split_error(make_sitemap())
    assert "names no page" in split_error(make_sitemap("ftp://example.org/a"))


@pytest.mark.parametrize("content", [b"", b"<urlset><url>", b"words", b"<urlset>\x00</urlset>"])
def test_what_is_no_xml_says_so(content: bytes) -> None:
    assert "is not well-formed XML" in split_error(content)


def test_pages_named_before_a_fault_are_kept() -> None:
    content = make_sitemap("https://example.org/a").replace(b"</urlset>", b"<url>")
    container = Container("sitemap.xml", "sitemap.xml", BytesIO(content))
    parts = split_sitemap(container, IngestSettings())
    assert next(parts) == Link("https://example.org/a")
    with pytest.raises(UnreadableInput):
        next(parts)


def test_an_entity_brings_in_no_file() -> None:
    start = "<!DOCTYPE urlset [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
    parts = split(make_sitemap("https://example.org/a&f;", start=start))
    assert parts == [Link("https://example.org/a")]


def test_entities_that_swell_are_refused() -> None:
    inside = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 9))
    start = f"<!DOCTYPE urlset [<!ENTITY e0 'x'>{inside}]>"
    error = split_error(make_sitemap("https://example.org/a&e8;", start=start))
    assert "amplification" in error
