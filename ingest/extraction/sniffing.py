"""Tell a format by its first bytes, where neither a name nor a server says it."""

from __future__ import annotations

import re

_HEAD_BYTES = 2_000
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|p|div)\b", re.I)


def sniff_format(content: bytes) -> str | None:
    """The suffix in `FORMATS`, or None where the bytes do not tell."""
    head = content[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.search(head):
        return ".html"
    if head[:1] == b"{":
        return ".jsonl"
    return None
