"""Make a question of what a caller wrote, at whichever front end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.answering.schema import Question
from ingest.cleaning import clean_characters, clean_name
from retrieval.errors import DatelineError
from retrieval.schema import Filters, Window
from retrieval.windows import parse_moment, resolve_window


class EmptyQuestion(DatelineError):
    """Nothing is left of a question without what cannot be seen."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("the question is empty: ask in words")


def build_question(
    text: str,
    *,
    asked_at: str | None = None,
    as_of: str | None = None,
    since: str | None = None,
    until: str | None = None,
    sources: Sequence[str] = (),
    conversation_id: str | None = None,
) -> Question:
    """Read a caller's dates and names. Raises EmptyQuestion or InvalidDate.

    Asked now, or where only `as_of` is given, then: its relative time words mean that day.
    """
    as_of_moment = None if as_of is None else parse_moment(as_of, end_of_day=True)
    window = Window(
        since=None if since is None else parse_moment(since),
        until=None if until is None else parse_moment(until, end_of_day=True),
        as_of=as_of_moment,
    )
    asked = None if asked_at is None else parse_moment(asked_at, end_of_day=True)
    asked_text = clean_characters(text)
    if not asked_text:
        raise EmptyQuestion
    # As sources are stored. A name of which nothing is left stays one that no source has.
    named = tuple(clean_name(source) or "" for source in sources)
    return Question(
        text=asked_text,
        filters=Filters(window, named),
        asked_at=asked or as_of_moment or datetime.now(UTC),
        conversation_id=clean_name(conversation_id),
    )


def resolve_question(question: Question) -> Question:
    """Add what the question's own time words say to its filters."""
    window = resolve_window(question.text, question.asked_at, question.filters.window)
    return replace(question, filters=Filters(window, question.filters.sources))
