"""An answer without blocks, for where Slack refuses these: text, its sources as lines."""

from __future__ import annotations

from collections.abc import Iterator

from bot.answering.schema import Answer, Citation
from bot.rendering import format_date, web_address
from bot.slack.blocks import Message
from bot.slack.mrkdwn import escape

# Slack cuts a message's text at 40,000 characters, and asks for less than this.
_MOST_CHARACTERS = 3_800


def build_plain(answer: Answer) -> tuple[Message, ...]:
    """As many messages as it takes, no source left out."""
    abstention = answer.abstention
    lead = answer.text if abstention is None else abstention.message
    cited = answer.citations if abstention is None else abstention.closest
    lines = [escape(lead), *map(escape, answer.notes), *map(_name_source, cited)]
    return tuple(Message(text, []) for text in _fill(lines))


def _name_source(citation: Citation) -> str:
    facts = ", ".join(filter(None, (citation.source, format_date(citation))))
    address = web_address(citation.url) or ""
    return f"[{citation.marker}] {escape(citation.title)} — {escape(facts)} {address}".rstrip()


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
