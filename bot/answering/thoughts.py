"""Tell what a model answers from what it thinks before: no list of models, or of names for
thoughts. Whatever is wrapped in tags or special tokens in front of an answer is thought; a wrapping
that is named for the answer holds the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from bot.answering.markers import read_tagged
from bot.answering.prompt import DECLINED

# `said` stands outside every wrapping; `ended` and `unopened` too, before an end without a
# beginning: of a special token, which may end the draft, and of a tag, which ends a thought.
Kind = Literal["said", "answer", "ended", "unopened"]

_NAME = r"[A-Za-z][\w:.-]{0,60}"
_CHANNELS = ("analysis", "commentary", "final")
_CHANNEL = "|".join(_CHANNELS)
_MARK = re.compile(
    rf"""
    # The channels of gpt-oss, and what is left of them where a server drops special tokens.
    (?:
        (?:<\|start\|>\s*\w*\s*)?<\|channel\|>\s*(?P<channel>\w+)(?:(?!<\|message\|>).){{0,200}}
        | \A\s*(?P<bare>{_CHANNEL})\s*
    )<\|message\|>
    | (?:\A\s*assistant|assistant(?:\s*\n\s*)?)(?P<glued>{_CHANNEL})(?![a-z])
    | \A\s*(?P<first>{_CHANNEL})(?=[^\W\d_a-z]|\s*\n)
    # <|im_start|>assistant, <|start_header_id|>assistant<|end_header_id|>
    | <\|\w+\|>\s*(?P<role>assistant)\b\s*(?:<\|end\w*\|>)?
    | (?P<token><[|｜][^<>|｜\n]{{1,60}}[|｜]?>|<[^<>|｜\n]{{1,60}}[|｜]>)
    | (?P<tag>[<◁＜]/?{_NAME}(?:\s+\w+)?(?:\s+[\w-]+=[^<>▷＞\n]{{0,200}})?\s*[>▷＞])
    | (?P<bracket>(?P<start>\A\s*)?\[/?{_NAME}\])
    """,
    re.X | re.S,
)
# Where one may begin: looked for first, since a draft is read with every piece.
_START = re.compile(r"[<◁＜\[]|assistant|\A")
_BRACKET_END = re.compile(rf"\[/({_NAME})\]")
# What may become such a mark with the next piece.
_LONGEST = 300
_BEGUN = re.compile(rf"(?:[<◁＜][^<>▷＞\n]*|assistant\s*(?:{_CHANNEL})?)\Z")
_BRACKET_BEGUN = re.compile(r"\s*\[[A-Z_]*")
_ENDS = frozenset({"end", "eot", "eos", "eom", "return", "call", "stop", "suffix"})
_ANSWER = re.compile(r"(?:answer|final|response|reply|solution|output|result|assistant|box)\Z")
# Markup that formats what it wraps.
_FORMATS = frozenset(
    """
    a b big blockquote br center code dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i iframe img
    ins li mark ol p pre q s script small span strong strike table tbody td th thead tr tt u ul
    """.split()  # noqa: SIM905 - a word list is read as one
)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Special tokens are of no pairs: each ends whatever is open."""

    name: str
    closes: bool
    is_token: bool


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: Kind
    # Text of one wrapping is one block.
    block: int
    text: str


def without_thoughts(draft: str) -> str:
    """The answer: what its own wrapping holds last, or what stands behind every other one."""
    blocks = _blocks(_segments(read_tagged(draft)))
    for kinds in (("answer",), ("said",), ("ended",)):
        if texts := [text for kind, text in blocks if kind in kinds and text.strip()]:
            return texts[-1] if kinds == ("answer",) else "".join(texts)
    return ""


def without_thoughts_so_far(draft: str) -> str:
    """The same of a draft that is being written: longer with every piece, so that a thought whose
    beginning is not marked is in it."""
    begun = _BEGUN.search(draft, max(len(draft) - _LONGEST, 0))
    settled = draft if begun is None else draft[: begun.start()]
    names = (*_CHANNELS, "assistant")
    if _BRACKET_BEGUN.fullmatch(settled) or any(each.startswith(settled.strip()) for each in names):
        return ""
    return "".join(segment.text for segment in _segments(read_tagged(settled)))


def _blocks(segments: list[_Segment]) -> list[tuple[Kind, str]]:
    return [
        (kind, "".join(segment.text for segment in group))
        for (kind, _), group in groupby(segments, lambda segment: (segment.kind, segment.block))
    ]


def _segments(draft: str) -> list[_Segment]:
    """What is not wrapped, or in a wrapping for the answer."""
    found: list[_Segment] = []
    opened: list[_Mark] = []
    position = block = 0
    closed = {name.casefold() for name in _BRACKET_END.findall(draft)}
    for start in _START.finditer(draft):
        match = _MARK.match(draft, start.start()) if start.start() >= position else None
        mark = None if match is None else _read_mark(match, closed)
        if match is None or mark is None:
            continue
        found += _say(opened, block, draft[position : match.start()])
        position = match.end()
        names = [each.name for each in opened]
        if not mark.closes:
            opened = [*([] if mark.is_token else opened), mark]
            block += len(opened) == 1
        elif mark.is_token and opened:
            opened = []
        elif mark.name in names:
            opened = opened[: names.index(mark.name)]
        else:
            found = [_end(segment, mark) for segment in found]
            opened = []
    return [*found, *_say(opened, block, draft[position:])]


def _say(opened: list[_Mark], block: int, text: str) -> Iterator[_Segment]:
    if not opened:
        yield _Segment("said", 0, text)
    elif all(_ANSWER.search(mark.name) for mark in opened):
        yield _Segment("answer", block, text)


def _end(segment: _Segment, mark: _Mark) -> _Segment:
    """What stands before an end that nothing began: a server may give the model its first tag."""
    if mark.is_token and segment.kind == "answer":
        return segment
    return _Segment("ended" if mark.is_token else "unopened", segment.block, segment.text)


def _read_mark(match: re.Match[str], closed: set[str]) -> _Mark | None:
    """None of what formats a text; `closed` are the names that stand in brackets with a slash."""
    for group in ("channel", "bare", "glued", "first", "role"):
        if match[group]:
            return _Mark(match[group].casefold(), closes=False, is_token=True)
    written = match.group().strip()
    inner = written.strip("<>|｜◁▷＜＞[]").strip()
    parts = re.findall(r"[^\W_]+", inner.casefold())
    if not parts or inner.endswith("/") or inner == DECLINED:
        return None
    if match["tag"] and parts[0] in _FORMATS:
        return None
    is_end = parts[0].startswith("end") or not _ENDS.isdisjoint((parts[0], parts[-1]))
    if match["token"]:
        half = written[-2] in "|｜" and written[1] not in "|｜"
        return _Mark("_".join(parts), inner.startswith("/") or is_end or half, is_token=True)
    name = inner.lstrip("/").split()[0].casefold()
    begins = match["start"] is not None and inner.isupper()
    if match["bracket"] and name not in closed and not begins:
        return None
    return _Mark(name, inner.startswith("/"), is_token=False)
