"""An answer without blocks, for where Slack refuses these: text, its sources as lines."""

from __future__ import annotations

from collections.abc import Iterator

from bot.answering.schema import Answer, Citation
from bot.rendering import web_address
from bot.slack.blocks import Message, View
from bot.slack.mrkdwn import escape, escape_fallback, link
from bot.slack.sources import describe_article

# Slack cuts a message's text at 40,000 characters, and asks for less than this.
_MOST_CHARACTERS = 3_800


def build_plain(answer: Answer, view: View) -> tuple[Message, ...]:
    """As many messages as it takes, no source left out."""
    abstention = answer.abstention
    lead = answer.lines if abstention is None else (abstention.message,)
    cited = answer.citations if abstention is None else abstention.closest
    sources = (_name_source(citation, view.dates) for citation in cited)
    lines = [*map(escape_fallback, (*lead, *answer.notes)), *sources]
    return tuple(Message(text, []) for text in _fill(lines))


def _name_source(citation: Citation, dates: str) -> str:
    title, facts = escape_fallback(citation.title), describe_article(citation, dates)
    address = web_address(citation.url)
    linked = "" if address is None else f" {link(citation.url, escape(address))}"
    return f"[{citation.marker}] {title} — {facts}{linked}"


def _fill(lines: list[str]) -> Iterator[str]:
    """Whole lines as long as there is room, longer ones cut between words."""
    text = ""
    for line in lines:
        for part in _cut(line):
            if text and len(text) + 1 + len(part) > _MOST_CHARACTERS:
                yield text
                text = ""
            text = f"{text}\n{part}" if text else part
    if text:
        yield text


def _cut(line: str) -> Iterator[str]:
    while len(line) > _MOST_CHARACTERS:
        at = line.rfind(" ", 1, _MOST_CHARACTERS)
        at = at if at > 0 else _MOST_CHARACTERS
        yield line[:at]
        line = line[at:].lstrip()
    yield line
