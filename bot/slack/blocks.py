"""Answers as Slack messages. Text from articles is escaped; links come from the archive only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answering.schema import Abstention, Answer
from bot.markdown import MARKER
from bot.rendering import format_date, printable
from bot.slack.buttons import build_buttons
from bot.slack.chips import list_chips
from bot.slack.mrkdwn import (
    context,
    escape,
    escape_fallback,
    escape_own,
    escape_own_streamed,
    escape_streamed,
    link,
    link_streamed,
    neutralise,
    neutralise_streamed,
    quote_block,
    section,
    shorten,
    size,
)
from bot.slack.paging import MOST_SECTION, Block, fill_lines, fill_messages, fill_parts
from bot.slack.sources import describe_article, list_sources, name_article

# A stream and the blocks that end it are one message: this leaves those a third of it.
_MOST_STREAM = 8_000
# Slack takes about a hundred appends a minute: a long answer comes in about so many.
_PARTS, _ENOUGH = 8, 300
_MOST_NOTE, _MOST_QUESTION, _MOST_QUOTE = 1_000, 300, 600
# Slack recommends 4,000.
_MOST_FALLBACK = 3_900
_MARKER = re.compile(r"(\[\d+\])")


@dataclass(frozen=True, slots=True)
class View:
    """How an answer is shown: the language of its dates, to one person who may share it or to all,
    the sources that it was limited to, and who asked where that is not seen above it."""

    dates: str = "en"
    shareable: bool = False
    sources: tuple[str, ...] = ()
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """`text` is what notifications show, and all there is where Slack refuses the blocks."""

    text: str
    blocks: list[dict[str, Any]]


def build_messages(answer: Answer, view: View = View()) -> tuple[Message, ...]:
    """The whole answer; the first message leads, the others go below it."""
    blocks = [
        *_build_asker(answer, view),
        *_build_lead(answer, answer.lines),
        *_build_support(answer, view),
    ]
    first, *others = fill_messages(blocks, build_buttons(answer, view.shareable))
    return (Message(_build_fallback(answer), first), *map(_continue, others))


def build_stream(answer: Answer, view: View = View()) -> tuple[str, ...]:
    """The text in standard Markdown, in whole sentences that are appended one after another."""
    del view
    streamed, _ = _split_stream(answer)
    return tuple(f"{part} " for part in streamed[:-1]) + tuple(streamed[-1:])


def build_ending(answer: Answer, view: View = View()) -> list[dict[str, Any]]:
    """What stands below the text in the message that was streamed."""
    return _lay_out_below_stream(answer, view)[0]


def build_rest(answer: Answer, view: View = View()) -> tuple[Message, ...]:
    """What neither the stream nor its ending holds, for messages below; mostly nothing."""
    return tuple(map(_continue, _lay_out_below_stream(answer, view)[1:]))


def _lay_out_below_stream(answer: Answer, view: View) -> list[list[Block]]:
    streamed, left = _split_stream(answer)
    support = _build_support(answer, view)
    buttons = build_buttons(answer, view.shareable)
    if not left:
        return fill_messages(support, buttons, taken=sum(map(size, streamed)))
    ending = [context("The answer continues in the next message.")]
    return [ending, *fill_messages([*_build_lead(answer, left), *support], buttons)]


def _split_stream(answer: Answer) -> tuple[list[str], tuple[str, ...]]:
    """The parts to stream, and what is left of the lines."""
    if answer.abstention is not None:
        return [_escape_message(answer.abstention, escape_own_streamed, escape_streamed)], ()
    render = _render_with(answer, link_streamed, neutralise_streamed, r"\[{}\]")
    enough = max(_ENOUGH, size(printable(answer.text)) // _PARTS)
    streamed: list[str] = []
    room = _MOST_STREAM
    for line, text in enumerate(map(printable, answer.lines)):
        parts = fill_parts(text, render, MOST_SECTION, enough=enough)
        for position, part in enumerate(parts):
            begins = answer.entries and not position
            rendered = ("\n- " if line else "- ") * bool(begins) + render(part)
            room -= size(rendered) + 1
            if room < 0:
                return streamed, (" ".join(parts[position:]), *answer.lines[line + 1 :])
            streamed.append(rendered)
    return streamed, ()


def _build_asker(answer: Answer, view: View) -> Iterator[Block]:
    if view.asked_by is not None:
        yield context(f"<@{view.asked_by}> asked: {shorten(answer.question, _MOST_QUESTION)}")


def _build_lead(answer: Answer, lines: Sequence[str]) -> Iterator[Block]:
    """A section a line."""
    if answer.abstention is not None:
        yield section(_escape_message(answer.abstention, escape_own, escape))
        return
    render = _render_with(answer, link, neutralise, "[{}]")
    for line in lines:
        for part in fill_parts(printable(line), render, MOST_SECTION):
            yield section(render(part))


def _build_support(answer: Answer, view: View) -> list[Block]:
    """All that stands below the text but the buttons."""
    blocks = [context(part) for part in fill_lines(_list_notes(answer))]
    if chips := list_chips(answer, view.dates, view.sources):
        blocks.append(context(*chips))
    if answer.abstention is not None:
        return [*blocks, *_build_closest(answer.abstention, view)]
    lines = list(list_sources(answer.citations, view.dates))
    heading = "*Source*" if len(lines) == 1 else "*Sources*"
    return [*blocks, *map(section, fill_lines([heading, *lines]))]


def _escape_message(
    abstention: Abstention, own: Callable[[str], str], foreign: Callable[[str], str]
) -> str:
    """What is said to small talk names headlines and publishers; the rest are words of ours."""
    return (foreign if abstention.reason == "small_talk" else own)(abstention.message)


def _build_closest(abstention: Abstention, view: View) -> Iterator[Block]:
    """With what they say: nothing is kept of them that a button could show later."""
    if not abstention.closest:
        return
    yield section("*Closest article*" if len(abstention.closest) == 1 else "*Closest articles*")
    for citation in abstention.closest:
        yield section(f"{name_article(citation)} — {describe_article(citation, view.dates)}")
        yield quote_block(citation.quote, _MOST_QUOTE)


def _list_notes(answer: Answer) -> Iterator[str]:
    return filter(None, (shorten(note, _MOST_NOTE) for note in answer.notes))


def _render_with(
    answer: Answer,
    link: Callable[[str | None, str], str],
    neutralise: Callable[[str], str],
    label: str,
) -> Callable[[str], str]:
    """Text in one of Slack's markups, every marker a link to its article."""
    addresses = {citation.marker: citation.url for citation in answer.citations}

    def render(text: str) -> str:
        return "".join(map(render_part, _MARKER.split(text)))

    def render_part(part: str) -> str:
        if found := MARKER.fullmatch(part):
            return link(addresses.get(int(found[1])), label.format(found[1]))
        return neutralise(part)

    return render


def _continue(blocks: list[Block]) -> Message:
    return Message("The answer, continued.", blocks)


def _build_fallback(answer: Answer) -> str:
    """Who published what when, without a link."""
    if answer.abstention is not None:
        return _escape_message(answer.abstention, escape_own, escape_fallback)
    lines = [*answer.lines, *answer.notes]
    for citation in answer.citations:
        facts = ", ".join(filter(None, (citation.source, format_date(citation))))
        lines.append(f"[{citation.marker}] {citation.title} — {facts}")
    held = ""
    for line in map(escape_fallback, lines):
        if size(held) + size(line) >= _MOST_FALLBACK:
            break
        held += f"\n{line}"
    return held.strip() or f"{shorten(answer.text, _MOST_FALLBACK - 100)}"
