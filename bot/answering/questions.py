"""Make a question of what a caller wrote, at whichever front end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.answering.schema import Question
from ingest.cleaning import clean_characters, clean_name
from retrieval.cut_offs import find_cut_offs
from retrieval.errors import DatelineError, InvalidDate
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
    filters = build_filters(as_of=as_of, since=since, until=until, sources=sources)
    asked = None if asked_at is None else parse_asked_at(asked_at)
    asked_text = clean_characters(text)
    if not asked_text:
        raise EmptyQuestion
    return Question(
        text=asked_text,
        filters=filters,
        asked_at=asked or filters.window.as_of or datetime.now(UTC),
        conversation_id=clean_name(conversation_id),
    )


def build_filters(
    *,
    as_of: str | None = None,
    since: str | None = None,
    until: str | None = None,
    sources: Sequence[str] = (),
) -> Filters:
    """Read a caller's bounds and publishers. Raises InvalidDate."""
    window = Window(
        since=_read_bound("since", since),
        until=_read_bound("until", until),
        as_of=_read_bound("as_of", as_of),
    )
    # As sources are stored. A name of which nothing is left stays one that no source has.
    return Filters(window, tuple(clean_name(source) or "" for source in sources))


def _read_bound(field: str, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_moment(value, end_of_day=field != "since")
    except InvalidDate as error:
        raise InvalidDate(error.value, field) from error


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
