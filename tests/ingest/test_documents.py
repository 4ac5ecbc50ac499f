"""Bytes to text."""

from __future__ import annotations

import pytest

from ingest.documents import Document, decode_text
from ingest.errors import UnreadableInput

WORDS = "“Zürich” – 5 €"


def decode(content: bytes, charset: str | None = None) -> str:
    return decode_text(Document("a.txt", "a.txt", ".txt", content, charset=charset))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_text_is_utf_8_with_or_without_mark_or_marked_utf_16_or_else_windows_1252(
    encoding: str,
) -> None:
    assert decode(WORDS.encode(encoding)) == WORDS


def test_the_charset_a_server_names_comes_first() -> None:
    assert decode("Zażółć".encode("iso-8859-2"), "iso-8859-2") == "Zażółć"


@pytest.mark.parametrize("charset", ["us-ascii", "no-such-charset", ""])
def test_a_charset_that_is_wrong_or_unknown_is_passed_over(charset: str) -> None:
    assert decode(WORDS.encode(), charset) == WORDS


@pytest.mark.parametrize("content", [b"", b" \n\t\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableInput, match="is empty"):
        decode(content)


@pytest.mark.parametrize("content", [b"\x89PNG\x00\x01", b"words\x00words"])
def test_a_binary_file_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableInput, match="is binary"):
        decode(content)


def test_text_of_no_known_encoding_is_refused() -> None:
    # 0x81 is no character in Windows-1252 and no beginning in UTF-8.
    with pytest.raises(UnreadableInput, match="UTF-8"):
        decode(b"words \x81 words")
