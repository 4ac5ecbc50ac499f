"""Text in sections and blocks in messages, within Slack's limits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bot.slack.mrkdwn import size

Block = dict[str, Any]

# Slack takes 3,000 characters a section, 50 blocks a message, and of all blocks together about
# 13,200 (slackapi/bolt-js#2509). The rest is margin.
MOST_SECTION = 2_900
MOST_MESSAGE = 12_000
_MOST_BLOCKS = 45

# Behind the markers of a sentence, which stand before its full stop (`citations.cite`).
_SENTENCE_END = re.compile(r"(?<=\])([.!?…]+[\"'”’»)\]]*) ")
_WORD_END = re.compile(r" |(?<=\S)(?=\[\d+\])")


def split_sentences(text: str) -> list[str]:
    """The sentences of an answer, without the spaces between them."""
    ends = [match.end(1) for match in _SENTENCE_END.finditer(text)]
    starts = [0, *(end + 1 for end in ends)]
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True)]


def fill_parts(
    text: str, render: Callable[[str], str], most: int, enough: int | None = None
) -> list[str]:
    """The text in parts of which each comes to at most so many characters when it is rendered:
    whole sentences, where one is too long whole words and markers, where a word is too long pieces
    of it. A part that has `enough` takes no further sentence."""
    parts: list[str] = []
    room = 0
    for sentence in split_sentences(text):
        for piece in _break_up(sentence, render, most):
            length = size(render(piece)) + 1
            if parts and length <= room:
                parts[-1] += f" {piece}"
            else:
                parts.append(piece)
                room = most if enough is None else enough
            room -= length
    return parts


def fill_lines(lines: Iterable[str], most: int = MOST_SECTION) -> list[str]:
    """Lines, each within the limit, in as few parts as they come to."""
    parts: list[str] = []
    for line in lines:
        if parts and size(parts[-1]) + 1 + size(line) <= most:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts


def fill_messages(
    blocks: Iterable[Block], last: Sequence[Block], taken: int = 0
) -> list[list[Block]]:
    """The blocks, in order, in as many messages as it takes; the `last` stay together at the end.

    `taken` is what the first message holds already.
    """
    most = MOST_MESSAGE - measure(last)
    pages: list[list[Block]] = [[]]
    for block in blocks:
        held = measure(pages[-1]) + (taken if len(pages) == 1 else 0)
        full = held + measure([block]) > most or len(pages[-1]) + len(last) >= _MOST_BLOCKS
        if full and (pages[-1] or taken):
            pages.append([])
        pages[-1].append(block)
    pages[-1].extend(last)
    return pages


def measure(blocks: Sequence[Block]) -> int:
    """Characters as sent."""
    return sum(size(json.dumps(block, ensure_ascii=False)) + 2 for block in blocks)


def _break_up(sentence: str, render: Callable[[str], str], most: int) -> Iterator[str]:
    """The sentence whole where it fits; else as many of its words as fit at a time."""
    while size(render(sentence)) > most:
        ends = [match.start() for match in _WORD_END.finditer(sentence)]
        cut = _find_cut(sentence, ends, render, most)
        yield sentence[:cut]
        sentence = sentence[cut:].lstrip(" ")
    if sentence:
        yield sentence


def _find_cut(sentence: str, ends: Sequence[int], render: Callable[[str], str], most: int) -> int:
    """The last of the ends before which the sentence fits; in the first word if none is."""
    fitting = _last_fitting(ends, lambda end: size(render(sentence[:end])) <= most)
    if fitting:
        return fitting
    within = range(1, ends[0] if ends and ends[0] else len(sentence))
    return _last_fitting(within, lambda end: size(render(sentence[:end])) <= most) or 1


def _last_fitting(ends: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    """By halving: what fits grows with the end."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if fits(ends[middle]):
            low = middle + 1
        else:
            high = middle
    return ends[low - 1] if low else None
