"""The characters that a web page's bytes stand for."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from ingest.documents import Document
from ingest.errors import UnreadableInput

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_META = re.compile(
    rb"<meta[^>]+?charset\s*=\s*[\"']?\s*([\w-]+)|^\s*<\?xml[^>]+?encoding=[\"']([\w-]+)", re.I
)
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD_BYTES = 4_096
_SAMPLE_BYTES = 20_000
# Browsers read the first as the second, and so do those who write pages.
_AS_BROWSERS_DO = {"iso8859-1": "cp1252", "ascii": "cp1252", "euc_kr": "cp949", "gb2312": "gbk"}
_NOT_OF_THE_WEB = re.compile(
    r"idna|punycode|(?:raw-)?unicode-escape|undefined|utf-(?:7|16|32)(?:-[bl]e)?"
)


def decode_page(document: Document) -> str:
    """By byte order mark, HTTP header, `<meta>`, as UTF-8, else by detection.

    Raises UnreadableInput.
    """
    content = document.content
    if not content.strip():
        raise UnreadableInput("is empty")
    bom = next((charset for mark, charset in _BOMS if content.startswith(mark)), None)
    if bom is None and b"\x00" in content:
        raise UnreadableInput("is binary, not text: convert it to text first")
    for charset in _charsets(content, bom, document.charset):
        try:
            return _NOT_IN_XML.sub(" ", content.decode(charset))
        except (UnicodeError, LookupError):
            continue
    return _NOT_IN_XML.sub(" ", content.decode("cp1252", "replace"))


def _charsets(content: bytes, bom: str | None, stated: str | None) -> Iterator[str]:
    if bom:
        yield bom
    meta = _META.search(content[:_HEAD_BYTES])
    declared = (meta[1] or meta[2]).decode() if meta else None
    for name in (stated, declared):
        charset = _known(name)
        # Every byte is a character of Windows-1252: bytes that are UTF-8 refute it.
        if charset == "cp1252":
            yield "utf-8"
        if charset:
            yield charset
    yield "utf-8"
    from charset_normalizer import from_bytes

    if guess := from_bytes(content[:_SAMPLE_BYTES]).best():
        yield guess.encoding


def _known(name: str | None) -> str | None:
    try:
        charset = codecs.lookup(name or "").name
    except (LookupError, ValueError):
        return None
    # A page whose declaration could be read is not UTF-16, whatever it says.
    return None if _NOT_OF_THE_WEB.fullmatch(charset) else _AS_BROWSERS_DO.get(charset, charset)
