"""Make a question of what a caller wrote, at whichever front end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.answering.schema import Question
from ingest.cleaning import clean_characters, clean_name
from retrieval.cut_offs import find_cut_offs
from retrieval.errors import DatelineError
from retrieval.schema import Filters, Window
from retrieval.windows import parse_asked_at, parse_moment, resolve_window


class EmptyQuestion(DatelineError):
    """Nothing is left of a question without what cannot be seen."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("the question is empty: write one")


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

    Asked now, or where only `as_of` is given, then: its relative time words mean that day, in the
    zone that `asked_at` names.
    """
    as_of_moment = None if as_of is None else parse_moment(as_of, end_of_day=True)
    window = Window(
        since=None if since is None else parse_moment(since),
        until=None if until is None else parse_moment(until, end_of_day=True),
        as_of=as_of_moment,
    )
    asked = None if asked_at is None else parse_asked_at(asked_at)
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


def note_reading(asked: Question, understood: Question) -> tuple[str, ...]:
    """A note on what is answered, where that is not the question as it was asked."""
    return () if understood.text == asked.text else (f"Understood as: {understood.text}",)


def note_unread_cut_offs(question: Question) -> tuple[str, ...]:
    """A note on each cut-off in the question's words that names no date: it bounds nothing."""
    return tuple(
        f"The cut-off “{each.words}” could not be read as a date, so it was not applied: "
        "name a day, for example “as of 3 May 2026”."
        for each in find_cut_offs(question.text, question.asked_at)
        if each.moment is None
    )
