"""What every format needs: characters put in order, too little text refused."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from ingest.errors import UnreadableInput

_INVISIBLE = re.compile(r"[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c]")
_SPACES = re.compile(r"[^\S\n]+")
# Scripts without spaces between words, and how many of their letters a word has about.
_UNSPACED = (
    (re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"), 2),
    (re.compile(r"[\u0e00-\u0eff\u0f40-\u0fbc\u1000-\u109f\u1780-\u17df\uaa60-\uaa7f]"), 5),
)
_LEAST_WORDS = 15


def clean_characters(text: str) -> str:
    """Composed Unicode, `\\n` line ends, single spaces, nothing invisible or half a character."""
    whole = text.encode("utf-8", "ignore").decode("utf-8")
    text = unicodedata.normalize("NFC", _LINE_END.sub("\n", whole))
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(lines).strip()


def count_words(text: str) -> int:
    """Also where no spaces part them."""
    words = 0
    for script, letters in () if text.isascii() else _UNSPACED:
        text, found = script.subn(" ", text)
        words += -(-found // letters)
    return words + sum(word[0].isalnum() or any(map(str.isalnum, word)) for word in text.split())


def join_paragraphs(paragraphs: list[str]) -> str:
    """The text to store. Raises UnreadableInput if it is too short for an article."""
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    words = count_words(text)
    if words < _LEAST_WORDS:
        raise UnreadableInput(
            f"has no article text ({words} words): check that the file holds a whole article"
        )
    return text


def clean_name(value: object) -> str | None:
    """A name on one line, or None."""
    return " ".join(clean_characters(value).split()) or None if isinstance(value, str) else None


def web_url(value: object) -> str | None:
    """An address of the web, or None: no other kind is an article's identity or a link."""
    url = clean_name(value)
    try:
        address = urlsplit(url or "")
    except ValueError:
        return None
    return url if address.scheme in ("http", "https") and address.netloc else None
