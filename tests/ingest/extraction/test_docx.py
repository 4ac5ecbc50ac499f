"""Word documents, whole and made to hurt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.shared import Pt, RGBColor

from ingest.errors import UnreadableInput
from ingest.extraction.docx import extract_docx
from retrieval.schema import Article
from tests.factories import make_document
from tests.ingest.extraction.samples import (
    BODY,
    HEADLINE,
    INJECTED,
    PARAGRAPHS,
    build_zip,
    declare_size,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def build(add: Callable[[Any], object] = lambda _: None, headline: str | None = HEADLINE) -> bytes:
    file = docx.Document()
    if headline:
        file.add_heading(headline, 0)
    for paragraph in PARAGRAPHS:
        file.add_paragraph(paragraph)
    add(file)
    saved = BytesIO()
    file.save(saved)
    return saved.getvalue()


def rewrite(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The document with its main part changed."""
    with ZipFile(BytesIO(content)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts["word/document.xml"] = change(parts["word/document.xml"])
    return build_zip(parts)


def extract(content: bytes) -> Article:
    return extract_docx(make_document(content, "news/accord.docx"), NOW)


def test_the_title_s_style_makes_the_title_and_paragraphs_the_text() -> None:
    article = extract(build())
    assert article == Article(title=HEADLINE, text=f"{HEADLINE}\n\n{BODY}", path="news/accord.docx")


def test_a_heading_is_the_title_wherever_it_stands() -> None:
    content = build(lambda file: file.add_heading("Accord on the strait", 1), headline=None)
    assert extract(content).title == "Accord on the strait"


def test_a_date_below_the_title_is_when_it_was_published_and_saving_is_not() -> None:
    def save_later(file: Any) -> None:
        file.core_properties.created = datetime(2026, 2, 20)
        file.core_properties.modified = datetime(2026, 2, 21)

    assert extract(build(save_later)).published_at is None

    def add_date(file: Any) -> None:
        file.paragraphs[1].insert_paragraph_before("12 February 2026")

    article = extract(build(add_date))
    assert article.published_at == datetime(2026, 2, 12, tzinfo=UTC)
    assert article.date_provenance == "byline"


def test_the_properties_name_author_and_title() -> None:
    def state(file: Any) -> None:
        file.core_properties.author = "Ann Ekholm"
        file.core_properties.title = "without a pilot"

    article = extract(build(state, headline=None))
    assert article.authors == ("Ann Ekholm",)
    assert article.title == "without a pilot"


def test_a_stated_title_that_the_text_does_not_have_is_a_template_s() -> None:
    def state(file: Any) -> None:
        file.core_properties.title = "Press release template"

    assert extract(build(state, headline=None)).title != "Press release template"


def test_what_stands_in_a_table_is_read() -> None:
    def add_table(file: Any) -> None:
        file.add_table(1, 1).cell(0, 0).text = "Tonnage"

    assert "Tonnage" in extract(build(add_table)).text


@pytest.mark.parametrize(
    "hide",
    [
        lambda font: setattr(font, "hidden", True),
        lambda font: setattr(font, "size", Pt(1)),
        lambda font: setattr(font.color, "rgb", RGBColor(255, 255, 255)),
    ],
    ids=["hidden", "tiny", "white"],
)
def test_text_that_readers_do_not_see_is_left_out(hide: Callable[[Any], None]) -> None:
    def inject(file: Any) -> None:
        hide(file.paragraphs[1].add_run(INJECTED).font)
        style = file.styles.add_style("Unseen", 1)
        hide(style.font)
        file.add_paragraph(INJECTED, style="Unseen")

    assert extract(build(inject)).text == f"{HEADLINE}\n\n{BODY}"


def test_what_was_struck_out_is_left_out_and_what_was_put_in_is_read() -> None:
    def revise(xml: bytes) -> bytes:
        struck = b"<w:del><w:r><w:t>Struck out. </w:t></w:r></w:del>"
        put_in = b"<w:ins><w:r><w:t> Put in.</w:t></w:r></w:ins>"
        end = xml.rindex(b"</w:p>")
        return xml[:end] + struck + put_in + xml[end:]

    text = extract(rewrite(build(), revise)).text
    assert text.endswith("in autumn. Put in.")


def test_an_entity_is_not_expanded() -> None:
    def declare(xml: bytes) -> bytes:
        start = xml.index(b"<w:document")
        bomb = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "/etc/hosts">]>'
        changed = xml[:start] + bomb + xml[start:]
        return changed.replace(b"The ministers", b"&b;&f;The ministers", 1)

    text = extract(rewrite(build(), declare)).text
    assert "haha" not in text
    assert "localhost" not in text


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml[:500],
        lambda _: b"",
        lambda _: b"\x00\x01",
        lambda _: b"<a/>",
        lambda _: b"<a>" * 100_000,
        lambda xml: xml.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * 5_000),
    ],
    ids=["cut off", "empty", "binary", "other", "deep", "deep within"],
)
def test_a_damaged_document_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(UnreadableInput, match="is not a Word document"):
        extract(rewrite(build(), change))


@pytest.mark.parametrize(
    "content",
    [b"", b"no zip", b"PK\x03\x04", build_zip({}), build_zip({"a.txt": BODY}), build()[:900]],
)
def test_what_is_no_word_document_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"is not a Word document|is not a zip file"):
        extract(content)


def test_a_document_of_old_or_locked_says_what_to_do() -> None:
    with pytest.raises(UnreadableInput, match="encrypted, or in a format older than Word 2007"):
        extract(b"\xd0\xcf\x11\xe0" + bytes(600))


def test_a_bomb_is_refused_whatever_it_says_of_its_size() -> None:
    bomb = rewrite(build(), lambda xml: xml + bytes(50_000_000))
    with pytest.raises(UnreadableInput, match=r"zip bomb|unpacks to more"):
        extract(bomb)
    lying = build_zip({"word/document.xml": bytes(50_000_000)})
    with pytest.raises(UnreadableInput, match=r"is damaged|is not a Word"):
        extract(declare_size(lying, 100))


def test_a_document_without_text_is_refused() -> None:
    saved = BytesIO()
    docx.Document().save(saved)
    with pytest.raises(UnreadableInput, match=r"no text|no article text|is empty"):
        extract(saved.getvalue())


def test_a_part_without_a_name_is_a_part_that_is_not_there() -> None:
    content = build(lambda file: file.add_paragraph(BODY))
    # The last mention is the directory's; a name ends at its first zero byte.
    found = content.rfind(b"docProps/thumbnail.jpeg")
    with pytest.raises(UnreadableInput, match="not a Word document"):
        extract(content[:found] + b"\0" + content[found + 1 :])
