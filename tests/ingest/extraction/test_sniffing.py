"""Formats told by their first bytes."""

from __future__ import annotations

import gzip

import pytest

from ingest.extraction import FORMATS
from ingest.extraction.sniffing import sniff_format
from tests.ingest.extraction.samples import BODY, article_pdf, build_zip

MAIL = (
    b"Return-Path: <a@example.org>\r\nFrom: a@example.org\r\nSubject: Accord\r\n\r\n<p>Words.</p>"
)
WORD = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (article_pdf(), ".pdf"),
        (build_zip(WORD), ".docx"),
        (build_zip({"a.docx": build_zip(WORD)}, compression=0), ".zip"),
        (build_zip({"a.txt": BODY}), ".zip"),
        (b"WARC/1.0\r\nWARC-Type: warcinfo\r\n", ".warc"),
        (gzip.compress(b"WARC/1.0\r\nWARC-Type: warcinfo\r\n", mtime=0), ".warc.gz"),
        (gzip.compress(b"<html>", mtime=0), None),
        (b"\x1f\x8bbroken", None),
        (MAIL, ".eml"),
        (b"Received: from a\n by b\nFrom: a@example.org\nDate: today\n\nWords.", ".eml"),
        (b"From: the sea\n\nWords about ships.", None),
        (b"Subject: words\nDate: none\n\nWords.", None),
        (b'{"title": "a", "text": "b"}\n{"title": "c"}\n', ".jsonl"),
        (b'\n{"title": "a"}\r\n\r\n{"title": "b"}', ".jsonl"),
        (b'{"title": "a", "text": "b"}', ".json"),
        (b'{\n  "title": "a"\n}\n', ".json"),
        (b'\xef\xbb\xbf[{"title": "a"}]', ".json"),
        (b'{"title": "a", "html": "<html><body><p>b</p></body></html>"}', ".json"),
        (b'["<p>a</p>", "<p>b</p>"]', ".json"),
        (b'[["<p>a</p>"]]', ".json"),
        (b'"<p>a</p>"', ".json"),
        (b'"<p>a</p>" is how it began.', ".html"),
        (b"[" * 100_000, None),
        ('[{"html": "<p>a</p>"}]'.encode("utf-16"), ".json"),
        (b"[UPDATE] Ministers sign accord", None),
        (b"{The editors changed a paragraph.}", None),
        (b'callback({"html": "<p>a</p>"});', ".json"),
        (b'var item = {"html": "<p>a</p>"};', ".json"),
        (b')]}\'\n[1, "<p>a</p>"]', ".json"),
        (b"{'html': '<p>a</p>'}", ".json"),
        (b'{html: "<p>a</p>"}', ".json"),
        (b"{Updated: 5 March} The ministers", None),
        (b"<newsMessage xmlns='a'>", ".xml"),
        (b"<!-- <p>a</p> --><n:newsItem xmlns:n='a'><p>a</p>", ".xml"),
        (b"<nitf>", ".xml"),
        (b"<html><body>", ".html"),
        (BODY.encode(), None),
        (b"", None),
        (b"The header of such a file is %PDF-1.4.", None),
    ],
)
def test_a_format_is_told_by_its_first_bytes(content: bytes, suffix: str | None) -> None:
    assert sniff_format(content) == suffix
    assert suffix is None or suffix in FORMATS or suffix == ".xml"


@pytest.mark.parametrize(
    ("content", "kind", "suffix"),
    [
        (b"// {}\n<p>a</p>", "application/json", ".json"),
        (b"callback(1)<p>a</p>", "application/feed+json", ".json"),
        (b"<html><p>Not found.</p>", "application/json", ".html"),
        (b"<p>a</p>", "text/plain", ".html"),
    ],
)
def test_what_a_server_calls_json_is_json(content: bytes, kind: str, suffix: str) -> None:
    assert sniff_format(content, kind) == suffix
