"""A Word document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from ingest.cleaning import clean_characters, clean_name
from ingest.documents import Document
from ingest.errors import UnreadableInput
from ingest.extraction.plain import extract_plain
from ingest.extraction.unzipping import open_zip, read_member
from ingest.pages.tables import is_data, render_rows
from retrieval.schema import Article

if TYPE_CHECKING:
    from docx.document import Document as WordFile

# Hundreds of pages of prose; pictures do not count.
_MOST_BYTES = 10_000_000
_MOST_PARTS = 5_000
_READ_PARTS = (".xml", ".rels")
_BEFORE_2007 = b"\xd0\xcf\x11\xe0"
_TITLE_STYLES = ("title", "heading 1")
_MOST_TITLE_WORDS = 40
_NOBODY = {"python-docx", "user", "admin", "administrator", "windows user", "microsoft office user"}
_SHOWN = "not(ancestor::w:txbxContent or ancestor::w:del or ancestor::w:moveFrom)"
# Of a table within a table, its cell has the text.
_OUTER = f"not(ancestor::w:tbl) and {_SHOWN}"
_BLOCKS = f".//w:p[{_OUTER}] | .//w:tbl[{_OUTER}]"
_ROWS = "./w:tr[not(w:trPr/w:del)]"
_OFF = "@w:val='0' or @w:val='false' or @w:val='off'"
_UNSEEN = (
    f"w:rPr[w:vanish[not({_OFF})] or w:sz[@w:val < 5] or "
    "(w:color[translate(@w:val, 'f', 'F')='FFFFFF'] and not(w:shd or w:highlight))]"
)
_TEXT = (
    f".//w:r[not({_UNSEEN}) and not(ancestor::w:del or ancestor::w:moveFrom or "
    "ancestor::w:txbxContent)]/*[self::w:t or self::w:tab or self::w:br or self::w:cr or "
    "self::w:noBreakHyphen]"
)


def extract_docx(document: Document, now: datetime) -> Article:
    """The paragraphs and rows of tables in order; when it was saved is not when it was published.

    Raises UnreadableInput.
    """
    if document.content.startswith(_BEFORE_2007):
        raise UnreadableInput(
            "is encrypted, or in a format older than Word 2007: save it again as plain .docx"
        )
    word = _read_word(_repack(document.content))
    text = "\n\n".join(word.paragraphs)
    article = extract_plain(replace(document, content=text.encode(), charset=None), now)
    return replace(
        article,
        title=word.title or article.title,
        authors=article.authors or tuple(filter(None, [word.author])),
    )


@dataclass(frozen=True, slots=True)
class _Word:
    paragraphs: tuple[str, ...]
    title: str | None
    author: str | None


def _repack(content: bytes) -> bytes:
    """What python-docx is to read, unpacked within bounds: it has none of its own."""
    clean = BytesIO()
    left = _MOST_BYTES
    with open_zip(BytesIO(content)) as packed, ZipFile(clean, "w") as plain:
        parts = {member.filename: member for member in packed.infolist() if member.filename}
        if len(parts) > _MOST_PARTS:
            raise UnreadableInput("is not a Word document that can be read: it has too many parts")
        for name, member in parts.items():
            # Every part that another names has to be there, but only those of XML are read.
            part = read_member(packed, member, left) if name.endswith(_READ_PARTS) else b""
            left -= len(part)
            plain.writestr(name, part)
    return clean.getvalue()


def _read_word(content: bytes) -> _Word:
    import docx

    try:
        return _read_file(docx.Document(BytesIO(content)))
    # Of a damaged file python-docx and lxml raise whatever they stumble over.
    except Exception as error:
        raise UnreadableInput("is not a Word document, or is damaged: save it again") from error


def _read_file(file: WordFile) -> _Word:
    styles = {style.style_id: (style.name or "").lower() for style in file.styles}
    unseen = {style.style_id for style in file.styles if style.element.xpath(_UNSEEN)}
    paragraphs: list[str] = []
    titles: list[str] = []
    for paragraph in _read_blocks(file.element.body):
        if isinstance(paragraph, str):
            paragraphs.append(paragraph)
            continue
        style = next(iter(paragraph.xpath("w:pPr/w:pStyle/@w:val")), "")
        text = "" if style in unseen else _read_text(paragraph)
        if text:
            paragraphs.append(text)
        if text and styles.get(style) in _TITLE_STYLES and len(text.split()) <= _MOST_TITLE_WORDS:
            titles.append(text)
    properties = file.core_properties
    stated = clean_name(properties.title)
    if stated and any(stated in paragraph for paragraph in paragraphs):
        titles.append(stated)
    author = clean_name(properties.author)
    return _Word(
        paragraphs=tuple(paragraphs),
        title=clean_name(next(iter(titles), None)),
        author=None if (author or "").lower() in _NOBODY else author,
    )


def _read_blocks(body: Any) -> Iterator[Any]:
    """Paragraphs, and rows of tables that hold facts as text."""
    for block in body.xpath(_BLOCKS):
        if block.tag.endswith("}p"):
            yield block
            continue
        table = [(row, list(row.xpath("./w:tc | ./w:sdt//w:tc"))) for row in block.xpath(_ROWS)]
        rows = [tuple(_read_cell(cell) for cell in cells) for _, cells in table]
        if is_data(rows):
            has_heads = True if table[0][0].xpath("./w:trPr/w:tblHeader") else None
            yield from render_rows(rows, has_heads)
        else:
            yield from (p for _, cells in table for cell in cells for p in cell.xpath(".//w:p"))


def _read_cell(cell: Any) -> str:
    return " ".join(filter(None, map(_read_text, cell.xpath(f".//w:p[{_SHOWN}]"))))


def _read_text(paragraph: Any) -> str:
    return clean_characters("".join(str(piece) for piece in paragraph.xpath(_TEXT)))
