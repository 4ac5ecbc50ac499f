"""Lines that were broken at a fixed width, as teleprinters did and agencies do, put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.cleaning import clean_characters

_NARROWEST, _WIDEST = 40, 140
_SENTENCE_END = re.compile(r"[.!?…:。！？][\"'”’»)\]]*$")
_COLUMNS = re.compile(r"\S(?:\s{2,}|\t)\S")
_WORDS = re.compile(r"\w")


def join_wrapped(text: str) -> list[str]:
    """The paragraphs of plain text: each of its lines, unless these are lines of one width that
    go on with what the one before began."""
    lines = clean_lines(text)
    width = None if _is_table(text) else _find_width(lines)
    paragraphs: list[list[str]] = []
    above = ""
    for line in lines:
        if line and above and width and _goes_on(above, line, width):
            paragraphs[-1].append(line.lstrip())
        elif line:
            paragraphs.append([line.lstrip()])
        above = line
    return [" ".join(paragraph) for paragraph in paragraphs]


def clean_lines(text: str) -> list[str]:
    """Cleaned, but for what a line is indented by."""
    lines = ((line, clean_characters(line)) for line in text.expandtabs(4).splitlines())
    return [f"{' ' * _indent(line)}{cleaned}" if cleaned else "" for line, cleaned in lines]


def _is_table(text: str) -> bool:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return 2 * sum(bool(_COLUMNS.search(line)) for line in lines) > len(lines)


def _find_width(lines: Sequence[str]) -> int | None:
    """The width that the lines were broken at, if they were."""
    breaks = [
        (above, line)
        for above, line in pairwise(lines)
        if above and line and _indent(line) <= _indent(above)
    ]
    going_on = [each for each in breaks if not _ends_sentence(each[0])]
    width = max((len(above) for above, _ in going_on), default=0)
    full = sum(_is_full(above, line, width) for above, line in going_on)
    is_wrapped = (
        _NARROWEST <= width <= _WIDEST
        and 2 * len(going_on) >= len(breaks)
        and 4 * full >= 3 * len(going_on)
    )
    return width if is_wrapped else None


def _goes_on(above: str, line: str, width: int) -> bool:
    """An indented line begins a paragraph, and a short one ends it."""
    return (
        _indent(line) <= _indent(above)
        and _is_full(above, line, width)
        and all(_WORDS.search(each) for each in (above, line))
    )


def _is_full(above: str, line: str, width: int) -> bool:
    """Whether the first word of the line below had no more room in the one above."""
    return len(above) + 1 + len(line.split(maxsplit=1)[0]) > width


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _ends_sentence(line: str) -> bool:
    return _SENTENCE_END.search(line) is not None
