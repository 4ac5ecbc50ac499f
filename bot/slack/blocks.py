"""Answers as Slack blocks. Text from articles is escaped; links come from the archive only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.answering.schema import Answer, Citation
from bot.rendering import format_date, printable, web_address

# Slack's limits in characters as sent: a section 3,000; all blocks of a message about 13,000.
_MOST_SECTION = 3_000
_MOST_MESSAGE = 12_000
# Parts of a source's section, which together stay within it.
_MOST_TITLE, _MOST_PUBLISHER, _MOST_LINK, _MOST_QUOTE, _MOST_ALSO = 300, 100, 700, 1_200, 300
_HALF_AN_ESCAPE = re.compile(r"&[a-z]{0,3}$")


@dataclass(frozen=True)
class Message:
    text: str
    blocks: list[dict[str, Any]]


@dataclass(frozen=True)
class View:
    dates: str = "en"
    shareable: bool = False
    sources: tuple[str, ...] = ()
    asked_by: str | None = None


def build_messages(answer: Answer, view: View) -> tuple[Message, ...]:
    del view
    lead = escape(answer.abstention.message if answer.abstention else answer.text)
    return (Message(lead, build_blocks(answer)),)


def build_stream(answer: Answer, view: View) -> tuple[str, ...]:
    del view
    lead = escape(answer.abstention.message if answer.abstention else answer.text)
    return tuple(re.findall(r".+?\]\. ?|.+$", lead))


def build_ending(answer: Answer, view: View) -> list[dict[str, Any]]:
    del view
    return build_blocks(answer)[1:]


def build_rest(answer: Answer, view: View) -> tuple[Message, ...]:
    del answer, view
    return ()


def build_blocks(answer: Answer) -> list[dict[str, Any]]:
    """The answer, its notes, and a block a source, within Slack's limits."""
    if answer.abstention is not None:
        lead, cited = answer.abstention.message, answer.abstention.closest
    else:
        lead, cited = answer.text, answer.citations
    blocks = [_section(part) for part in _split(escape(lead))]
    if answer.notes:
        blocks.append(_context(_shorten(" ".join(answer.notes), _MOST_SECTION)))
    if cited:
        heading = "Sources" if answer.answered else "Closest articles"
        blocks += [{"type": "divider"}, _section(f"*{heading}*")]
    room = _MOST_MESSAGE - sum(len(str(block)) for block in blocks)
    for position, source in enumerate(map(_source, cited)):
        room -= len(source)
        if room < 0:
            blocks.append(_context(f"and {len(cited) - position} more"))
            break
        blocks.append(_section(source))
    return blocks


def escape(text: str) -> str:
    """Slack's three control characters, so that no text can mention, link or notify; on one line,
    so that none can pass for a line of ours."""
    text = printable(text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _source(citation: Citation) -> str:
    title = _shorten(citation.title, _MOST_TITLE)
    link = _link(citation.url)
    named = f"<{link}|{title}>" if link else title
    publisher = _shorten(citation.source or "", _MOST_PUBLISHER)
    facts = ", ".join(filter(None, (publisher, format_date(citation))))
    others = _shorten(", ".join(citation.also_reported_by), _MOST_ALSO)
    also = f"\nAlso reported by {others}" if others else ""
    quoted = _shorten(citation.quote, _MOST_QUOTE)
    return f"*[{citation.marker}]* {named} — {facts}\n>{quoted}{also}"


def _link(url: str | None) -> str | None:
    """A web address that Slack takes; None if it is none or too long."""
    link = web_address(url)
    return link if link and len(link) <= _MOST_LINK else None


def _shorten(text: str, most: int) -> str:
    """The text escaped, and cut to what may be sent."""
    escaped = escape(text)
    if len(escaped) <= most:
        return escaped
    return _HALF_AN_ESCAPE.sub("", escaped[: most - 1]) + "…"


def _split(escaped: str) -> Iterator[str]:
    """Parts within a section's limit, cut between words, no escape in two."""
    room = _MOST_MESSAGE
    while escaped and room > 0:
        part = escaped[:_MOST_SECTION]
        if len(escaped) > _MOST_SECTION:
            part = part[: part.rfind(" ")] if " " in part else _HALF_AN_ESCAPE.sub("", part)
        yield part
        room -= len(part)
        escaped = escaped[len(part) :].lstrip()


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> dict[str, Any]:
    """Verbatim: else Slack makes links of the addresses, and mentions of the names, in a quote."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
