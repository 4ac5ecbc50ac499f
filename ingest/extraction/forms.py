"""The forms that the body of a wire's item comes in, and which of them is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.errors import UnreadableInput
from ingest.extraction.markup import read_paragraphs
from ingest.extraction.nitf import read_nitf_paragraphs
from ingest.extraction.sniffing import find_root
from ingest.extraction.strict_xml import parse_xml
from ingest.extraction.wrapped_lines import join_wrapped

_MARKUP = re.compile(r"<(?:p|div|section|article|br|h[1-6]|ul|ol|table|pre|blockquote)\b", re.I)
_PARAGRAPHS = ("p", "para", "paragraph")
_BODIES = ("body", "bodytext", "content", "text", "story")
# How much fuller another form is to be than the one that is made for readers: that is a summary.
_FULLER = 2


@dataclass(frozen=True, slots=True)
class Form:
    """`content_type` is as it is stated, or empty."""

    content: str
    content_type: str = ""


def read_fullest(forms: Iterable[Form]) -> list[str]:
    """The paragraphs of the form for readers: marked up, else plain. XML that only its vendor
    knows, where what is text cannot be told for sure, counts where there is nothing else."""
    from lxml.html import defs

    marked_up: list[list[str]] = [[]]
    plain: list[list[str]] = [[]]
    vendors: list[list[str]] = [[]]
    for form in forms:
        if not _may_be_text(form):
            continue
        root = find_root(form.content.lstrip()[:2_000].encode("utf-8", "ignore"))
        if root == "nitf":
            marked_up.append(_read_xml(form.content, is_nitf=True))
        elif root and root not in defs.tags:
            vendors.append(_read_xml(form.content, is_nitf=False))
        elif not _MARKUP.search(form.content):
            plain.append(join_wrapped(form.content))
        else:
            is_plain = form.content_type.startswith("text/plain")
            marked_up.append(read_paragraphs(form.content, keep_lines=is_plain))
    best, other, last = (max(each, key=_count_words) for each in (marked_up, plain, vendors))
    if _count_words(other) > _FULLER * _count_words(best):
        best = other
    return best or last


def _may_be_text(form: Form) -> bool:
    """Not what is written for a program: RTF, JSON, a picture as letters."""
    kind = form.content_type.partition(";")[0].strip().lower()
    named = kind.rpartition("/")[2]
    return (
        not kind
        or "html" in kind
        or named in ("xml", "plain", "text")
        or named.endswith("+xml")
        or (kind.startswith("text/") and named not in ("rtf", "richtext", "json"))
        or "/" not in kind
    )


def _read_xml(content: str, *, is_nitf: bool) -> list[str]:
    try:
        root = parse_xml(content.strip().encode())
    except UnreadableInput:
        return []
    if is_nitf:
        return read_nitf_paragraphs(root)
    for names in (_PARAGRAPHS, _BODIES):
        found = [each for each in root.iter("{*}*") if each.tag.lower() in names]
        if found:
            texts = ["".join(each.itertext()) for each in found]
            return [line for text in texts for line in join_wrapped(text)]
    return []


def _count_words(paragraphs: list[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)
