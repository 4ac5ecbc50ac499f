"""What a page shows though it stands hidden in it: its own script puts it in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# React's: `$RC("B:0","S:0")` puts a part that is done in the place of what waited for it, and
# `$RS("S:1","P:1")` a part of that into it.
_MOVE = re.compile(r"\$R([CSR])\(\s*[\"']([\w:-]+)[\"']\s*,\s*[\"']([\w:-]+)[\"']")
_END = re.compile(r"\s*/\$|\s*/&")


def complete_page(page: HtmlElement) -> None:
    """`page` has its comments still: they say where what waits begins and ends."""
    for script in page.xpath("//script[contains(text(), '$R')]"):
        for kind, first, second in _MOVE.findall(script.text or ""):
            place, part = (second, first) if kind == "S" else (first, second)
            _move(page, place, part, is_boundary=kind != "S")
    # A shadow root is shown; any other template is not.
    for template in page.xpath("//template[@shadowrootmode or @shadowroot]"):
        template.tag = "div"


def _move(page: HtmlElement, place: str, part: str, *, is_boundary: bool) -> None:
    places, parts = page.xpath("//*[@id=$id]", id=place), page.xpath("//*[@id=$id]", id=part)
    if not places or not parts or parts[0] in places[0].iterancestors():
        return
    waiting, done = places[0], parts[0]
    if is_boundary:
        _drop_fallback(waiting)
    done.tag = "div"
    done.attrib.pop("hidden", None)
    done.drop_tree()
    waiting.addprevious(done)
    waiting.drop_tree()


def _drop_fallback(waiting: HtmlElement) -> None:
    """What was shown meanwhile: up to the comment that ends it."""
    following = list(waiting.itersiblings())
    end = next(
        (
            number
            for number, element in enumerate(following)
            if not isinstance(element.tag, str) and _END.match(element.text or "")
        ),
        None,
    )
    for element in following[: end or 0]:
        element.drop_tree()
    if end is not None:
        waiting.tail = None
