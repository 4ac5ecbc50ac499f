"""PDF files, whole and made to hurt."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from ingest.errors import UnreadableInput
from ingest.extraction.pdf import extract_pdf
from retrieval.schema import Article
from tests.factories import make_document
from tests.ingest.extraction.samples import (
    BODY,
    HEADLINE,
    PARAGRAPHS,
    article_pdf,
    build_pdf,
    deflate,
    set_pages,
    set_paragraphs,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = [(HEADLINE, 18, 0), *set_paragraphs(PARAGRAPHS)]


def extract(content: bytes) -> Article:
    return extract_pdf(make_document(content, "news/accord.pdf"), NOW)


def lock(password: str) -> bytes:
    locked = BytesIO()
    writer = PdfWriter(clone_from=PdfReader(BytesIO(article_pdf())))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    writer.write(locked)
    return locked.getvalue()


def test_headline_date_and_paragraphs_are_read() -> None:
    article = extract(article_pdf())
    assert article.title == HEADLINE
    assert article.text == f"{HEADLINE}\n\n12 February 2026\n\n{BODY}"
    assert article.published_at == datetime(2026, 2, 12, tzinfo=UTC)
    assert article.date_provenance == "byline"
    assert article.path == "news/accord.pdf"


def test_the_day_the_file_was_made_is_not_when_the_article_was_published() -> None:
    content = build_pdf(set_pages(TEXT))
    assert b"/CreationDate" in content
    assert extract(content).published_at is None


def test_a_stated_title_counts_where_the_text_has_it() -> None:
    body = set_pages([(HEADLINE, 10, 0), *set_paragraphs(PARAGRAPHS)])
    assert extract(build_pdf(body, title=HEADLINE)).title == HEADLINE
    assert extract(build_pdf(body, title="Microsoft Word - draft7.docx")).title == HEADLINE


def test_running_heads_and_page_numbers_are_left_out() -> None:
    texts = (*PARAGRAPHS, "Fishing crews on both shores welcomed the text, and said so on Friday.")
    pages = [
        [("Harbour Gazette", 8, 0), (text, 10, 20), (f"{number}", 8, 20)]
        for number, text in enumerate(texts, 1)
    ]
    assert extract(build_pdf(set_pages(*pages))).text == "\n\n".join(texts)


def test_joined_letters_are_taken_apart() -> None:
    code = b"<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [1 /fi] >>"
    content = build_pdf(set_pages([(f"A \x01nal word. {BODY}", 10, 0)]))
    article = extract(content.replace(b"/WinAnsiEncoding", code, 1))
    assert article.text.startswith("A final word.")


def test_compressed_pages_are_read() -> None:
    streams = [deflate(stream) for stream in set_pages(TEXT)]
    assert extract(build_pdf(streams, "/Filter /FlateDecode")).title == HEADLINE


def test_a_file_of_images_asks_for_ocr() -> None:
    with pytest.raises(UnreadableInput, match="holds no text, only images: run OCR"):
        extract(build_pdf([b"0 0 1 rg 0 0 100 100 re f"]))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"no PDF", b"PK\x03\x04", b"%PDF-1.7\0"])
def test_what_is_no_pdf_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(UnreadableInput, match="is not a PDF file"):
        extract(content)


def test_a_file_cut_off_is_read_or_refused() -> None:
    whole = article_pdf()
    for end in range(0, len(whole), 97):
        with suppress(UnreadableInput):
            extract(whole[:end])


def test_an_encrypted_file_is_refused_and_named_so() -> None:
    with pytest.raises(UnreadableInput, match="is encrypted"):
        extract(lock("secret"))


def test_a_file_encrypted_in_a_way_not_known_is_named_so() -> None:
    aes = (
        f"/Encrypt << /Filter /Standard /V 5 /R 6 /Length 256 /P -4 /O ({'o' * 48}) "
        f"/U ({'u' * 48}) /OE ({'e' * 32}) /UE ({'e' * 32}) /Perms ({'p' * 16}) /CF << /StdCF "
        "<< /CFM /AESV3 /Length 32 >> >> /StmF /StdCF /StrF /StdCF >> /ID [(a) (a)]"
    )
    with pytest.raises(UnreadableInput, match="is encrypted"):
        extract(build_pdf(set_pages(TEXT), trailer=aes))


def test_a_file_locked_only_against_printing_is_read() -> None:
    assert extract(lock("")).title == HEADLINE


@pytest.mark.parametrize(
    "content",
    [
        build_pdf(set_pages(TEXT), kids="2 0 R"),
        build_pdf(set_pages(TEXT), trailer="/Prev 9"),
        build_pdf([deflate(b"0 " * 20_000_000)], "/Filter /FlateDecode"),
        build_pdf(
            [deflate(deflate(bytes(200_000_000)))], dictionary="/Filter [/FlateDecode /FlateDecode]"
        ),
        build_pdf([b"[" * 100_000]),
        build_pdf([b"<<" * 100_000]),
        build_pdf([b"q " * 250_000]),
        build_pdf([b"BT " + b"(a) Tj " * 100_000]),
    ],
    ids=["pages loop", "trailers loop", "bomb", "double bomb", "arrays", "dictionaries", "q", "Tj"],
)
def test_a_file_made_to_hurt_is_soon_done_with(content: bytes) -> None:
    started = time.monotonic()
    with suppress(UnreadableInput):
        extract(content)
    assert time.monotonic() - started < 20


def test_a_book_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="too long for one article"):
        extract(build_pdf(set_pages(*([("Words.", 10, 0)] for _ in range(501)))))


def test_flaws_of_a_file_are_not_reported_to_the_user(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        extract(article_pdf().replace(b"startxref\n", b"startxref\n1"))
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
