"""What a reader of the page does not see: a place to hide instructions in.

Attributes and inline styles count always, except on `html` and `body`, which many pages hide
until a script shows them. Of the page's own style sheets only rules for one class or id count,
outside `@media`; and where such a rule merely switches something off, it counts only if no other
rule mentions the class and the element holds less than a third of the page's words: the rest is
what a script shows later. White text counts as hidden where no inline style gives it a ground.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Style = dict[str, str]

_HIDDEN_TAGS = ("template", "noscript", "script", "style", "dialog")
_SUSPECTS = (
    "//template|//noscript|//script|//style|//dialog[not(@open)]|//font[@color]|"
    "//*[@style or @hidden or @aria-hidden]|"
    "//*[contains(@class, 'hidden') or contains(@class, 'only') or contains(@class, 'reader') "
    "or contains(@class, 'invisible') or contains(@class, 'screen') or contains(@class, 'assist')]"
)
_HIDDEN_CLASS = re.compile(
    r"(?:^|\s)(?:sr-only(?:-focusable)?|(?:\w+-)?visually-?hidden(?:-focusable)?|"
    r"screen-?reader-(?:text|only)|a11y-hidden|element-invisible|assistive-text|off-?screen)(?=\s|$)",
    re.I,
)
_LENGTH = re.compile(r"(-?\d*\.?\d+(?:e[+-]?\d+)?)\s*(px|r?em|ex|ch|pt|pc|cm|mm|in|v[wh]|%)?", re.I)
_TINY = {"": 1, "px": 1, "pt": 1, "em": 0.1, "rem": 0.1, "ex": 0.1, "ch": 0.1, "%": 10}
_FAR = {"": 500, "px": 500, "pt": 500, "em": 40, "rem": 40, "ex": 80, "ch": 80, "%": 100}
_FAR_OTHERWISE = 100
_NO_AREA = re.compile(
    r"rect\((?:\s*[01](?:px)?[\s,)]+){4}|inset\(\s*(?:[5-9]\d|\d{3,})(?:\.\d+)?%|"
    r"circle\(\s*0|polygon\((?:\s*0(?:px|%)?[\s,)]+)+",
    re.I,
)
_SHRUNK = re.compile(r"scale(?:[xy]|3d)?\(\s*0?\.?0*\s*[,)]", re.I)
_MOVED = re.compile(r"translate(?:[xy]|3d)?\(([^)]*)\)", re.I)
_RGB = re.compile(r"(?:rgb|hsl)a?\(([^)]*)\)")
_COMMENT = re.compile(r"/\*(?:.*?\*/|.*)", re.S)
_BRACE = re.compile(r"[{}]")
_ONE_NAME = re.compile(r"\w*([.#][\w-]+)")
_NAME = re.compile(r"[.#][\w-]+")
_DROPPED = "unseen"
_SHARE_SHOWN_LATER = 1 / 3
_NAMED_COLORS = {"white": "ffffff", "black": "000000"}


def drop_unseen(page: HtmlElement) -> None:
    """Take out of the page what its readers do not see."""
    rules = _read_rules(page)
    _drop(page, [element for element in page.xpath(_SUSPECTS) if _is_unseen(element)])
    if rules:
        most = _SHARE_SHOWN_LATER * len(page.text_content())
        named = page.xpath("//*[@class or @id]")
        _drop(page, [element for element in named if _is_ruled_out(element, rules, most)])


def _drop(page: HtmlElement, elements: Iterable[HtmlElement]) -> None:
    """Without a word of Python for their texts: those may hold what XML forbids."""
    from lxml import etree

    for element in elements:
        if element.tag not in ("html", "body") and element.getparent() is not None:
            element.tag = _DROPPED
    etree.strip_elements(page, _DROPPED, with_tail=False)


def _is_unseen(element: HtmlElement) -> bool:
    attributes = element.attrib
    if element.tag in _HIDDEN_TAGS or "hidden" in attributes:
        return True
    if attributes.get("aria-hidden", "").strip().lower() == "true":
        return True
    if _HIDDEN_CLASS.search(attributes.get("class", "")):
        return True
    style = _read_style(attributes.get("style", ""))
    if element.tag == "font" and "color" in attributes:
        style.setdefault("color", attributes["color"].lower())
    return _switches_off(style) or _tricks(style) or _has_colour_of_ground(element, style)


def _read_style(declarations: str) -> Style:
    style: Style = {}
    for declaration in _COMMENT.sub("", declarations).split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            value = value.replace("!important", "").replace("! important", "")
            style[name.strip().lower()] = value.strip().lower()
    return style


def _switches_off(style: Style) -> bool:
    return (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("content-visibility") == "hidden"
        or _is_within(style.get("opacity"), {"": 0.05, "%": 5})
    )


def _tricks(style: Style) -> bool:
    """Text that is there, but too small to see, off the screen or cut away."""
    if _is_within(style.get("font-size"), _TINY) or style.get("font", "").startswith("0/"):
        return True
    if style.get("overflow", style.get("overflow-y")) in ("hidden", "clip") and any(
        _is_within(style.get(side), _TINY)
        for side in ("width", "height", "max-height", "max-width")
    ):
        return True
    if any(_NO_AREA.match(style.get(name, "")) for name in ("clip", "clip-path")):
        return True
    if _is_far(style.get("text-indent")) or any(
        _is_far(style.get(f"margin-{side}")) for side in ("left", "top")
    ):
        return True
    moved = _MOVED.search(style.get("transform", ""))
    if _SHRUNK.search(style.get("transform", "")) or (moved and _is_far_any(moved[1].split(","))):
        return True
    return style.get("position") in ("absolute", "fixed", "relative") and _is_far_any(
        style.get(side) for side in ("left", "top", "right", "bottom")
    )


def _is_within(value: str | None, limits: dict[str, float]) -> bool:
    length = _LENGTH.fullmatch(value or "")
    return length is not None and float(length[1]) <= limits.get(length[2] or "", 0)


def _is_far(value: str | None) -> bool:
    length = _LENGTH.fullmatch((value or "").strip())
    return length is not None and float(length[1]) <= -_FAR.get(length[2] or "", _FAR_OTHERWISE)


def _is_far_any(values: Iterable[str | None]) -> bool:
    return any(_is_far(value) for value in values)


def _has_colour_of_ground(element: HtmlElement, style: Style) -> bool:
    """Whether text has the colour of what it stands on: white, where nothing says otherwise."""
    stated = style.get("-webkit-text-fill-color") or style.get("color")
    if stated is None:
        return False
    colour, ground = _plain_colour(stated), _ground(style)
    if colour == "transparent":
        return True
    for above in element.iterancestors():
        if ground:
            break
        ground = _ground(_read_style(above.get("style", ""))) or above.get("bgcolor")
    return colour == _plain_colour(ground or "white")


def _ground(style: Style) -> str | None:
    if "background-image" in style:
        return style["background-image"]
    return style.get("background-color") or style.get("background")


def _plain_colour(colour: str) -> str:
    """Six digits, or `transparent`; else as it is written."""
    colour = _NAMED_COLORS.get(colour.strip().lower(), colour.strip().lower()).removeprefix("#")
    if parts := _RGB.fullmatch(colour):
        numbers = [part for part in re.split(r"[\s,/]+", parts[1].strip()) if part]
        if len(numbers) == 4 and _is_within(numbers[3], {"": 0.05, "%": 5}):
            return "transparent"
        if colour.startswith("rgb") and all(number.isdecimal() for number in numbers[:3]):
            return "".join(f"{min(int(number), 255):02x}" for number in numbers[:3])
    if len(colour) in (3, 4) and all(digit in "0123456789abcdef" for digit in colour):
        colour = "".join(2 * digit for digit in colour)
    if re.fullmatch(r"[0-9a-f]{6}00", colour):
        return "transparent"
    return colour[:6] if re.fullmatch(r"[0-9a-f]{8}", colour) else colour


def _read_rules(page: HtmlElement) -> dict[str, bool]:
    """Classes and ids that the page's own style sheets hide: whether by switching them off."""
    tricks: set[str] = set()
    off: set[str] = set()
    mentions: Counter[str] = Counter()
    for sheet in page.iter("style"):
        media = (sheet.get("media") or "all").strip().lower()
        for selectors, declarations, is_conditional in _split_sheet(sheet.text or ""):
            mentions.update(_NAME.findall(selectors))
            if is_conditional or media not in ("all", "screen"):
                continue
            simple = (_ONE_NAME.fullmatch(selector.strip()) for selector in selectors.split(","))
            if names := [found[1] for found in simple if found]:
                style = _read_style(declarations)
                tricks.update(names if _tricks(style) or _same_colours(style) else ())
                off.update(names if _switches_off(style) else ())
    only_off = {name for name in off - tricks if mentions[name] == 1}
    return dict.fromkeys(tricks, False) | dict.fromkeys(only_off, True)


def _split_sheet(sheet: str) -> Iterator[tuple[str, str, bool]]:
    """Selectors and declarations of every rule, and whether it stands in an `@` block."""
    outer: list[str] = []
    start = 0
    text = _COMMENT.sub("", sheet)
    for brace in _BRACE.finditer(text):
        piece = text[start : brace.start()]
        start = brace.end()
        if brace[0] == "{":
            outer.append(piece.rpartition(";")[2].strip())
        elif outer:
            selectors = outer.pop()
            if not selectors.startswith("@"):
                yield selectors, piece, bool(outer)


def _same_colours(style: Style) -> bool:
    colour, ground = style.get("color"), _ground(style)
    if colour is None:
        return False
    plain = _plain_colour(colour)
    return plain == "transparent" or (ground is not None and plain == _plain_colour(ground))


def _is_ruled_out(element: HtmlElement, rules: dict[str, bool], most: float) -> bool:
    names = [f".{name}" for name in element.get("class", "").split()]
    names.append(f"#{element.get('id')}")
    found = [rules[name] for name in names if name in rules]
    return bool(found) and (not all(found) or len(element.text_content()) < most)
