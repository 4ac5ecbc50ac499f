"""Answers and passages on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.answering.schema import Answer, Citation, Entry
from ingest.cleaning import web_url

_ADDRESS_CHARACTERS = "/:?#@!$&'()*+,;=%-._~"


class Dated(Protocol):
    @property
    def published_at(self) -> datetime | None: ...

    @property
    def date_provenance(self) -> str: ...


def format_date(dated: Dated) -> str:
    """`12 Feb 2026`; where a byline or an address is all that says so, that is added."""
    if dated.published_at is None:
        return "undated"
    day, said = f"{dated.published_at.day} {dated.published_at:%b %Y}", name_provenance(dated)
    return day if said is None else f"{day} (by its {said})"


def name_provenance(dated: Dated) -> str | None:
    """What the date was read from; None where the page's own markup or a feed states it, or whoever
    took the article in."""
    match dated.date_provenance:
        case "structured" | "feed" | "given":
            return None
        case "url":
            return "address"
        case provenance:
            return provenance


def render_answer(answer: Answer, console: Console) -> None:
    """The answer, its notes, then numbered sources with their quotes."""
    if answer.abstention is None:
        if answer.entries:
            _render_entries(answer.entries, console)
        else:
            console.print(Text(printable(answer.text), style="bold"))
        heading, cited = "Sources", answer.citations
    else:
        style = "bold" if answer.abstention.reason == "small_talk" else "bold yellow"
        console.print(Text(printable(answer.abstention.message), style=style))
        heading, cited = "Closest", answer.abstention.closest
    for note in answer.notes:
        console.print(Text(f"Note: {printable(note)}", style="italic"))
    if cited:
        console.print()
        console.print(Text(heading, style="dim"))
    _render_citations(cited, console)


def _render_entries(entries: Sequence[Entry], console: Console) -> None:
    """A line each: dates in a column, then what the line is about, and its words."""
    table = Table.grid(padding=(0, 2), pad_edge=False)
    dated = any(entry.date is not None for entry in entries)
    if dated:
        table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for entry in entries:
        day = "" if entry.date is None else f"{entry.date.day} {entry.date:%b %Y}"
        label = "" if entry.label is None else f"{printable(entry.label)}: "
        markers = "".join(f"[{marker}]" for marker in entry.markers)
        words = Text.assemble(
            (label, "green"), (printable(entry.text), "bold"), (f" {markers}", "cyan")
        )
        table.add_row(*([Text(day, style="green")] if dated else []), words)
    console.print(table)


def _render_citations(citations: Sequence[Citation], console: Console) -> None:
    for citation in citations:
        facts = ", ".join(filter(None, (citation.source, format_date(citation))))
        line = Text.assemble(
            (f"[{citation.marker}] ", "cyan"),
            printable(citation.title),
            (f" — {printable(facts)}", "green"),
        )
        console.print(line)
        if citation.url:
            console.print(Padding(Text(printable(citation.url), style="dim"), (0, 0, 0, 4)))
        console.print(Padding(Text(f"“{printable(citation.quote)}”"), (0, 0, 0, 4)))
        if citation.also_reported_by:
            also = ", ".join(citation.also_reported_by)
            console.print(
                Padding(Text(f"also reported by {printable(also)}", style="dim"), (0, 0, 0, 4))
            )


def printable(text: str) -> str:
    """On one line, without control or invisible characters: no words of an article or a model may
    steer a terminal, or pass for a line of ours."""
    kept = "".join(letter for letter in text if letter.isprintable() or letter.isspace())
    return " ".join(kept.split())


def printable_lines(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def web_address(url: str | None) -> str | None:
    """The address of a page, without a character that could end a link's markup; None if it is
    none."""
    address = web_url(url)
    return None if address is None else quote(address, safe=_ADDRESS_CHARACTERS)


def render_passages(found: Mapping[str, Any], console: Console) -> None:
    """Ranked passages, from the contract's search object."""
    if not found["passages"]:
        console.print("No passage was found.")
    for passage in found["passages"]:
        facts = ", ".join(
            filter(None, (passage["source"], (passage["published_at"] or "undated")[:10]))
        )
        console.print(
            Text.assemble(
                (f"{passage['rank']:>2}. ", "cyan"),
                printable(passage["title"]),
                (f" — {printable(facts)}", "green"),
            )
        )
        console.print(Padding(Text(printable_lines(passage["text"])), (0, 0, 1, 4)))
