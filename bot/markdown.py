"""Answers as Markdown, for chat pages and for models.

Titles and sentences come from articles or models, so what they hold of Markdown is escaped: none
of it becomes a link, an image, HTML or code. Links come from the archive only.
"""

from __future__ import annotations

import re

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


def render_markdown(answer: Answer) -> str:
    """The answer, as the first paragraph; its notes; then its sources, or what came closest."""
    if answer.abstention is None:
        lead, heading, cited = _escape_between_markers(answer.text), "Sources", answer.citations
    else:
        lead, heading = escape_markdown(answer.abstention.message), "Closest"
        cited = answer.abstention.closest
    paragraphs = [lead, *(f"Note: {escape_markdown(note)}" for note in answer.notes)]
    if cited:
        with_quotes = not answer.answered
        lines = [_render_source(citation, with_quotes) for citation in cited]
        paragraphs += [f"**{heading}**", "\n".join(lines)]
    return "\n\n".join(paragraphs)


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


def _render_source(citation: Citation, with_quote: bool) -> str:
    facts = ", ".join(filter(None, (citation.source, format_date(citation))))
    line = f"- [{citation.marker}] {escape_markdown(citation.title)} — {escape_markdown(facts)}"
    if address := web_address(citation.url):
        line += f" — <{address}>"
    if citation.also_reported_by:
        line += f" — also reported by {escape_markdown(', '.join(citation.also_reported_by))}"
    return f"{line}: “{escape_markdown(citation.quote)}”" if with_quote else line
