"""Marked-up text that holds an article and nothing else: no page around it to tell it from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.cleaning import clean_characters
from ingest.extraction.wrapped_lines import clean_lines, join_wrapped
from ingest.pages.tables import write_rows
from ingest.pages.visibility import drop_unseen

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|label|mark|q|s|samp|"
    "small|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
_SPACES = re.compile(r"\s+")
_NO_TEXT = (
    "//head|//title|//iframe|//object|//svg|//select|//textarea|//button|//nav|//footer|//figure"
)


def read_paragraphs(markup: str, *, without: str = "", keep_lines: bool = False) -> list[str]:
    """The paragraphs that a reader sees, in order.

    `without` is an XPath of what to leave out besides; `keep_lines` is for plain text with a tag
    here and there, whose lines tell where a paragraph begins.
    """
    from lxml import etree, html

    # lxml refuses text with a declaration of its encoding, and characters that XML has not.
    content = ("\n".join(clean_lines(markup)) if keep_lines else clean_characters(markup)).encode()
    try:
        page = html.document_fromstring(content, parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, ValueError):
        return []
    drop_unseen(page)
    write_rows(page)
    left_out = {*page.xpath(f"{_NO_TEXT}|{without}" if without else _NO_TEXT)}
    return [
        paragraph
        for block in _read_blocks(page, left_out, keep_lines=keep_lines)
        for paragraph in (join_wrapped(block) if "\n" in block else [" ".join(block.split())])
        if paragraph
    ]


def _read_blocks(
    page: HtmlElement, left_out: set[HtmlElement], *, keep_lines: bool
) -> Iterator[str]:
    """What stands apart, with line ends where a reader sees them."""
    from lxml import etree

    block: list[str] = []
    preformatted = int(keep_lines)
    walk = etree.iterwalk(page, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start" and element in left_out:
            walk.skip_subtree()
            continue
        if event in ("start", "end"):
            preformatted += (element.tag == "pre") * (1 if event == "start" else -1)
            if element.tag == "br":
                block += ["\n"] * (event == "start")
            elif not _INLINE.fullmatch(element.tag):
                yield "".join(block)
                block = []
        text = (element.text if event == "start" else element.tail) or ""
        if not preformatted:
            text = _SPACES.sub(" ", text.lstrip() if block[-1:] == ["\n"] else text)
        if text:
            block.append(text)
    yield "".join(block)
