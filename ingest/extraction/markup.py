"""Marked-up text that holds an article and nothing else: no page around it to tell it from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.cleaning import clean_characters
from ingest.pages.tables import write_rows
from ingest.pages.visibility import drop_unseen

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|label|mark|q|s|samp|"
    "small|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
_NO_TEXT = (
    "//head|//title|//iframe|//object|//svg|//select|//textarea|//button|//nav|//footer|//figure"
)


def read_paragraphs(markup: str, *, without: str = "") -> list[str]:
    """The paragraphs that a reader sees, in order.

    `without` is an XPath of what to leave out besides.
    """
    from lxml import etree, html

    # lxml refuses text with a declaration of its encoding, and characters that XML has not.
    content = clean_characters(markup).encode()
    try:
        page = html.document_fromstring(content, parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, ValueError):
        return []
    drop_unseen(page)
    write_rows(page)
    return _read_blocks(page, {*page.xpath(f"{_NO_TEXT}|{without}" if without else _NO_TEXT)})


def _read_blocks(page: HtmlElement, left_out: set[HtmlElement]) -> list[str]:
    from lxml import etree

    blocks: list[list[str]] = [[]]
    walk = etree.iterwalk(page, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start" and element in left_out:
            walk.skip_subtree()
            continue
        if event in ("start", "end") and not _INLINE.fullmatch(element.tag):
            blocks.append([])
        blocks[-1].append((element.text if event == "start" else element.tail) or "")
    joined = (" ".join("".join(block).split()) for block in blocks)
    return [block for block in joined if block]
