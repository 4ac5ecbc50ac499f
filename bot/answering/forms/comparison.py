"""Two things side by side: for each, the sentence that answers the question about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.answering.extractive import estimate_confidence
from bot.answering.forms.desk import (
    Desk,
    Lines,
    build_answering_entry,
    build_entry,
    measure_nearness,
)
from bot.answering.forms.reading import Asked, Side
from bot.answering.forms.topics import Told, tells
from bot.answering.names import find_unknown_names
from bot.answering.questions import resolve_question
from bot.answering.schema import DraftedEntry, Question

# How surely a sentence must answer the question about one side, and one side to stand alone.
_LEAST, _SURE = 0.25, 0.5
_COVERAGE = 0.6


def draft(desk: Desk, question: Question, asked: Asked) -> Lines:
    found = [(side, _find(desk, question, side)) for side in asked.sides]
    entries = tuple(entry for _, (entry, _) in found if entry is not None)
    missing = [side.label for side, (entry, _) in found if entry is None]
    surest = max((confidence for _, (_, confidence) in found), default=0.0)
    if len(entries) == len(asked.sides) and not _belong_together(desk, asked, entries):
        return Lines("comparison", (), 0.0)
    notes = tuple(f"No article here says this of {label}." for label in missing)
    # Of one side alone, only what answers the question about it as surely as any answer.
    least = 1 if surest >= _SURE else 2
    return Lines("comparison", entries, surest, notes, least)


def _belong_together(desk: Desk, asked: Asked, entries: Sequence[DraftedEntry]) -> bool:
    """Two sentences, not one that tells of both, and about the same sort of thing."""
    one, other = (entry.claims[0].evidence[0] for entry in entries)
    if one.place == other.place:
        return False
    if all(side.topic for side in asked.sides):
        return True
    labels = desk.stem(" ".join(side.label for side in asked.sides))
    return bool((desk.stem(one.quote) & desk.stem(other.quote)) - labels)


def _find(desk: Desk, question: Question, side: Side) -> tuple[DraftedEntry | None, float]:
    return (_find_answer if side.question else _find_told)(desk, question, side)


def _find_told(desk: Desk, question: Question, side: Side) -> tuple[DraftedEntry | None, float]:
    about = f"{side.topic} {side.label}".strip()
    told = [
        each
        for each in desk.find_told(question, about, told_of=side.topic)
        if _is_named(desk, side.label, each) and _is_about(desk, side.topic, each)
    ]
    if not told:
        return None, 0.0
    return build_entry(told[0], side.label, published=True), measure_nearness(told[:1])


def _is_named(desk: Desk, label: str, told: Told) -> bool:
    """In the headline by its names, or in whole by headline and sentence."""
    title, quote = told.passage.article.title, told.evidence.quote
    whole = desk.stem(label) <= desk.stem(f"{title} {quote}")
    return whole or not any(find_unknown_names(f"of {label}", title))


def _is_about(desk: Desk, topic: str, told: Told) -> bool:
    """Whether most of the topic's words stand in headline and sentence: near to it is not enough
    where the same must be told of both."""
    wanted = desk.stem(topic)
    held = wanted & desk.stem(f"{told.passage.article.title} {told.evidence.quote}")
    return len(held) >= _COVERAGE * len(wanted)


def _find_answer(desk: Desk, question: Question, side: Side) -> tuple[DraftedEntry | None, float]:
    window = replace(question.filters.window, prefer_since=None, prefer_until=None)
    filters = replace(question.filters, window=window)
    asked = resolve_question(replace(question, text=side.question, filters=filters))
    passages = desk.search(asked, asked.text)[:8]
    for each in desk.finder.find(asked, passages):
        article = each.evidence.passage.article
        named = not any(find_unknown_names(f"of {side.label}", each.evidence.quote))
        confidence = estimate_confidence([each])
        if named and confidence >= _LEAST and tells(each.evidence.quote, article.text):
            return build_answering_entry(each.evidence, side.label), confidence
    return None, 0.0
