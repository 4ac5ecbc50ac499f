"""Two things side by side: for each, the sentence that answers the question about it."""

from __future__ import annotations

from dataclasses import replace

from bot.answering.extractive import estimate_confidence
from bot.answering.forms.desk import Desk, Lines, build_entry, measure_nearness
from bot.answering.forms.reading import Asked, Side
from bot.answering.forms.topics import tells
from bot.answering.names import find_unknown_names
from bot.answering.questions import resolve_question
from bot.answering.schema import Claim, DraftedEntry, Question

# Of one side alone less is known than of a whole question: it is shown from here on.
_LEAST, _SURE = 0.15, 0.5


def draft(desk: Desk, question: Question, asked: Asked) -> Lines:
    found = [(side, _find(desk, question, side)) for side in asked.sides]
    entries = tuple(entry for _, (entry, _) in found if entry is not None)
    missing = [side.label for side, (entry, _) in found if entry is None]
    surest = max((confidence for _, (_, confidence) in found), default=0.0)
    quotes = {entry.claims[0].evidence[0].place for entry in entries}
    if len(quotes) < len(entries):
        # One sentence tells of both: that is an ordinary answer.
        return Lines("comparison", (), 0.0)
    notes = tuple(f"No article here says this of {label}." for label in missing)
    # Of one side alone, only what answers the question about it as surely as any answer.
    least = 1 if surest >= _SURE else 2
    return Lines("comparison", entries, surest, notes, least)


def _find(desk: Desk, question: Question, side: Side) -> tuple[DraftedEntry | None, float]:
    return (_find_answer if side.question else _find_told)(desk, question, side)


def _find_told(desk: Desk, question: Question, side: Side) -> tuple[DraftedEntry | None, float]:
    about = f"{side.topic} {side.label}".strip()
    for told in desk.find_told(question, about, told_of=side.topic):
        around = f"{told.passage.article.title} {told.evidence.quote}"
        if not any(find_unknown_names(f"of {side.label}", around)):
            return build_entry(told, side.label, published=True), measure_nearness([told])
    return None, 0.0


def _find_answer(desk: Desk, question: Question, side: Side) -> tuple[DraftedEntry | None, float]:
    window = replace(question.filters.window, prefer_since=None, prefer_until=None)
    filters = replace(question.filters, window=window)
    asked = resolve_question(replace(question, text=side.question, filters=filters))
    passages = desk.search(asked, asked.text)[:8]
    for each in desk.finder.find(asked, passages):
        article = each.evidence.passage.article
        named = not any(
            find_unknown_names(f"of {side.label}", f"{article.title} {each.evidence.quote}")
        )
        confidence = estimate_confidence([each])
        if named and confidence >= _LEAST and tells(each.evidence.quote, article.text):
            day = None if article.published_at is None else article.published_at.date()
            claims = (Claim(each.evidence.quote, (each.evidence,)),)
            return DraftedEntry(day, side.label, claims), confidence
    return None, 0.0
