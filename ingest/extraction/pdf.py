"""A PDF file: its lines, put together to paragraphs."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ingest.cleaning import clean_characters, clean_name
from ingest.documents import Document
from ingest.errors import UnreadableInput
from ingest.extraction.page_columns import Piece, order_columns
from ingest.extraction.page_lines import Line, find_largest, join_lines
from ingest.extraction.plain import extract_plain
from retrieval.schema import Article

if TYPE_CHECKING:
    from pypdf import PdfReader

# Letters joined by the printer, which nobody types into a search.
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_MOST_PAGES = 500
_MOST_CHARACTERS = 3_000_000
_LONGEST_READING_S = 60.0
_LEAST_TITLE_WORDS = 3


def extract_pdf(document: Document, now: datetime) -> Article:
    """When the file was made is not when the article was published. Raises UnreadableInput."""
    # It reports every flaw of a file that it can read all the same.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    pages, stated_title = _read_pages(document.content)
    text = "\n\n".join(join_lines(pages))
    if not text:
        raise UnreadableInput("holds no text, only images: run OCR on it first")
    article = extract_plain(replace(document, content=text.encode(), charset=None), now)
    if stated_title and stated_title in text and len(stated_title.split()) >= _LEAST_TITLE_WORDS:
        return replace(article, title=stated_title)
    return replace(article, title=find_largest(pages) or article.title)


def _read_pages(content: bytes) -> tuple[list[list[Line]], str | None]:
    """The lines of every page, and the title that the file states."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    try:
        with _bounds():
            reader = PdfReader(BytesIO(content))
            # Many are encrypted with an empty password, only to forbid printing.
            if reader.is_encrypted and not reader.decrypt(""):
                raise UnreadableInput("is encrypted: save it without a password")
            pages = list(_read_lines(reader))
            return pages, clean_name(reader.metadata.title if reader.metadata else None)
    except UnreadableInput:
        raise
    # AES needs a library that we do without.
    except (FileNotDecryptedError, DependencyError) as error:
        raise UnreadableInput("is encrypted: save it without a password") from error
    except LimitReachedError as error:
        raise UnreadableInput(
            "unpacks to more than an article can hold: print it to a new file"
        ) from error
    # Of a damaged file pypdf raises whatever it stumbles over.
    except Exception as error:
        raise UnreadableInput("is not a PDF file, or is damaged: save it again") from error


def _bounds() -> AbstractContextManager[object]:
    """Far more than a page of text takes: a file made to hurt takes more."""
    from pypdf import apply_configuration

    return apply_configuration(
        zlib_maximum_output_length=20_000_000,
        lzw_maximum_output_length=20_000_000,
        run_length_maximum_output_length=20_000_000,
        array_based_stream_maximum_output_length=20_000_000,
        stream_decoding_work_maximum_length=60_000_000,
        stream_parsing_work_maximum_count=400_000,
        xform_maximum_invocations_per_extraction=100,
        page_tree_maximum_entries=10_000,
    )


def _read_lines(reader: PdfReader) -> Iterator[list[Line]]:
    deadline = time.monotonic() + _LONGEST_READING_S
    characters = 0
    for number, page in enumerate(reader.pages, 1):
        lines = _Lines(deadline)
        page.extract_text(visitor_text=lines.take)
        # Once more, since pypdf passes over what goes wrong within a page.
        lines.check_time()
        yield lines.finish()
        characters += lines.characters
        if characters > _MOST_CHARACTERS or number >= _MOST_PAGES:
            raise UnreadableInput(f"is too long for one article: split it (page {number:,})")


class _Lines:
    """Gathers the pieces of text that pypdf finds on a page."""

    def __init__(self, deadline: float) -> None:
        self.characters = 0
        self._deadline = deadline
        self._lines: list[list[Piece]] = []
        self._pieces: list[Piece] = []

    def check_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise UnreadableInput("takes too long to read: print it to a new file")

    def take(self, text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        """Called by pypdf for every piece; one line may come in several."""
        self.check_time()
        self.characters += len(text)
        scale = abs(tm[3] * cm[3]) or abs(tm[1] * cm[2]) or 1.0
        height = tm[5] * cm[3] + tm[4] * cm[1] + cm[5]
        left = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        for number, piece in enumerate(text.split("\n")):
            if number:
                self._end_line()
            if piece.strip():
                self._pieces.append(Piece(piece, round(size * scale, 1), height, left))
            elif piece and self._pieces:
                self._pieces.append(replace(self._pieces[-1], text=" "))

    def finish(self) -> list[Line]:
        self._end_line()
        lines = (_join(pieces) for pieces in order_columns(self._lines))
        return [line for line in lines if line.text]

    def _end_line(self) -> None:
        if self._pieces:
            self._lines.append(self._pieces)
        self._pieces = []


def _join(pieces: Sequence[Piece]) -> Line:
    text = clean_characters("".join(piece.text for piece in pieces).translate(_LIGATURES))
    main = max(pieces, key=lambda piece: len(piece.text))
    return Line(text, main.size, main.height)
