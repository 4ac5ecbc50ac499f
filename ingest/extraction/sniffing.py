"""Tell a format by its first bytes, where neither a name nor a server says it."""

from __future__ import annotations

import json
import re
import zlib

_HEAD_BYTES = 2_000
# Possessive, so that no text of half-open brackets takes long.
_ROOT = re.compile(
    rb"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?>\[.*?\]\s*)?>)*+<(?:[\w.-]+:)?([\w.-]+)",
    re.I | re.S,
)
_XML_ROOTS = (
    "rss",
    "rdf",
    "feed",
    "urlset",
    "sitemapindex",
    "newsmessage",
    "newsitem",
    "packageitem",
    "nitf",
)
# The first file in a zip file made by an office program.
_OFFICE = re.compile(rb"PK\x03\x04.{26}(?:\[Content_Types\]|_rels/|word/|docProps/)", re.S)
_JSON = re.compile(rb"\{\s*[\"}]|\[\s*\{")
# Nearly JSON: in a call, behind a guard, as a program writes it. Refused as what it is not quite;
# read as a page, its embargo would be one of its words.
_NEARLY_JSON = re.compile(
    rb"\)\]\}'|(?:(?:var|let|const)\s+)?[\w.$]+\s*[(=]\s*(?:\{\s*[\w\"'}]|\[\s*\{)|"
    rb"\{\s*(?:'[\w-]+'|\w+)\s*:\s*[\[{'\"]|\[\s*\{"
)
# An object that ends on its line, and another below.
_LINES = re.compile(rb"\s*\{[^\n]*\}[ \t\r]*\n\s*\{")
_FIELDS = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
_SENDER = re.compile(rb"^from:", re.I | re.M)
_MESSAGE_FIELD = re.compile(
    rb"^(date|delivered-to|message-id|mime-version|received|return-path|subject|to):", re.I | re.M
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|p|div)\b", re.I)


def sniff_format(content: bytes, content_type: str = "") -> str | None:
    """The suffix in `FORMATS`, or None where the bytes do not tell.

    What a server calls JSON is JSON; other types are put on whatever is sent.
    """
    if suffix := _sniff_binary(content):
        return suffix
    head = _read_head(content)
    if suffix := sniff_wire(content):
        return suffix
    if content_type.endswith("json") and not head.startswith(b"<"):
        return ".json"
    if _is_message(head):
        return ".eml"
    if head.startswith(b"<?xml") and find_root(head) != "html":
        return ".xml"
    return ".html" if _HTML.search(head) else None


def sniff_wire(content: bytes) -> str | None:
    """What states who may use it and when, whatever it is called: JSON and the XML of agencies.

    Both are told before anything that may stand in them.
    """
    head = _read_head(content)
    if find_root(head) in _XML_ROOTS:
        return ".xml"
    if _NEARLY_JSON.match(head):
        return ".json"
    if not _JSON.match(head) and not (head[:1] in (b"[", b'"') and _is_json(content)):
        return None
    return ".jsonl" if _LINES.match(content) else ".json"


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def _read_head(content: bytes) -> bytes:
    head = content[:_HEAD_BYTES]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _sniff_binary(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return ".pdf"
    if content.startswith(b"PK\x03\x04"):
        return ".docx" if _OFFICE.match(content) and b"word/document.xml" in content else ".zip"
    if content.startswith(b"WARC/"):
        return ".warc"
    if content.startswith(b"\x1f\x8b"):
        try:
            unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content[:_HEAD_BYTES], 5)
        except zlib.error:
            return None
        return ".warc.gz" if unpacked == b"WARC/" else None
    return None


def _is_message(head: bytes) -> bool:
    """Whether it begins with the header fields that every e-mail has."""
    fields = _FIELDS.match(head)
    if fields is None or not _SENDER.search(fields[0]):
        return False
    return len({name.lower() for name in _MESSAGE_FIELD.findall(fields[0])}) >= 2


def find_root(content: bytes) -> str | None:
    """The name of the first element, without its namespace and in lower case."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", "ignore").encode()
    root = _ROOT.match(content.removeprefix(b"\xef\xbb\xbf"))
    return root[1].decode("utf-8", "replace").lower() if root else None
