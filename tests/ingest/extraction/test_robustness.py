"""Whatever the bytes, there is an article or one line that says why not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.documents import Container, Document, Failure
from ingest.errors import UnreadableInput
from ingest.extraction import FORMATS
from ingest.settings import IngestSettings
from retrieval.schema import Article
from tests.ingest.extraction.samples import BODY, HEADLINE, article_pdf, build_zip

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SETTINGS = IngestSettings()


def _word() -> bytes:
    file = docx.Document()
    file.add_heading(HEADLINE, 0)
    file.add_paragraph(BODY)
    saved = BytesIO()
    file.save(saved)
    return saved.getvalue()


_PAGE = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>{HEADLINE}</h1><p>{BODY}".encode()
_WARC = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/a\r\n"
    b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(_PAGE), _PAGE)
)
_NEWSML = (
    f'<newsItem guid="urn:a"><contentMeta><headline>{HEADLINE}</headline></contentMeta>'
    f"<contentSet><inlineXML><nitf><body><body.content><p>{BODY}</p></body.content></body></nitf>"
    "</inlineXML></contentSet></newsItem>"
).encode()
_HTML = (
    f'<!doctype html><html lang="en-GB"><head><title>{HEADLINE}</title><link rel="canonical" '
    'href="https://example.org/a"><script type="application/ld+json">{"@graph": [{"@type": '
    f'"NewsArticle", "headline": "{HEADLINE}", "datePublished": "2026-02-12T18:30:00+01:00", '
    '"author": [{"name": "Ann Ekholm"}]}]}</script><style>.x{left:-999px}</style></head><body>'
    f'<article><h1>{HEADLINE}</h1><time datetime="2026-02-12">12/2/2026</time><p hidden>No.</p>'
    f'<p class="x" style="color:#fff">By Bo Lund</p><p>{BODY}</p></article></body></html>'
)
_RSS = (
    f'<?xml version="1.0"?><rss version="2.0"><channel><item><title>{HEADLINE}</title>'
    "<link>https://example.org/a</link><pubDate>Thu, 12 Feb 2026 18:30:00 +0100</pubDate>"
    f"<description><![CDATA[<p>{BODY}</p>]]></description></item></channel></rss>"
)
_SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/'
    'schemas/sitemap-news/0.9"><url><loc>https://example.org/a</loc><news:news><news:title>A'
    "</news:title><news:publication_date>2026-02-12</news:publication_date></news:news></url>"
    "</urlset>"
)
WHOLE = {
    ".html": _HTML.encode(),
    ".md": f"---\ntitle: {HEADLINE}\ndate: 2026-02-12\n---\n# A\n\n{BODY}\n".encode(),
    ".txt": f"{HEADLINE}\nBy Ann Ekholm\n12 February 2026, 18:30\n\n{BODY}\n".encode(),
    ".rss": _RSS.encode(),
    ".xml": _SITEMAP.encode(),
    ".docx": _word(),
    ".eml": f"From: Bo Lund <b@example.org>\nSubject: {HEADLINE}\n\n{BODY}".encode(),
    ".json": json.dumps([{"title": HEADLINE, "text": BODY}, {"uri": "a", "body_a": BODY}]).encode(),
    ".jsonl": json.dumps({"title": HEADLINE, "text": BODY}).encode(),
    ".newsml": _NEWSML,
    ".pdf": article_pdf(),
    ".warc": _WARC,
    ".warc.gz": gzip.compress(_WARC),
    ".zip": build_zip({"a.txt": BODY, "b.json": json.dumps({"title": HEADLINE, "text": BODY})}),
}

# Where, how many bytes, and what is put there instead.
Change = tuple[int, int, bytes]
CHANGES = st.lists(
    st.tuples(st.integers(0, 100_000), st.integers(0, 8), st.binary(max_size=8)),
    min_size=1,
    max_size=6,
)


def read(document: Document, depth: int = 0) -> list[Article | Failure]:
    """As sources and pipeline do, without the network."""
    kind = FORMATS[document.format]
    try:
        if kind.extract:
            return [kind.extract(document, NOW)]
        assert kind.split
        container = Container(document.name, document.path, BytesIO(document.content))
        found: list[Article | Failure] = []
        for part in kind.split(container, SETTINGS):
            if isinstance(part, Document) and depth < 3:
                found += read(part, depth + 1)
            elif isinstance(part, Failure):
                found.append(part)
    except UnreadableInput as unreadable:
        return [Failure(document.name, str(unreadable))]
    return found


def check(content: bytes, suffix: str) -> None:
    for found in read(Document(f"a{suffix}", f"a{suffix}", suffix, content)):
        if isinstance(found, Failure):
            assert "\n" not in found.error
            assert len(found.error) < 500
        else:
            assert found.title.encode()
            assert found.text.encode()
            assert len(found.article_id) == 16


def damage(content: bytes, changes: Sequence[Change]) -> bytes:
    damaged = bytearray(content)
    for place, length, replacement in changes:
        start = place % (len(damaged) + 1)
        damaged[start : start + length] = replacement
    return bytes(damaged)


@pytest.mark.parametrize("suffix", sorted(WHOLE.keys() - {".rss", ".xml"}))
def test_the_whole_file_is_read(suffix: str) -> None:
    found = read(Document(f"a{suffix}", f"a{suffix}", suffix, WHOLE[suffix]))
    assert found
    assert all(isinstance(each, Article) for each in found)


@pytest.mark.parametrize("suffix", WHOLE)
@pytest.mark.parametrize("other", WHOLE)
def test_a_file_under_another_s_suffix_is_read_or_refused(suffix: str, other: str) -> None:
    check(WHOLE[other], suffix)


@pytest.mark.parametrize("suffix", WHOLE)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(suffix: str, content: bytes) -> None:
    check(content, suffix)
    check(WHOLE[suffix][:8] + content, suffix)


@pytest.mark.parametrize("suffix", WHOLE)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=CHANGES)
def test_a_damaged_file_is_read_or_refused(suffix: str, changes: list[Change]) -> None:
    check(damage(WHOLE[suffix], changes), suffix)
