"""Read dates, and the time words of a question, into windows of publication time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from retrieval.cut_offs import find_cut_offs
from retrieval.errors import InvalidDate
from retrieval.periods import (
    CURRENT,
    DATE,
    DATED,
    DAY_OF_MONTH,
    END_OF_TIME,
    HOLIDAY,
    MONTH,
    ORDINAL,
    PERIOD,
    PIECE,
    QUARTER,
    SEASON,
    START_OF_TIME,
    WEEKDAY,
    WITH_YEAR,
    YEARLY,
    Period,
    read_part,
    read_period,
)
from retrieval.quotations import blank_quotations
from retrieval.schema import Window, is_by_day

# "May" also asks leave and names people, and so do April, June and August; "the March on
# Washington" is not a month, "Sunday Times" not a day, "Mar-a-Lago" neither.
_CAPITALISED = r"(?-i:[A-Z])"
_NO_TITLE = rf"(?!['’\d]|[-–.]\w| (?:\d|on {_CAPITALISED}|{_CAPITALISED}))"
_MONTH = rf"{MONTH}\b{_NO_TITLE}"
_DAY = rf"{DAY_OF_MONTH}\b(?!\d|,? \d)"
_WEEKDAY = rf"{WEEKDAY}\b{_NO_TITLE}"
_PART_OF_YEAR = rf"(?:{QUARTER}|h[12])\b(?! of\b|-| \d)"
_CLOSE = r"(?=[?.,;:!)]|$| (?:and|or|but|when|after|in|on|at|by|to|for|with|from)\b)"
_SEASON = rf"{SEASON}{_CLOSE}"
# Nor "9/11" and "24/7": only where one of the numbers cannot be a month.
_NUMERIC = (
    r"(?!24/7\b)(?:(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01]))"
    r"\b(?!/|%)"
)
# Not of "they march last year".
_SAID = rf"(?:(?<=in )|(?!(?-i:may|march) (?!\d))){DATED}"
# "What happened Monday?", "Tuesday's vote".
_BARE_WEEKDAY = (
    rf"(?<!every )(?<!each ){WEEKDAY}(?=['’]s\b"
    r"| (?:morning|afternoon|evening|night)\b(?! (?-i:[A-Z]))|[?.!](?!\w)|$)"
)
_SINCE = r"(?:since|after|before|prior to)"
_UNTIL = r"(?:until|till|through|up (?:to|until|till)|(?:no|not) later than)"
_DURING = r"(?:in|during|throughout|within|over)"
_PART = (
    r"(?:the )?(?:(?:early|late)(?: in)?(?: the)? |mid[- ]|"
    r"(?:beginning|start|middle|end|close) of (?:the )?)"
)
_END = rf"(?:{PERIOD}|{PIECE}\b|{_DAY}|{_MONTH}|{_PART_OF_YEAR}|{_WEEKDAY})"
# What must stand before time words, and what they are; the first that fits.
_SINGLE = re.compile(
    r"\b(?:"
    + "|".join(
        f"(?P<before{number}>{before})(?P<what{number}>{what})"
        for number, (before, what) in enumerate(
            (
                (rf"(?:(?:{_DURING}|on|at|by|{_SINCE}|{_UNTIL}) )?{_PART}", PERIOD),
                (
                    rf"(?:(?:{_DURING}|on|at|by|{_SINCE}|{_UNTIL}) )?{_PART}",
                    rf"(?:{_MONTH}|{_PART_OF_YEAR}|{_SEASON}|{CURRENT}\b(?! of\b))",
                ),
                (
                    # "The last week" is another than "last week".
                    rf"(?:(?:{_DURING}|on|at|by|for|{_SINCE}|{_UNTIL}) "
                    r"(?:the (?!(?:last|past) ))?)?",
                    rf"(?:{_SAID}|{PIECE}\b)",
                ),
                (rf"(?:in|on|during|throughout|by|{_SINCE}|{_UNTIL}) (?:the )?", YEARLY),
                (rf"(?:in|during|throughout|of|since|{_UNTIL}) ", _MONTH),
                (r"(?:before|after) (?!may|apr|jun|aug)", _MONTH),
                (
                    rf"(?:on|of|by|{_SINCE}|{_UNTIL}) (?:the )?",
                    rf"(?:{_DAY}|(?<!of ){_NUMERIC}|\d{{1,2}}{ORDINAL}(?=[?.,;!]|$))",
                ),
                (rf"(?:on|by|since|{_UNTIL}) ", _WEEKDAY),
                (r"(?:(?:in|at|on|before|after|since|until) )?", rf"(?:{_BARE_WEEKDAY})"),
                (r"(?:(?:on|by|before|after|since|until) )?", rf"{MONTH} \d{{1,2}}(?=[?.!]|$)"),
                (rf"(?:{_DURING}|at|on|by|{_SINCE}|{_UNTIL}) ", HOLIDAY + _CLOSE),
                (rf"(?:{_DURING}|for|since|{_UNTIL}) ", _PART_OF_YEAR),
                (rf"(?:{_DURING}|since|{_UNTIL}) the ", _SEASON),
                (rf"(?:{_DURING}|at|on|since) (?:the )?", r"weekend\b(?! of\b)"),
                (r"from (?:the )?", rf"{_END}(?= onwards?\b| on(?:[?.,;!]|$))"),
            )
        )
    )
    + ")",
    re.I,
)
# "USA Today", "Black Friday", "The Tonight Show".
_NAME_BEFORE = re.compile(r"\s[A-Z]\S* $")
_NAMED_AFTER = re.compile(rf"(?:today|tonight|yesterday|{WEEKDAY})\b", re.I)
_BOUND = re.compile(rf"\b(?:from|by|{_SINCE}|{_UNTIL})\b", re.I)
_FUTURE = re.compile(r"\b(?-i:will)\b|\b(?:shall|going to)\b", re.I)
_CURRENT = ("week", "month", "quarter", "year")
_PART_NAMED = re.compile(r"\b(?:early|late|mid|beginning|start|middle|end|close)\b", re.I)
_TO = r"(?:and|or|to|until|till|through)"
_SPAN = re.compile(
    rf"\b(?:between|from|in|on|during|over) (?:the )?(?P<first>{_END}|{MONTH}|(?:19|20)\d\d)"
    rf"(?: {_TO} | ?[-–] ?)(?:the )?(?P<last>{_END})|"
    rf"\b(?:(?:between|from|on|during|over) (?:the )?)?(?P<day>\d{{1,2}}){ORDINAL}?"
    rf"(?: {_TO} | ?[-–] ?)(?:the )?"
    rf"(?P<to>\d{{1,2}}{ORDINAL}? (?:of )?(?:{WITH_YEAR}|{_MONTH}))|"
    rf"\b(?:between|from|on|during|over) (?P<of>{MONTH} (?:the )?)(?P<start>\d{{1,2}}){ORDINAL}?"
    rf"(?: {_TO} | ?[-–] ?)(?:the )?(?P<until>\d{{1,2}}){ORDINAL}?(?P<year>,? \d{{4}})?\b",
    re.I,
)
_YEAR = re.compile(rf"\d{{4}}|{WITH_YEAR}", re.I)
_HAS_OWN_YEAR = re.compile(PERIOD, re.I)
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
_LONGEST_QUARTER = timedelta(days=92)


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
        span = _read_span(match, asked_on)
        if span is not None and span[0].date() <= min(asked_on, span[1].date()):
            yield match, *span
            end = match.end()
    for match in _SINGLE.finditer(question, end):
        if (preferred := _read_single(match, asked_on)) is not None:
            yield match, *preferred


def _read_single(
    match: re.Match[str], asked_on: date
) -> tuple[datetime | None, datetime | None] | None:
    number = (match.lastgroup or "").removeprefix("what")
    before, what = match[f"before{number}"].lower(), match[f"what{number}"].lower()
    bound, part = _BOUND.search(before), _PART_NAMED.search(before)
    if _is_name(match.string, match.start(f"what{number}")):
        return None
    period = read_period(f"this {what}" if what in _CURRENT else what, asked_on)
    if period is not None and part is not None:
        period = _read_part(period, part.group(), sharp=bound is not None)
    if period is None or period[0].date() > asked_on:
        return None
    return period if bound is None else _read_bound(bound.group(), period, match.string)


def _read_bound(
    bound: str, period: Period, question: str
) -> tuple[datetime | None, datetime | None] | None:
    first, last = period
    match bound:
        case "since" | "from":
            return first, None
        case "after":
            return None if last == END_OF_TIME else (last + _ONE_SECOND, None)
        case "before" | "prior to":
            return None if first == START_OF_TIME else (None, first - _ONE_SECOND)
        case "by" if _FUTURE.search(question):
            return None
        case _:
            return None, last


def _is_name(question: str, start: int) -> bool:
    return (
        question[start].isupper()
        and _NAMED_AFTER.match(question, start) is not None
        and _NAME_BEFORE.search(question[:start]) is not None
    )


def _read_part(period: Period, part: str, *, sharp: bool) -> Period:
    """After "since" or "until" the end is its last day, else its last third."""
    if sharp:
        return read_part(period, part)
    vague = {"beginning": "early", "start": "early", "end": "late", "close": "late"}
    # "In early 2024" is said of much of the year.
    whole = part not in vague and part != "middle" and period[1] - period[0] > _LONGEST_QUARTER
    return period if whole else read_part(period, vague.get(part, part))


def _read_span(match: re.Match[str], asked_on: date) -> Period | None:
    """The end first: the start is the last such before it ("from November to February")."""
    first, last = match["first"], match["last"]
    if match["day"]:
        first, last = re.sub(r"\d+", match["day"], match["to"], count=1), match["to"]
    elif match["start"]:
        first, last = (
            f"{match['of']}{match[day]}{match['year'] or ''}" for day in ("start", "until")
        )
    ends = read_period(last, asked_on)
    if ends is None:
        return None
    if _HAS_OWN_YEAR.fullmatch(first) is None:
        starts = read_period(first, ends[0].date())
    elif (starts := read_period(first, asked_on)) is not None and ends < starts:
        # "From November 2023 to February": the first such after it.
        years = (starts[0].year, starts[0].year + 1)
        named = [read_period(f"{last} {year}", asked_on) for year in years]
        ends = next((each for each in named if each is not None and each > starts), ends)
    return None if starts is None or starts > ends else (starts[0], ends[1])
