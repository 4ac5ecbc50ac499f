"""Read dates, and the time words of a question, into windows of publication time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from retrieval.cut_offs import find_cut_offs
from retrieval.errors import InvalidDate
from retrieval.periods import (
    DATE,
    DAY,
    DAY_OF_MONTH,
    END_OF_TIME,
    MONTH,
    OF_YEAR,
    PERIOD,
    RELATIVE,
    STRETCH,
    WEEKDAY,
    WITHIN_YEAR,
    read_period,
)
from retrieval.quotations import blank_quotations
from retrieval.schema import Window, is_by_day

# Without its year: the last such month or day. "May" also asks leave and names people, and so
# do April, June and August; "the March on Washington" is not a month, "Sunday Times" not a day.
_CAPITALISED = r"(?-i:[A-Z])"
_LOOSE = (
    rf"(?:(?:in|during|of|since|until) (?:early |mid-?|late )?(?P<month>{MONTH})"
    rf"(?!['’\d]| (?:\d|on {_CAPITALISED}|{_CAPITALISED}))|"
    rf"(?:on|since|until|after|before) (?:{WEEKDAY},? )?(?:the )?"
    rf"(?P<day>{DAY_OF_MONTH})(?!\d|,? \d)|"
    rf"(?:on|since|until) (?P<weekday>{WEEKDAY})(?!['’]| {_CAPITALISED}|,? \d)|"
    rf"(?:over|at|on|during|since) (?:the )?(?P<weekend>weekend)(?! of\b))\b"
)
_SPAN = re.compile(
    rf"\b(?:between|from) (?:the )?(?P<first>{PERIOD}) "
    rf"(?:and|to|until) (?:the )?(?P<last>{PERIOD})",
    re.I,
)
# A year needs its preposition: "the 2026 summit" says when the summit is, not the report.
_SINGLE = re.compile(
    rf"\b(?:(?P<word>in|on|during|since|after|before|until|by) "
    rf"(?:the )?(?:early |mid-?|late |(?:beginning|start|middle|end) of )?(?P<date>{PERIOD})|"
    rf"(?P<bare>(?:{STRETCH}|{DAY}|{MONTH}{OF_YEAR}|{RELATIVE})\b)|(?P<loose>{_LOOSE}))",
    re.I,
)
_YEAR = re.compile(rf"\d{{4}}|{WITHIN_YEAR}{OF_YEAR}", re.I)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].+)?")
_NEWEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|current(?:ly)?|now|nowadays|today|so far|"
    r"at the moment|these days|right now|up to date|to date|still|next|upcoming)\b",
    re.I,
)
_OFFICE = (
    r"(?:president|premier|chancellor|minister|secretary|chair(?:man|woman|person)?|speaker|"
    r"governor|mayor|commander|chief|head|leader|director|ceo|king|queen|pope|monarch|"
    r"ambassador|commissioner|coach|captain|manager|champion)"
)
_HOLDS_OFFICE = re.compile(
    rf"\b(?:who(?: is|['’]s| are)|what is the name of) (?!(?:the|a) (?:first|former|late)\b)"
    rf"(?:[\w'’.-]+ ){{0,5}}?{_OFFICE}s?\b(?! (?:who|that|whose)\b)|"
    r"\b(?:who|which \w+) (?:leads|heads|runs|rules|governs|chairs|commands|holds)\b",
    re.I,
)
_ONE_SECOND = timedelta(seconds=1)


def parse_moment(value: str, *, end_of_day: bool = False) -> datetime:
    """A date, or a date and time, UTC unless it names a zone. Raises InvalidDate.

    A day, month or year alone is its first second, or with `end_of_day` its last, by the clock of
    wherever an article was published.
    """
    moment = parse_asked_at(value, end_of_day=end_of_day)
    return moment if is_by_day(moment) else moment.astimezone(UTC)


def parse_asked_at(value: str, *, end_of_day: bool = True) -> datetime:
    """As `parse_moment`, in the zone that it names: there it is the asker's own day."""
    text = value.strip()
    try:
        if _ISO.fullmatch(text) and len(text) > len("2026-02-12"):
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            moment.astimezone(UTC)
            return moment
    except (ValueError, OverflowError):
        raise InvalidDate(value) from None
    stated = re.fullmatch(DATE, text, re.I)
    period = read_period(text, datetime.now(UTC).date()) if stated else None
    if period is None:
        raise InvalidDate(value)
    return period[1] if end_of_day else period[0]


def resolve_window(question: str, asked_at: datetime, given: Window) -> Window:
    """Add what the question's own words say to the window that the caller gave.

    "As of …" is hard, like a caller's; every other expression is a preference.
    """
    stated = [each.moment for each in find_cut_offs(question, asked_at)]
    # Of several, the earliest: nothing later than any of them may be shown.
    if ends := [moment for moment in stated if moment is not None]:
        return replace(given, as_of=min([*ends, given.as_of or END_OF_TIME]))
    found = list(_find_preferences(question, asked_at))
    if not found:
        return given
    # "… died this week in October 2022": the year says which week.
    dated = [each for each in found if _YEAR.search(each[0].group())]
    _, since, until = (dated or found)[0]
    return replace(given, prefer_since=since, prefer_until=until)


def asks_for_newest(question: str) -> bool:
    """Whether the newest evidence is preferred ("latest", "currently", "who is the mayor of …")."""
    return (_NEWEST.search(question) or _HOLDS_OFFICE.search(question)) is not None


def without_time_words(question: str, asked_at: datetime) -> str:
    """What is asked, without when: for comparing words with those of an article."""
    words = question
    for cut_off in reversed(find_cut_offs(question, asked_at)):
        if cut_off.moment is not None:
            words = f"{words[: cut_off.start]} {words[cut_off.end :]}"
    for match, _, _ in reversed(list(_find_preferences(words, asked_at))):
        words = f"{words[: match.start()]} {words[match.end() :]}"
    return words


def _find_preferences(
    question: str, asked_at: datetime
) -> Iterator[tuple[re.Match[str], datetime | None, datetime | None]]:
    """Time words that can say when an article was published, with the span they prefer.

    None of the future can ("by 2035").
    """
    question = blank_quotations(question)
    asked_on = asked_at.date()
    end = 0
    for match in _SPAN.finditer(question):
        first = read_period(match["first"], asked_on)
        last = read_period(match["last"], asked_on)
        if first and last and first[0].date() <= min(asked_on, last[1].date()):
            yield match, first[0], last[1]
            end = match.end()
    for match in _SINGLE.finditer(question, end):
        period = read_period(_expression_of(match), asked_on)
        if period is None or period[0].date() > asked_on:
            continue
        match (match["word"] or match.group().partition(" ")[0]).lower():
            case "since":
                yield match, period[0], None
            case "after" if period[1] < END_OF_TIME:
                yield match, period[1] + _ONE_SECOND, None
            case "before":
                yield match, None, period[0] - _ONE_SECOND
            case "until" | "by":
                yield match, None, period[1]
            case _:
                yield match, *period


def _expression_of(match: re.Match[str]) -> str:
    named = (match[name] for name in ("date", "bare", "month", "weekday", "day", "weekend"))
    return next(expression for expression in named if expression)
