"""Bytes of web pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.charsets import decode_page, decode_text
from ingest.documents import Document
from ingest.errors import UnreadableInput
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


WORDS = "“Zürich” – 5 €"


def decode_plain(content: bytes, charset: str | None = None) -> str:
    return decode_text(Document("a.txt", "a.txt", ".txt", content, charset=charset))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_text_is_utf_8_with_or_without_mark_or_marked_utf_16_or_windows_1252(
    encoding: str,
) -> None:
    assert decode_plain(WORDS.encode(encoding)) == WORDS


@pytest.mark.parametrize("charset", ["us-ascii", "no-such-charset", ""])
def test_a_charset_that_is_wrong_or_unknown_is_passed_over(charset: str) -> None:
    assert decode_plain(WORDS.encode(), charset) == WORDS


@pytest.mark.parametrize("content", [b"\x89PNG\x00\x01", b"words\x00words", b"\x81\x01\x02\x03ab"])
def test_a_binary_file_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableInput, match="is binary"):
        decode_plain(content)


FRENCH = "La jetée de Château-Ferré, à moins que la temp\ufffdte n'arrive plus tôt que prévu."
JAPANESE = "湊市議会は水曜日の夜、新しいフェリー桟橋の建設計画を承認した。\ufffd"


@pytest.mark.parametrize("stated", ["utf-8", None, "iso-8859-1"])
def test_one_bad_byte_spoils_one_letter(stated: str | None) -> None:
    content = FRENCH.encode().replace("\ufffd".encode(), b"\xea")
    assert decode(content, stated) == decode_plain(content, stated) == FRENCH


def test_one_bad_byte_spoils_one_letter_of_a_charset_of_two_bytes() -> None:
    content = JAPANESE.replace("\ufffd", "").encode("shift_jis") + b"\xff"
    assert decode(content, "shift_jis").startswith(JAPANESE[:-1])


def test_a_sign_of_windows_in_what_is_said_to_be_utf_8_is_read() -> None:
    assert decode(b"The pier costs \xa3 42 million.", "utf-8") == "The pier costs £ 42 million."


@pytest.mark.parametrize(
    ("text", "charsets"),
    [
        ("Rada portu w Łęcznej zatwierdziła plan, prace ruszą wiosną.", "cp1250 iso8859-2"),
        ("Práce začnou na jaře, řekl mluvčí, a skončí do dvou let.", "cp1250 iso8859-2"),
        ("A munka tavasszal kezdődik, közölte a szóvivő, őszre kész az út.", "cp1250 iso8859-2"),
        ("Žiaľ, peniaze ešte chýbajú, povedal hovorca prístavu.", "cp1250 iso8859-2"),
        ("Radovi završavaju za dvije godine, žali se šest članova vijeća.", "cp1250 iso8859-2"),
        ("Die Arbeiten beginnen im Frühjahr, größere Straßen später.", "cp1252"),
        ("El año próximo se sabrá, dijo el portavoz; ¿quién pagará?", "cp1252"),
        ("Çalışmalar başlayacak, şehirde ışıklar söndü, dedi sözcü.", "cp1254"),
        ("Совет порта одобрил план нового причала, сообщил представитель.", "cp1251 koi8-r"),
        ("Το συμβούλιο του λιμανιού ενέκρινε το σχέδιο για τη νέα προβλήτα.", "cp1253"),
    ],
)
def test_text_of_which_no_charset_is_stated_is_read_by_its_letters(
    text: str, charsets: str
) -> None:
    for charset in charsets.split():
        assert decode_plain(text.encode(charset)) == text
        page = f"<html><style>p {{margin: 0}}</style><p class='a'>{text}</p></html>"
        assert text in decode(page.encode(charset))


def test_windows_letters_are_read_where_iso_s_charset_is_stated() -> None:
    text = "Žluťoučký kůň, řekl šéf"
    assert decode(text.encode("cp1250"), "iso-8859-2") == text
