"""What an answer was limited to, as short remarks beside one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.answering.schema import Answer
from bot.slack.dates import format_day
from bot.slack.mrkdwn import shorten
from retrieval.schema import Window

_MOST = 300


def list_chips(answer: Answer, language: str, sources: Sequence[str]) -> list[str]:
    """`sources` are those that the question was limited to."""
    window = answer.window
    chips = [*_list_dates(window, language)]
    if sources:
        chips.append(f"Only from {shorten(', '.join(sources), _MOST)}")
    dated = [citation.published_at is not None for citation in answer.citations]
    # Where none is dated a note says so.
    if any(dated) and not all(dated):
        chips.append("Not all sources are dated")
    if answer.answered and answer.mode == "generative":
        by = "a language model" if answer.model is None else shorten(answer.model, _MOST)
        chips.append(f"Written by {by}, checked against the articles")
    return chips


def _list_dates(window: Window, language: str) -> Iterator[str]:
    if window.as_of is not None:
        yield f"As of {format_day(window.as_of, language)}"
    if window.since is not None or window.until is not None:
        yield f"Published {_format_span(window.since, window.until, language)}"
    elif window.from_question:
        yield f"About {_format_span(window.prefer_since, window.prefer_until, language)}"


def _format_span(since: datetime | None, until: datetime | None, language: str) -> str:
    first, last = (None if end is None else format_day(end, language) for end in (since, until))
    if first is None or last is None:
        return f"until {last}" if first is None else f"since {first}"
    return first if first == last else f"{first} – {last}"
