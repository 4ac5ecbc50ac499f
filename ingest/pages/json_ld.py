"""What a page says of itself in JSON-LD, well-formed or nearly so."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Node = dict[str, Any]

# schema.org's Article and everything below it.
_ARTICLE = re.compile(
    r"\w*Article|Report|APIReference|(?:SocialMedia|Blog|LiveBlog|DiscussionForum)Posting", re.I
)
_WEB_PAGE = re.compile(r"\w*WebPage", re.I)
_WRAPPING = re.compile(r"^\s*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?)|(?:-->|\]\]>)[\s*/]*$")
_STRING = r'"(?:[^"\\]|\\.)*"'
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])", re.S)
_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"([^"]{1,80})"')
# Facts that no stray quotation mark can be in.
_DATES = re.compile(r'"(datePublished|dateModified)"\s*:\s*"([^"]{8,40})"')
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class LinkedFacts:
    """The page's nodes in the order they stand in; `@id` leads from one to another."""

    nodes: tuple[Node, ...]

    @property
    def articles(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if _has_type(node, _ARTICLE))

    @property
    def web_pages(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if _has_type(node, _WEB_PAGE))

    def follow(self, value: object) -> object:
        """What a reference stands for, where the page says it."""
        if not isinstance(value, dict) or "name" in value or "@id" not in value:
            return value
        named = (n for n in self.nodes if n.get("@id") == value["@id"] and "name" in n)
        return next(named, value)


def read_json_ld(page: HtmlElement) -> LinkedFacts:
    nodes: list[Node] = []
    for script in page.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            for described in _parse(script.text):
                nodes.extend(_walk(described, _DEEPEST))
    return LinkedFacts(tuple(nodes))


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _has_type(node: Node, kinds: re.Pattern[str]) -> bool:
    """Whether `@type` names one of the kinds, with or without `https://schema.org/`."""
    return any(
        isinstance(kind, str) and kinds.fullmatch(re.split(r"[/:#]", kind)[-1]) is not None
        for kind in as_list(node.get("@type"))
    )


def _walk(described: object, deepest: int) -> Iterator[Node]:
    if deepest == 0:
        return
    for node in as_list(described):
        if isinstance(node, dict):
            yield node
            yield from _walk(node.get("@graph"), deepest - 1)
            yield from _walk(node.get("mainEntity"), deepest - 1)
        elif isinstance(node, list):
            yield from _walk(node, deepest - 1)


def _parse(text: str) -> Iterator[object]:
    """As it stands, else mended, else the little that can be picked out of it."""
    for attempt in (text, _mend(text), _mend(html.unescape(text))):
        try:
            yield json.loads(attempt, strict=False)
        except ValueError:
            continue
        except RecursionError:
            return
        return
    kinds = _TYPE.findall(text)
    if kinds:
        picked: Node = {"@type": kinds}
        for key, value in _DATES.findall(text):
            picked.setdefault(key, value)
        yield picked


def _mend(text: str) -> str:
    """Without the comment around it, a last comma, a semicolon at the end."""
    bare = _WRAPPING.sub("", _WRAPPING.sub("", text)).strip().rstrip(";")
    return _TRAILING_COMMA.sub(lambda found: found[1] or "", bare)
