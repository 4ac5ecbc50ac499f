"""Answers as Markdown, for chat pages and for models.

Titles and sentences come from articles or models, so what they hold of Markdown is escaped: none
of it becomes a link, an image, HTML or code. Links come from the archive only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from bot.answering.schema import Answer, Citation
from bot.rendering import format_date, printable, web_address

MARKER = re.compile(r"\[(\d+)\]")
_SYNTAX = re.compile(
    r"[\\`*_\[\]<>~|]"
    r"|^[#+-]"
    # What pages turn into links without being asked to: https://…, www.…, a@b.
    r"|:(?=//)|(?<=\bwww)\.|(?<=\w)@(?=\w)",
    re.I,
)

ListSources = Callable[[Sequence[Citation]], Iterable[str]]


def render_markdown(answer: Answer, list_sources: ListSources) -> str:
    """The answer, as the first paragraph; its notes; then its sources, or what came closest."""
    if answer.abstention is None:
        lead, heading, cited = _render_lead(answer), "Sources", answer.citations
    else:
        lead, heading = escape_markdown(answer.abstention.message), "Closest"
        cited = answer.abstention.closest
    paragraphs = [lead, *(f"Note: {escape_markdown(note)}" for note in answer.notes)]
    if cited:
        paragraphs += [f"**{heading}**", "\n".join(list_sources(cited))]
    return "\n\n".join(paragraphs)


def _render_lead(answer: Answer) -> str:
    """One paragraph; of entries a list, whose items no blank line parts."""
    lines = [_escape_between_markers(line) for line in answer.lines]
    return "\n".join(f"- {line}" for line in lines) if answer.entries else lines[0]


def list_articles(citations: Sequence[Citation]) -> Iterator[str]:
    """A line for each marker, which several quotes of one article may share, and the quotes
    below it."""
    by_marker = sorted(citations, key=lambda citation: citation.marker)
    for _, group in groupby(by_marker, key=lambda citation: citation.marker):
        quotes = list(group)
        others = dict.fromkeys(name for quote in quotes for name in quote.also_reported_by)
        yield _describe(quotes[0], tuple(others))
        yield from (f"  - {_quote(citation)}" for citation in quotes)


def list_quotes(citations: Sequence[Citation]) -> Iterator[str]:
    """A line for each quote, with the id that its article can be asked for by."""
    for citation in citations:
        described = _describe(citation, citation.also_reported_by)
        yield f"{described} — article_id {citation.article_id}: {_quote(citation)}"


def escape_markdown(text: str) -> str:
    """The text on one line, to be read as it is."""
    return escape_syntax(printable(text))


def escape_syntax(text: str, leave: str = "") -> str:
    """`escape_markdown` of a part of a line, with the spaces at its ends; the characters of
    `leave` are the caller's to escape."""
    return _SYNTAX.sub(lambda found: found[0] if found[0] in leave else f"\\{found[0]}", text)


def _escape_between_markers(text: str) -> str:
    """Every `[n]` in an answer is a marker of ours (`citations.cite`)."""
    parts = re.split(r"(\[\d+\])", printable(text))
    return "".join(part if MARKER.fullmatch(part) else escape_syntax(part) for part in parts)


def _describe(citation: Citation, others: Sequence[str]) -> str:
    facts = ", ".join(filter(None, (citation.source, format_date(citation))))
    line = f"- [{citation.marker}] {escape_markdown(citation.title)} — {escape_markdown(facts)}"
    if address := web_address(citation.url):
        line += f" — <{address}>"
    return f"{line} — also reported by {escape_markdown(', '.join(others))}" if others else line


def _quote(citation: Citation) -> str:
    return f"“{escape_markdown(citation.quote)}”"
