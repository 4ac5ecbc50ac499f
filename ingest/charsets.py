"""The characters that bytes stand for, by what is stated of them and by what they are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from ingest.documents import Document
from ingest.errors import UnreadableInput

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_META = re.compile(
    rb"<meta[^>]+?charset\s*=\s*[\"']?\s*([\w-]+)|^\s*<\?xml[^>]+?encoding=[\"']([\w-]+)", re.I
)
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(rb"<(?:script|style)\b.*?</(?:script|style)|<[^<>]*>", re.I | re.S)
_NO_CHARACTER = re.compile(r"[\ufffd\x01-\x08\x0e-\x1f\x7f-\x9f]")
_HEAD_BYTES = 4_096
_SAMPLE_BYTES = 20_000
# Browsers read the first as the second, and so do those who write pages.
_AS_BROWSERS_DO = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}
# ISO's charsets have no letters from 80 to 9F; those of Windows that are taken for them have.
_OF_WINDOWS = {
    "iso8859-2": "cp1250",
    "iso8859-5": "cp1251",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
_NO_LETTERS_OF_ISO = re.compile(rb"[\x80-\x9f]")
# Others of Python's codecs take hours for what is made to hurt, or are none of text.
_OF_TEXT = re.compile(
    r"utf-8|iso8859-\d+|cp\d+|koi8-\w|gb\w+|big5\w*|euc_\w+|shift_jis\w*|iso2022_\w+|mac-\w+|tis-620"
)
_LATIN = ("cp1252", "cp1250", "iso8859-2", "cp1254", "cp1257")
_OTHERS = ("cp1251", "koi8_r", "koi8_u", "cp1253", "cp1255", "cp1256")
_OF_TWO_BYTES = ("shift_jis", "euc_jp", "gbk", "big5", "cp949")
# What languages write beyond a to z: letters that one of them has all of are words of it.
_LETTERS = (
    "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü¿¡ºª", "àèéìíòóùú", "ãõáâàçéêíóôúü", "äëéèïöüó", "æøåéóü",
    "åäöé", "áðéíóúýþæö", "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű",
    "čćđšž", "ăâîşţșț", "çğıöşüâî", "ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž", "ëç",
)  # fmt: skip
_SIGNS = "‘’‚“”„«»‹›–—…•·€£§©®°™\xa0"
_FEW_LETTERS = 0.25
_MOST_UNREADABLE = 0.05


def decode_page(document: Document) -> str:
    """By byte order mark, HTTP header, `<meta>`, as UTF-8, else by detection.

    Raises UnreadableInput.
    """
    content = document.content
    meta = _META.search(content[:_HEAD_BYTES])
    declared = (meta[1] or meta[2]).decode() if meta else None
    return _NOT_IN_XML.sub(" ", decode(content, (document.charset, declared)))


def decode_text(document: Document) -> str:
    """As its charset says, else UTF-8, else by detection. Raises UnreadableInput."""
    text = decode(document.content, (document.charset,))
    if len(_NO_CHARACTER.findall(text)) > _MOST_UNREADABLE * len(text):
        raise UnreadableInput("is binary, or text in an unknown encoding: save it as UTF-8")
    return text


def decode(content: bytes, stated: Sequence[str | None]) -> str:
    """What cannot be read within it is U+FFFD, as a browser shows it. Raises UnreadableInput."""
    if not content.strip():
        raise UnreadableInput("is empty")
    bom = next((charset for mark, charset in _BOMS if content.startswith(mark)), None)
    if bom:
        return content.decode(bom, "replace")
    if b"\x00" in content:
        raise UnreadableInput("is binary, not text: convert it to text first")
    charsets = [charset for name in stated if (charset := _choose(content, name))]
    for charset in (*charsets, "utf-8"):
        try:
            return content.decode(charset)
        except UnicodeError:
            continue
    for charset in (*charsets, "utf-8"):
        if _is_mostly(content, charset):
            return content.decode(charset, "replace")
    return content.decode(_detect(content), "replace")


def _choose(content: bytes, name: str | None) -> str | None:
    """The charset of that name, or the one that is taken for it; None if text cannot be in it.

    A page whose declaration could be read is not UTF-16, whatever it says.
    """
    try:
        charset = codecs.lookup(name or "").name
    except (LookupError, ValueError):
        return None
    if not _OF_TEXT.fullmatch(charset):
        return None
    charset = _AS_BROWSERS_DO.get(charset, charset)
    # Every byte is a character of these: bytes that are UTF-8 refute them.
    if charset.startswith(("cp125", "iso8859")) and _is_mostly(content, "utf-8"):
        return "utf-8"
    return _OF_WINDOWS.get(charset, charset) if _NO_LETTERS_OF_ISO.search(content) else charset


def _is_mostly(content: bytes, charset: str) -> bool:
    """Whether no more than a letter in two, of those beyond ASCII, cannot be read: of another
    charset hardly any can."""
    text = content.decode(charset, "replace")
    bad = text.count("\ufffd")
    return 2 * bad <= sum(character > "\x7f" for character in text)


def _detect(content: bytes) -> str:
    """By the letters: of bytes that are not what they are said to be, or of which nothing is."""
    sample = _MARKUP.sub(b" ", content)[:_SAMPLE_BYTES]
    letters = re.findall(rb"[A-Za-z]", sample)
    others = re.findall(rb"[\x80-\xff]", sample)
    if len(others) <= _FEW_LETTERS * (len(letters) + len(others)):
        return max(_LATIN, key=lambda charset: _fitness(sample, charset))
    from charset_normalizer import from_bytes

    guess = from_bytes(sample, cp_isolation=[*_OTHERS, *_OF_TWO_BYTES]).best()
    return guess.encoding if guess else "cp1252"


def _fitness(sample: bytes, charset: str) -> float:
    """The share of its letters beyond a to z that the language that explains most of them has."""
    text = sample.decode(charset, "replace").casefold()
    strange = [character for character in text if character > "\x7f"]
    return max(
        sum(1 if c in letters or c in _SIGNS else -1 for c in strange) for letters in _LETTERS
    )
