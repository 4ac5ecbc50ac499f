"""Columns of a page that is written line by line across them, told by where pieces begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line: where it begins from the left, and how high it stands."""

    text: str
    size: float
    height: float
    left: float


_Row = Sequence[Piece]
_LEAST_ROWS = 3
# Text set in columns has lines of many letters; cells of tables are short.
_LEAST_CHARACTERS = 18
_SAME_PLACE = 3.0
_LETTER_WIDTH = 0.4
_WIDE_LETTER = 0.55
_WIDEST_LEADING = 1.6
_SHARE_OF_ROWS = 0.6


def order_columns(rows: Sequence[_Row]) -> list[list[Piece]]:
    """The same lines; where several stand beside each other, one column after the other."""
    starts = _find_starts(rows)
    if not starts:
        return [list(row) for row in rows]
    ordered: list[list[Piece]] = []
    for is_set, band in groupby(_mark(rows, starts), lambda marked: marked[0]):
        if not is_set:
            ordered.extend(list(row) for _, row in band)
            continue
        cut = [_cut(row, starts) for _, row in band]
        for column in range(len(starts) + 1):
            ordered.extend(row[column] for row in cut if row[column])
    return ordered


def _mark(rows: Sequence[_Row], starts: Sequence[float]) -> Iterator[tuple[bool, _Row]]:
    """Each row with whether it stands in columns: also one that goes on with the first of them,
    below where the others end."""
    above: _Row = ()
    for row in rows:
        goes_on = (
            bool(above)
            and row[0].size == above[0].size
            and 0 < above[0].height - row[0].height <= _WIDEST_LEADING * row[0].size
            and _end(row) < starts[0]
        )
        is_set = _spans(row, starts) or goes_on
        yield is_set, row
        above = row if is_set else ()


def _end(row: _Row) -> float:
    """About where a row ends, which few letters are wide enough to do later."""
    return row[0].left + _WIDE_LETTER * row[0].size * sum(len(piece.text) for piece in row)


def _find_starts(rows: Sequence[_Row]) -> list[float]:
    """Where columns after the first begin: in most of the rows that have more than one piece."""
    lefts = [piece.left for row in rows for piece in _read_later(row)]
    starts: list[float] = []
    several = sum(1 for row in rows if _read_later(row))
    for place in sorted(set(lefts)):
        count = sum(abs(left - place) <= _SAME_PLACE for left in lefts)
        near = bool(starts) and place - starts[-1] <= 2 * _SAME_PLACE
        if not near and count >= max(_LEAST_ROWS, _SHARE_OF_ROWS * several):
            starts.append(place)
    return starts if starts and _is_text(rows, starts) else []


def _read_later(row: _Row) -> list[Piece]:
    """Pieces that do not go on where the one before may end."""
    later: list[Piece] = []
    for before, piece in pairwise(row):
        least = before.left + _LETTER_WIDTH * before.size * len(before.text.strip())
        if piece.text.strip() and piece.left > least and piece.left > row[0].left + _SAME_PLACE:
            later.append(piece)
    return later


def _is_text(rows: Sequence[_Row], starts: Sequence[float]) -> bool:
    cut = [_cut(row, starts) for row in rows if _spans(row, starts)]
    columns = [
        [len("".join(p.text for p in row[column]).strip()) for row in cut if row[column]]
        for column in range(len(starts) + 1)
    ]
    return all(column and median(column) >= _LEAST_CHARACTERS for column in columns)


def _spans(row: _Row, starts: Sequence[float]) -> bool:
    """Whether a row stands in columns: has a piece at a start, and none across one."""
    return any(_is_at(piece, start) for piece in row for start in starts)


def _is_at(piece: Piece, start: float) -> bool:
    return abs(piece.left - start) <= _SAME_PLACE


def _cut(row: _Row, starts: Sequence[float]) -> list[list[Piece]]:
    columns: list[list[Piece]] = [[] for _ in range(len(starts) + 1)]
    for piece in row:
        number = sum(piece.left >= start - _SAME_PLACE for start in starts)
        columns[number].append(piece)
    return columns
