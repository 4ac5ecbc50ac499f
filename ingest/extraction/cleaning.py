"""What every format needs: characters put in order, too little text refused."""

from __future__ import annotations

import re
import unicodedata

from ingest.errors import UnreadableInput

_INVISIBLE = re.compile(r"[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[^\S\n]+")
_LEAST_WORDS = 15


def clean_characters(text: str) -> str:
    """Composed Unicode, `\\n` line ends, single spaces, nothing invisible."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(lines).strip()


def join_paragraphs(paragraphs: list[str]) -> str:
    """The text to store. Raises UnreadableInput if it is too short for an article."""
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    words = len(text.split())
    if words < _LEAST_WORDS:
        raise UnreadableInput(
            f"has no article text ({words} words): check that the file holds a whole article"
        )
    return text
