"""Tables as rows of text: each says on its own what its cells are of, so that it can be quoted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ingest.cleaning import clean_name, count_words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Row = tuple[str, ...]

_BLOCKS = "p|div|ul|ol|h1|h2|h3|h4|table|article|section|form"
_MOST_CELL_WORDS = 40
_MOST_SPAN = 20


def write_rows(page: HtmlElement) -> None:
    """Put a paragraph for every row in the place of each table that holds facts.

    A table that arranges a page has blocks of text in its cells and stays.
    """
    from lxml import html

    for table in list(page.iter("table")):
        if _is_layout(table) or table.getparent() is None:
            continue
        caption = clean_name(" ".join(text for text in table.xpath("./caption//text()")))
        rows, has_heads = _read_rows(table)
        lines = [*([caption] if caption else []), *render_rows(rows, has_heads)]
        written = html.Element("div")
        for line in lines:
            html.etree.SubElement(written, "p").text = line
        written.tail = table.tail
        table.getparent().replace(table, written)


def render_rows(rows: Sequence[Row], has_heads: bool | None = None) -> list[str]:
    """`Item: Breakwater; Million kroner: 63` where the first row names the columns, else the
    cells, `Breakwater: 63`. `has_heads` is None where only the cells can tell."""
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    heads = rows[0] if has_heads or (has_heads is None and _are_heads(rows)) else ()
    if len(rows) == 1:
        heads = ()
    return [_render(row, heads) for row in rows[1 if heads else 0 :]]


def is_data(rows: Sequence[Row]) -> bool:
    """Whether cells are short and stand beside others."""
    filled = [row for row in rows if any(row)]
    return any(sum(map(bool, row)) > 1 for row in filled) and all(
        count_words(cell) <= _MOST_CELL_WORDS for row in filled for cell in row
    )


def _is_layout(table: HtmlElement) -> bool:
    if table.xpath(".//table") or table.get("role") == "presentation":
        return True
    cells = table.xpath(".//td | .//th")
    # One paragraph in a cell is a cell's text; several are a page's.
    if any(
        len(cell.xpath("|".join(f".//{tag}" for tag in _BLOCKS.split("|")))) > 1 for cell in cells
    ):
        return True
    return not is_data(_read_rows(table)[0])


def _read_rows(table: HtmlElement) -> tuple[list[Row], bool | None]:
    """Every cell where it stands, in each place that it spans; whether the first row is heads."""
    rows: list[Row] = []
    spanning: dict[int, tuple[int, str]] = {}
    found = table.xpath(".//tr")
    for line in found:
        row: list[str] = []
        for cell in line.xpath("./td | ./th"):
            _fill(row, spanning)
            text = clean_name(" ".join(cell.itertext())) or ""
            for _ in range(_span(cell.get("colspan"))):
                if (below := _span(cell.get("rowspan")) - 1) > 0:
                    spanning[len(row)] = (below, text)
                row.append(text)
        _fill(row, spanning)
        rows.append(tuple(row))
    first = found[0] if found else None
    if first is None:
        return rows, False
    if first.getparent().tag == "thead" or (first.xpath("./th") and not first.xpath("./td")):
        return rows, True
    # Heads that stand before each row name its cells.
    return rows, False if table.xpath(".//th") else None


def _fill(row: list[str], spanning: dict[int, tuple[int, str]]) -> None:
    while len(row) in spanning:
        left, text = spanning.pop(len(row))
        if left > 1:
            spanning[len(row)] = (left - 1, text)
        row.append(text)


def _span(stated: str | None) -> int:
    return min(int(stated), _MOST_SPAN) if stated and stated.isdecimal() and int(stated) else 1


def _are_heads(rows: Sequence[Row]) -> bool:
    """Words above numbers."""
    first, below = rows[0], rows[1:]
    return (
        len(first) > 1
        and bool(below)
        and not any(_has_digit(cell) for cell in first)
        and any(_has_digit(cell) for row in below for cell in row[1:])
    )


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _render(row: Row, heads: Sequence[str]) -> str:
    if len(set(row)) == 1:
        return row[0]
    cells = [
        f"{heads[number].rstrip(':')}: {cell}" if number < len(heads) and heads[number] else cell
        for number, cell in enumerate(row)
        if cell
    ]
    if any(heads):
        return "; ".join(cells)
    first, *rest = cells
    return f"{first.rstrip(':')}: {'; '.join(rest)}" if rest else first
