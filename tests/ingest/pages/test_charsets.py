"""Bytes of web pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.errors import UnreadableInput
from ingest.pages.charsets import decode_page
from tests.factories import make_document

TEXT = "Łódź: ministrowie podpisali umowę, życie wróciło do cieśniny. " * 4


def decode(content: bytes, charset: str | None = None) -> str:
    return decode_page(replace(make_document(content, "a.html"), charset=charset))


def declare(charset: str) -> str:
    return f'<html><head><meta charset="{charset}"></head>{TEXT}'


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        (TEXT.encode("iso8859-2"), "iso-8859-2"),
        (declare("utf-8").encode("iso8859-2"), "iso-8859-2"),
        (declare("windows-1250").encode("cp1250"), None),
        (declare("iso-8859-1").encode(), None),
        (TEXT.encode(), "iso-8859-1"),
        (TEXT.encode(), None),
        (TEXT.encode("utf-8-sig"), "iso-8859-2"),
        (TEXT.encode("utf-16"), None),
        (TEXT.encode(), "no-such-charset"),
        (declare("utf-16").encode(), None),
        (declare("hex").encode(), "unicode_escape"),
        (f'<?xml version="1.0" encoding="iso-8859-2"?>{TEXT}'.encode("iso8859-2"), None),
    ],
    ids=[
        "HTTP",
        "HTTP against meta",
        "meta",
        "UTF-8 called Latin-1 by meta",
        "UTF-8 called Latin-1 by HTTP",
        "nothing stated",
        "byte order mark",
        "UTF-16",
        "unknown",
        "meta that cannot be true",
        "no charset of text",
        "XML declaration",
    ],
)
def test_a_page_is_decoded_as_it_was_written(content: bytes, stated: str | None) -> None:
    assert TEXT in decode(content, stated)


def test_latin_1_is_read_as_browsers_read_it() -> None:
    assert decode("“Yes” – 5 €".encode("cp1252"), "iso-8859-1") == "“Yes” – 5 €"


def test_bytes_of_no_known_charset_are_guessed_and_never_fail() -> None:
    assert "ministrowie" in decode(TEXT.encode("cp1250"))
    assert decode(bytes(range(1, 256)))


@pytest.mark.parametrize(("content", "reason"), [(b" \n", "is empty"), (b"a\x00b", "is binary")])
def test_what_is_no_text_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableInput, match=reason):
        decode(content)


def test_characters_that_xml_forbids_are_blanks() -> None:
    assert decode(b"one\x08two\x0cthree") == "one two three"
