"""Read dates, and the time words of a question, into windows of publication time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from retrieval.errors import InvalidDate
from retrieval.schema import BY_DAY, Window
from retrieval.stretches import read_stretch

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH},? \d{{4}}|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_DATE = rf"(?:{_DAY}|{_MONTH} \d{{4}}|(?:19|20)\d{{2}}(?:-\d{{2}})?)"
_NUMBER = (
    r"(?:\d{1,3}|an?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:a )?couple(?: of)?|(?:a )?few|several)"
)
_UNIT = r"(?:day|week|month|year|decade)"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_RELATIVE = (
    rf"(?:the day before yesterday|yesterday|today|tonight|this (?:morning|afternoon|evening)|"
    rf"last night|(?:last|this) (?:{_UNIT}|weekend|quarter)|(?:last|this) {_SEASON}|"
    rf"(?:last|past) {_WEEKDAY}|last (?:{_MONTH}(?! \d))|{_NUMBER} {_UNIT}s? ago|"
    rf"(?:the )?(?:past|last) {_NUMBER} {_UNIT}s|(?:the )?past {_UNIT})"
)
_QUARTER = r"(?:q[1-4]|(?:the )?(?:first|second|third|fourth) quarter)(?: of)?,? (?:19|20)\d{2}"
_STRETCH = rf"(?:{_QUARTER}|(?:19|20)\d0s|{_SEASON}(?: of)? (?:19|20)\d{{2}})"
_PERIOD = rf"(?:{_STRETCH}|{_DATE}|{_RELATIVE})\b"
# Without its year: the last such month or day. "May" also asks leave and names people, and so
# do April, June and August; "the March on Washington" is no month, "Sunday Times" no day.
_CAPITALISED = r"(?-i:[A-Z])"
_LOOSE = (
    rf"(?:(?:in|during|of|since|until) (?:early |mid-?|late )?(?P<month>{_MONTH})"
    rf"(?!['’\d]| (?:\d|on {_CAPITALISED}|{_CAPITALISED}))|"
    rf"(?:on|since|until) (?P<weekday>{_WEEKDAY})(?!['’]| {_CAPITALISED})|"
    rf"(?:on|since|until|after|before) (?:the )?(?P<day>\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?)(?!\d|,? \d))\b"
)
_AS_OF = re.compile(rf"\bas (?:of|at) (?:the end of )?(?P<date>{_PERIOD})", re.I)
_SPAN = re.compile(
    rf"\b(?:between|from) (?:the )?(?P<first>{_PERIOD}) "
    rf"(?:and|to|until) (?:the )?(?P<last>{_PERIOD})",
    re.I,
)
# A year needs its preposition: "the 2026 summit" says when the summit is, not the report.
_SINGLE = re.compile(
    rf"\b(?:(?P<word>in|on|during|since|after|before|until|by) "
    rf"(?:the )?(?:early |mid-?|late |(?:beginning|start|middle|end) of )?(?P<date>{_PERIOD})|"
    rf"(?P<bare>(?:{_STRETCH}|{_DAY}|{_MONTH} \d{{4}}|{_RELATIVE})\b)|(?P<loose>{_LOOSE}))",
    re.I,
)
_YEAR = re.compile(r"\d{4}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].+)?")
_NEWEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|current(?:ly)?|now|nowadays|today|so far|"
    r"at the moment|these days|right now|up to date|to date|still)\b",
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
_END_OF_TIME = datetime.max.replace(microsecond=0, tzinfo=BY_DAY)


def parse_moment(value: str, *, end_of_day: bool = False) -> datetime:
    """A date, or a date and time, UTC unless it names a zone. Raises InvalidDate.

    A day, month or year alone is its first second, or with `end_of_day` its last, by the clock of
    wherever an article was published.
    """
    text = value.strip()
    try:
        if _ISO.fullmatch(text) and len(text) > len("2026-02-12"):
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidDate(value) from None
    stated = re.fullmatch(_DATE, text, re.I)
    period = _parse_period(text, datetime.now(UTC)) if stated else None
    if period is None:
        raise InvalidDate(value)
    return period[1] if end_of_day else period[0]


def resolve_window(question: str, asked_at: datetime, given: Window) -> Window:
    """Add what the question's own words say to the window that the caller gave.

    "As of …" is hard, like a caller's; every other expression is a preference.
    """
    stated = list(_AS_OF.finditer(question))
    if stated:
        # Of several, the earliest: nothing later than any of them may be shown.
        periods = [_parse_period(each["date"], asked_at) for each in stated]
        ends = [period[1] for period in periods if period is not None]
        ends += [given.as_of] if given.as_of is not None else []
        return replace(given, as_of=min(ends, default=None))
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
    words = _AS_OF.sub(" ", question)
    for match, _, _ in reversed(list(_find_preferences(words, asked_at))):
        words = f"{words[: match.start()]} {words[match.end() :]}"
    return words


def _find_preferences(
    question: str, asked_at: datetime
) -> Iterator[tuple[re.Match[str], datetime | None, datetime | None]]:
    """Time words that can say when an article was published, with the span they prefer.

    None of the future can ("by 2035").
    """
    end = 0
    for match in _SPAN.finditer(question):
        first = _parse_period(match["first"], asked_at)
        last = _parse_period(match["last"], asked_at)
        if first and last and first[0] <= min(asked_at, last[1]):
            yield match, first[0], last[1]
            end = match.end()
    for match in _SINGLE.finditer(question, end):
        period = _parse_period(_expression_of(match), asked_at)
        if period is None or period[0] > asked_at:
            continue
        match (match["word"] or match.group().partition(" ")[0]).lower():
            case "since":
                yield match, period[0], None
            case "after" if period[1] < _END_OF_TIME:
                yield match, period[1] + _ONE_SECOND, None
            case "before":
                yield match, None, period[0] - _ONE_SECOND
            case "until" | "by":
                yield match, None, period[1]
            case _:
                yield match, *period


def _expression_of(match: re.Match[str]) -> str:
    named = (match[name] for name in ("date", "bare", "month", "weekday", "day"))
    return next(expression for expression in named if expression)


def _parse_period(expression: str, asked_at: datetime) -> tuple[datetime, datetime] | None:
    """First and last second of the day, week, month or year that is named, by day.

    None for what is no date (31 February).
    """
    asked_on = asked_at.astimezone(UTC).date()
    try:
        stretch = read_stretch(expression.lower(), asked_on)
        if stretch is not None:
            return _midnight(stretch[0]), _midnight(stretch[1]) + timedelta(days=1) - _ONE_SECOND
        named = _read_date(expression, asked_on)
        return None if named is None else _whole_period(*named)
    except (ValueError, OverflowError):
        return None


def _whole_period(first: datetime, period: str) -> tuple[datetime, datetime]:
    try:
        match period:
            case "year":
                first = first.replace(month=1, day=1)
                after = first.replace(year=first.year + 1)
            case "month":
                first = first.replace(day=1)
                after = (first + timedelta(days=32)).replace(day=1)
            case "week":
                first -= timedelta(days=first.weekday())
                after = first + timedelta(days=7)
            case _:
                after = first + timedelta(days=1)
    except (ValueError, OverflowError):
        return first, _END_OF_TIME
    return first, after - _ONE_SECOND


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BY_DAY)


@lru_cache(maxsize=1_024)
def _read_date(expression: str, asked_on: date) -> tuple[datetime, str] | None:
    """A day of the period that is named, at midnight, and whether it is a day, a week, …"""
    from dateparser.date import DateDataParser

    if re.match(r"\d{4}-", expression):
        # dateparser would read 2026-13-01 as the thirteenth of January.
        period = "day" if expression.count("-") == 2 else "month"
        try:
            day = date.fromisoformat(expression if period == "day" else f"{expression}-01")
        except ValueError:
            return None
        return _midnight(day), period
    settings = {
        "RELATIVE_BASE": datetime(asked_on.year, asked_on.month, asked_on.day),
        "PREFER_DATES_FROM": "past",
        "PREFER_DAY_OF_MONTH": "first",
        "PREFER_MONTH_OF_YEAR": "first",
    }
    # dateparser knows "0 weeks ago", not "this week".
    words = re.sub(r"^this (week|month|year)$", r"0 \1s ago", expression.strip(), flags=re.I)
    words = re.sub(r"^last (?!week|month|year)", "", words, flags=re.I)
    parsed = DateDataParser(languages=["en"], settings=settings).get_date_data(words)
    if parsed is None or parsed.date_obj is None:
        return None
    return _midnight(parsed.date_obj.date()), str(parsed.period)
