"""Crawls, whole, cut off and made to burst."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO

import pytest

from ingest.documents import Container, Document, Failure, Link
from ingest.errors import UnreadableInput
from ingest.extraction.warc import split_warc
from ingest.settings import IngestSettings
from tests.ingest.extraction.samples import documents, failures, split

URL = "https://example.org/accord"
PAGE = "<p>Zürich signs.</p>".encode()
HTML = "text/html; charset=utf-8"


def build(
    payload: bytes = PAGE,
    content_type: str = HTML,
    status: str = "200 OK",
    kind: str = "response",
    url: str = URL,
    headers: Mapping[str, str] | None = None,
    date: str = "2026-03-01T10:00:00Z",
    *,
    packed: bool = False,
) -> bytes:
    """A crawl of one record."""
    fields = {"Content-Type": content_type, **(headers or {})}
    http = f"HTTP/1.1 {status}\r\n" + _write_fields(fields)
    block = http.encode() + payload
    length = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Date": date,
        "Content-Length": str(len(block)),
    }
    record = b"WARC/1.0\r\n" + _write_fields(length).encode() + block + b"\r\n\r\n"
    return gzip.compress(record) if packed else record


def _write_fields(fields: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"


def read(content: bytes, settings: IngestSettings | None = None) -> list[Document | Link | Failure]:
    return split(split_warc, content, "crawl.warc", settings)


@pytest.mark.parametrize("packed", [False, True])
def test_every_page_is_a_document_with_its_address_and_charset(packed: bool) -> None:
    parts = read(build(packed=packed) + build(url="https://example.org/b", packed=packed))
    assert parts[0] == Document(
        f"in/crawl.warc#{URL}",
        URL,
        ".html",
        PAGE,
        url=URL,
        charset="utf-8",
        captured_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
    )
    assert [document.url for document in documents(parts)] == [URL, "https://example.org/b"]


@pytest.mark.parametrize(
    ("date", "captured_at"),
    [
        ("2026-03-01T10:00:00.123456Z", datetime(2026, 3, 1, 10, 0, 0, 123456, UTC)),
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("soon", None),
    ],
)
def test_a_capture_is_dated_as_far_as_the_crawl_says(
    date: str, captured_at: datetime | None
) -> None:
    (document,) = documents(read(build(date=date)))
    assert document.captured_at == captured_at


def test_a_crawl_packed_as_one_stream_is_read() -> None:
    assert len(read(gzip.compress(build() * 3))) == 3


def test_a_pdf_in_a_crawl_is_a_document() -> None:
    (document,) = documents(read(build(b"%PDF-1.4", "application/pdf")))
    assert document.format == ".pdf"


@pytest.mark.parametrize(
    "other",
    [
        build(status="404 Not Found"),
        build(status="301 Moved"),
        build(content_type="image/png"),
        build(content_type="text/plain", url="https://example.org/robots.txt"),
        build(content_type="application/rss+xml"),
        build(content_type="application/json"),
        build(kind="revisit"),
        build(kind="resource"),
        build(url="urn:uuid:1"),
    ],
)
def test_other_records_are_passed_over(other: bytes) -> None:
    assert len(read(build() + other + build())) == 2
    with pytest.raises(UnreadableInput, match="holds no pages"):
        read(other)


@pytest.mark.parametrize(
    ("payload", "headers"),
    [
        (gzip.compress(PAGE), {"Content-Encoding": "gzip"}),
        (zlib.compress(PAGE), {"Content-Encoding": "deflate"}),
        (zlib.compress(PAGE)[2:-4], {"Content-Encoding": "deflate"}),
        (PAGE, {"Content-Encoding": "gzip"}),
        (b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE), {"Transfer-Encoding": "chunked"}),
        (PAGE, {"Transfer-Encoding": "chunked"}),
    ],
    ids=["gzip", "deflate", "bare deflate", "not gzip at all", "chunked", "not chunked at all"],
)
def test_a_page_is_unpacked_as_a_browser_would(payload: bytes, headers: dict[str, str]) -> None:
    (document,) = documents(read(build(payload, headers=headers)))
    assert document.content == PAGE


def test_a_packing_that_is_not_known_is_named() -> None:
    (failure,) = failures(read(build(headers={"Content-Encoding": "br"})))
    assert "'br'" in failure.error


def test_a_page_too_large_or_packed_to_burst_is_refused_alone() -> None:
    small = IngestSettings(max_article_bytes=1_000)
    bomb = build(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    for large in (build(b"x" * 1_001), build(b"x" * 2_000_000), bomb):
        parts = read(large + build(), settings=small)
        assert "too large" in failures(parts)[0].error
        assert len(documents(parts)) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_crawl_cut_off_gives_the_pages_before(packed: bool) -> None:
    one = build(packed=packed)
    parts = split_warc(Container("a", "a", BytesIO((one * 3)[:-40])), IngestSettings())
    assert isinstance(next(parts), Document)
    assert isinstance(next(parts), Document)
    with pytest.raises(UnreadableInput, match="cut off or damaged after 2 pages"):
        next(parts)


@pytest.mark.parametrize(
    "content",
    [
        b"no WARC",
        b"WARC/1.0\r\n",
        b"\x1f\x8b\x08",
        b"\x1f\x8b" + bytes(50),
        bytes(1_000),
        b"WARC/1.0\r\nContent-Length: -5\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\n",
        b"WARC/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"WARC/1.0\r\n" + b"X: y\r\n" * 300_000,
        b"WARC/1.0\r\nX: " + b"y" * 300_000,
        gzip.compress(b"WARC/1.0\r\nX: " + b"y" * 50_000_000),
    ],
    ids=[
        "words",
        "header alone",
        "gzip alone",
        "gzip of nothing",
        "zeros",
        "length below nothing",
        "no length",
        "length beyond all",
        "headers",
        "header",
        "header packed",
    ],
)
def test_what_is_no_crawl_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"is not a WARC file|holds no pages"):
        read(content)


def test_a_crawl_that_unpacks_to_more_than_a_container_is_refused() -> None:
    small = IngestSettings(max_article_bytes=1_000, max_container_bytes=100_000)
    with pytest.raises(UnreadableInput, match=r"ingest\.max_container_bytes"):
        read(gzip.compress(build(bytes(1_000_000))), settings=small)


def test_nothing_is_written_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    broken = build().replace(b"\r\n\r\nWARC", b"junk\r\n\r\nWARC")
    broken += build(gzip.compress(PAGE)[:-9] + b"x" * 9, headers={"Content-Encoding": "gzip"})
    read(broken)
    assert capfd.readouterr() == ("", "")
