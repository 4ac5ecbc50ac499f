"""Words of a sentence that trafilatura would drop, or set apart, as parts of the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.cleaning import clean_name, count_words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LEAST_WORDS = 15
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_APART = ("time", "output", "label", "q")


def read_prose(paragraph: HtmlElement) -> str | None:
    """What reads as a sentence of some length and is no link."""
    text = clean_name(paragraph.text_content()) or ""
    linked = sum(count_words(link.text_content()) for link in paragraph.iter("a"))
    words = count_words(text)
    is_prose = words >= _LEAST_WORDS and 2 * linked < words and _SENTENCE_END.search(text)
    return text if is_prose else None


def keep_whole(paragraph: HtmlElement) -> None:
    """`will meet on <time>14 February</time> to vote` as one sentence, with the marks that a
    browser puts around `<q>`."""
    for element in list(paragraph.iter(*_APART)):
        if element.tag == "q":
            _write_marks(element)
        element.tag = "span"


def _write_marks(quotation: HtmlElement) -> None:
    quotation.text = f"“{quotation.text or ''}"
    last = quotation[-1] if len(quotation) else None
    if last is None:
        quotation.text += "”"
    else:
        last.tail = f"{last.tail or ''}”"
