"""Lines on pages, put together to paragraphs: what a layout has taken apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.date_phrases import is_date_line


@dataclass(frozen=True, slots=True)
class Line:
    """`size` is that of its letters, `height` where it stands on its page, from below."""

    text: str
    size: float
    height: float


_PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:page|seite|p\.)?\s*\d{1,4}(?:\s*(?:of|/|von)\s*\d{1,4})?[-–—|\s]*", re.I
)
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_HYPHENS = "-\u2010"
# Running heads stand in the outermost lines, and on at least half of the pages.
_OUTER_LINES = 2
_LEAST_PAGES = 2
_SHARE_OF_PAGES = 0.5
_SAME_SIZE = 1.08
_HEADLINE_SIZE = 1.15
_WIDE_GAP = 1.35
_SHORT_LINE = 0.75
_MOST_HEADLINE_WORDS = 40


def join_lines(pages: Sequence[Sequence[Line]]) -> list[str]:
    """The paragraphs of all pages in order, without running heads and page numbers."""
    kept = _drop_running(pages)
    lines = [line for page in kept for line in page]
    words = Counter(word.lower() for line in lines for word in _WORD.findall(line.text))
    return [_join(block, words) for block in _split_blocks(kept)]


def find_largest(pages: Sequence[Sequence[Line]]) -> str | None:
    """The headline: what is set larger on the first page than the text is."""
    kept = _drop_running(pages)
    first = next((page for page in kept if page), [])
    sizes = Counter[float]()
    for line in first:
        sizes[line.size] += len(line.text)
    if not sizes:
        return None
    largest = max(sizes)
    if largest < _HEADLINE_SIZE * sizes.most_common(1)[0][0]:
        return None
    start = next(i for i, line in enumerate(first) if line.size == largest)
    end = next((i for i in range(start, len(first)) if first[i].size != largest), len(first))
    headline = _join(first[start:end], Counter())
    return headline if 2 <= len(headline.split()) <= _MOST_HEADLINE_WORDS else None


def _drop_running(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Without what stands at the edge of page after page."""
    filled = sum(1 for page in pages if page)
    edges = Counter(mark for page in pages for mark in {_mark(line) for line in _edge(page)})
    running = {
        mark
        for mark, count in edges.items()
        if count >= max(_LEAST_PAGES, filled * _SHARE_OF_PAGES)
    }
    kept: list[list[Line]] = []
    for page in pages:
        edge = {id(line) for line in _edge(page)}
        kept.append(
            [
                line
                for line in page
                if id(line) not in edge
                or not (_mark(line) in running or _PAGE_NUMBER.fullmatch(line.text))
            ]
        )
    return kept


def _edge(page: Sequence[Line]) -> Sequence[Line]:
    return [*page[:_OUTER_LINES], *page[-_OUTER_LINES:]]


def _mark(line: Line) -> tuple[str, float]:
    """By its size too: a title page may name in large letters what the running head repeats."""
    return _DIGITS.sub("#", line.text).casefold(), line.size


def _split_blocks(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    lines = [line for page in pages for line in page]
    widths = _usual_widths(lines)
    leadings = [_leading(above, line) for page in pages for above, line in pairwise(page)]
    usual = median([leading for leading in leadings if leading > 0] or [0.0])
    blocks: list[list[Line]] = []
    for page in pages:
        for number, line in enumerate(page):
            if not blocks:
                ends = True
            elif number:
                above = page[number - 1]
                ends = _leading(above, line) > _WIDE_GAP * usual or _does_end(above, line, widths)
            else:
                ends = _does_end_with_page(blocks[-1][-1], line, widths)
            if ends:
                blocks.append([line])
            else:
                blocks[-1].append(line)
    return blocks


def _leading(above: Line, line: Line) -> float:
    """How far apart two lines are, for the size of their letters."""
    return (above.height - line.height) / max(above.size, line.size, 1.0)


def _usual_widths(lines: Sequence[Line]) -> dict[float, int]:
    """How many characters a full line has, for every size of letters."""
    lengths: dict[float, list[int]] = {}
    for line in lines:
        lengths.setdefault(line.size, []).append(len(line.text))
    return {size: sorted(each)[int(0.9 * (len(each) - 1))] for size, each in lengths.items()}


def _does_end(above: Line, line: Line, widths: dict[float, int]) -> bool:
    """Whether a paragraph ends between two lines that stand as close as lines do."""
    if max(above.size, line.size) > _SAME_SIZE * min(above.size, line.size):
        return True
    if is_date_line(above.text) or is_date_line(line.text):
        return True
    goes_on = line.text[:1].islower() or above.text[-1] in f"{_HYPHENS},"
    is_short = len(above.text) < _SHORT_LINE * widths[above.size]
    return is_short and (not goes_on or _ends_sentence(above))


def _does_end_with_page(above: Line, line: Line, widths: dict[float, int]) -> bool:
    is_new_sentence = _ends_sentence(above) and not line.text[:1].islower()
    return is_new_sentence or _does_end(above, line, widths)


def _ends_sentence(line: Line) -> bool:
    return _SENTENCE_END.search(line.text) is not None


def _join(lines: Sequence[Line], words: Counter[str]) -> str:
    joined = lines[0].text
    for line in lines[1:]:
        joined = _append(joined, line.text, words)
    return joined


def _append(text: str, line: str, words: Counter[str]) -> str:
    """A word that was hyphenated at the end of a line is whole again."""
    if text[-1] not in _HYPHENS or not text[-2:-1].isalpha() or not line[:1].islower():
        return f"{text} {line}"
    first = _WORD.findall(text)[-1].lower()
    second = _WORD.match(line)
    rest = second[0].lower() if second else ""
    # Each half is itself among the words once.
    is_compound = first + rest not in words and words[first] > 1 and words[rest] > 1
    return text + line if is_compound else text[:-1] + line
