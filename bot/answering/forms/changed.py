"""What changed: an earlier and a later statement of the same thing, side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product

from bot.answering.forms.desk import Desk, Lines, build_entry, measure_nearness
from bot.answering.forms.reading import Asked
from bot.answering.forms.topics import Told, keep_near_best, measure_overlap
from bot.answering.schema import Question
from retrieval.schema import Filters, Window
from retrieval.windows import resolve_window

_SHARE_OF_BEST = 0.7
# The share of the shorter statement's words that both must hold to be about the same thing.
_LEAST_SHARED = 0.25
_BY_SHARED = 0.6
_FEW = 8
_UNTIL_NEXT = r"(?= (?:about|in|on|with|for|regarding|at)\b|[,?]|$)"
_SPAN = re.compile(
    r"\b(?:between (?P<one>.+?) and (?P<other>.+?)|from (?P<start>.+?) to (?P<end>.+?))"
    rf"{_UNTIL_NEXT}",
    re.I,
)
_SINCE = re.compile(rf"\b(?:since|after|from) (?P<since>.+?){_UNTIL_NEXT}", re.I)
_LEAD = re.compile(r"^\W*(?:about|in|on|with|for|regarding|at)\b\s*", re.I)


@dataclass(frozen=True, slots=True)
class Times:
    """What is told apart: each side's words, and the first and last moment that they mean, if they
    name days at all."""

    topic: str
    old: str = ""
    new: str = ""


def draft(desk: Desk, question: Question, asked: Asked) -> Lines:
    times = _read_times(asked.topic)
    olds, news = _find_sides(desk, question, times)
    pair = _choose_pair(desk, olds, news)
    entries = tuple(build_entry(each, published=True) for each in pair)
    return Lines("comparison", entries, measure_nearness(pair))


def _read_times(topic: str) -> Times:
    if found := _SPAN.search(topic):
        rest = _LEAD.sub("", f"{topic[: found.start()]}{topic[found.end() :]}".strip())
        return Times(rest, found["one"] or found["start"], found["other"] or found["end"])
    if found := _SINCE.search(topic):
        rest = _LEAD.sub("", f"{topic[: found.start()]}{topic[found.end() :]}".strip())
        return Times(rest, found["since"])
    return Times(_LEAD.sub("", topic))


def _find_sides(desk: Desk, question: Question, times: Times) -> tuple[list[Told], list[Told]]:
    """By days, where the words name days; else by the events that they name."""
    old, new = (_resolve(question, words) for words in (times.old, times.new))
    topic = times.topic or times.old
    named = [any(map(str.isupper, words)) for words in (times.old, times.new)]
    if all(named) and (old is None or new is None):
        return (
            _find(desk, question, f"{times.topic} {times.old}", question.filters),
            _find(desk, question, f"{times.topic} {times.new}", question.filters),
        )
    if times.old and not times.new and old is None:
        # Since what is no day: nobody knows which of the articles came before.
        return [], []
    if old is None or (times.new and new is None):
        told = _find(desk, question, topic, question.filters)
        return told, told
    turn = old[1] or old[0]
    if times.new and new is not None and turn is not None:
        return (
            _find(desk, question, topic, _within(question.filters, *old)),
            _find(desk, question, topic, _within(question.filters, *new)),
        )
    if turn is None:
        return [], []
    return (
        _find(desk, question, topic, _within(question.filters, None, turn)),
        _find(desk, question, topic, _within(question.filters, turn + timedelta(seconds=1), None)),
    )


def _find(desk: Desk, question: Question, topic: str, filters: Filters) -> list[Told]:
    told = desk.find_told(question, topic, filters)
    return [e for e in keep_near_best(told, _SHARE_OF_BEST)[:_FEW] if e.published_on is not None]


def _resolve(question: Question, words: str) -> tuple[datetime | None, datetime | None] | None:
    if not words:
        return None
    window = resolve_window(f"in {words}", question.asked_at, Window())
    if not window.from_question:
        window = resolve_window(words, question.asked_at, Window())
    return (window.prefer_since, window.prefer_until) if window.from_question else None


def _within(filters: Filters, since: datetime | None, until: datetime | None) -> Filters:
    """Within both: what the caller allows, and one side's days."""
    given = filters.window
    since = max(filter(None, (given.since, since)), default=None)
    until = min(filter(None, (given.until, until)), default=None)
    window = replace(given, since=since, until=until, prefer_since=None, prefer_until=None)
    return replace(filters, window=window)


def _choose_pair(desk: Desk, olds: Sequence[Told], news: Sequence[Told]) -> tuple[Told, ...]:
    """The two that tell most and share most; the older is the last one before the newer."""
    best: tuple[float, tuple[Told, ...]] = (0.0, ())
    for old, new in product(olds, news):
        if old.published_on is None or new.published_on is None:
            continue
        shared = measure_overlap(desk.stem(old.evidence.quote), desk.stem(new.evidence.quote))
        if old.published_on >= new.published_on or shared < _LEAST_SHARED:
            continue
        score = old.score + new.score + _BY_SHARED * shared
        if score > best[0]:
            best = score, (old, new)
    return best[1]
