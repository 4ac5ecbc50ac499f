"""Answers as Slack blocks. Text from articles is escaped; links come from the archive only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from bot.answering.schema import Answer, Citation
from bot.rendering import format_date

# Slack's limits: characters of a section's text, and our share of its 50 blocks.
_MOST_SECTION_CHARACTERS = 3_000
_MOST_SOURCES = 20
_MOST_QUOTE_CHARACTERS = 600
_LINK_CHARACTERS = "/:?#@!$&'()*+,;=%-._~"


def build_blocks(answer: Answer) -> list[dict[str, Any]]:
    """The answer, its notes, and a block a source."""
    if answer.abstention is not None:
        lead, cited = answer.abstention.message, answer.abstention.closest
    else:
        lead, cited = answer.text, answer.citations
    blocks = [_section(part) for part in _split(escape(lead))]
    if answer.notes:
        blocks.append(_context(" ".join(map(escape, answer.notes))))
    if cited:
        heading = "Sources" if answer.answered else "Closest articles"
        blocks += [{"type": "divider"}, _section(f"*{heading}*")]
    blocks += [_section(_source(citation)) for citation in cited[:_MOST_SOURCES]]
    return blocks


def escape(text: str) -> str:
    """Slack's three control characters, so that no text can mention, link or notify."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read_question(text: str) -> str:
    """What was typed, without mentions of users and with Slack's escapes undone."""
    words = re.sub(r"<@[A-Z0-9]+(?:\|[^>]*)?>", " ", text)
    words = re.sub(r"<(?:[^|>]*\|)?([^>]*)>", r"\1", words)
    words = words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return " ".join(words.split())


def _source(citation: Citation) -> str:
    title = escape(citation.title)
    link = _link(citation.url)
    named = f"<{link}|{title}>" if link else title
    facts = ", ".join(filter(None, (escape(citation.source or ""), format_date(citation))))
    also = (
        f"\nAlso reported by {escape(', '.join(citation.also_reported_by))}"
        if citation.also_reported_by
        else ""
    )
    shown = citation.quote[:_MOST_QUOTE_CHARACTERS]
    quoted = escape(shown if shown == citation.quote else f"{shown}…")
    return f"*[{citation.marker}]* {named} — {facts}\n>{quoted}{also}"


def _link(url: str | None) -> str | None:
    """A web address that cannot end Slack's link markup early."""
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return None
    return quote(url, safe=_LINK_CHARACTERS).replace("|", "%7C")


def _split(text: str) -> Iterator[str]:
    """Parts within a section's limit, cut between words."""
    while len(text) > _MOST_SECTION_CHARACTERS:
        cut = text.rfind(" ", 0, _MOST_SECTION_CHARACTERS)
        cut = cut if cut > 0 else _MOST_SECTION_CHARACTERS
        yield text[:cut]
        text = text[cut:].lstrip()
    yield text


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:_MOST_SECTION_CHARACTERS]}}


def _context(text: str) -> dict[str, Any]:
    element = {"type": "mrkdwn", "text": text[:_MOST_SECTION_CHARACTERS]}
    return {"type": "context", "elements": [element]}
