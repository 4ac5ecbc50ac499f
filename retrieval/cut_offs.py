"""Cut-offs in the words of a question: "as of 3 May", "as of 10:00 on Monday", "as of mid-2026".

A period means to its end, and none reaches beyond the moment of asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from retrieval.periods import (
    CURRENT,
    DAY_OF_MONTH,
    MONTH,
    NUMBER,
    ON_WEEKDAY,
    ORDINAL,
    PERIOD,
    PIECE,
    QUARTER,
    SEASON,
    WEEKDAY,
    Period,
    end_day,
    read_part,
    read_period,
)
from retrieval.quotations import blank_quotations
from retrieval.schema import is_by_day
from retrieval.stretches import read_number

_ZONE = r"(?: ?(?:z|utc|gmt|[a-z]{1,4}t|[+-]\d{2}:?\d{2})\b)?"
_HALF = r"[ap]\.?m\b\.?"
_CLOCK = {
    "midnight": "00:00",
    "morning": "12:00",
    "noon": "12:00",
    "afternoon": "18:00",
    "evening": "23:59",
    "night": "23:59",
}
_HOUR = rf"(?:\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?: ?{_HALF})?|\d{{1,2}} ?{_HALF})"
_TIME = rf"(?:{'|'.join(_CLOCK)}|{_HOUR}{_ZONE})"
_PART = r"(?:end|close|late|year[- ]end|start|beginning|early|middle|mid)"
# Not what a number follows: "May 3 15" may be a year, or what is counted; a time may follow.
_NO_NUMBER = rf"(?!,? ?\d+(?!\d*(?::\d\d| ?{_HALF})))"
_LATEST = (
    rf"(?:{DAY_OF_MONTH}{_NO_NUMBER}|\d{{1,2}}(?:/\d{{1,2}}|\.\d{{1,2}}\.(?!\d))|{PIECE}|"
    rf"{MONTH}{_NO_NUMBER}(?! day\b)|{QUARTER}|h[12]|{SEASON})"
)
_WHEN = re.compile(
    rf"(?:(?:the )?(?P<before>{_TIME}),? (?:(?:on|of) )?)?"
    rf"(?:(?:the )?(?:very )?(?P<part>{_PART})(?: of |[ -])(?:the )?)?"
    rf"(?:the )?(?:"
    r"(?P<today>this(?= (?:morning|afternoon)))|"
    r"(?P<iso>\d{4}-\d{2}-\d{2}t\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)|"
    rf"(?P<number>{NUMBER}) (?P<unit>hour|week|fortnight|month|year)s? ago|"
    # "The 2025 summit" names no time.
    rf"(?P<date>(?!(?<=the )\d{{4}}\b){PERIOD}|{WEEKDAY}|weekend)|"
    rf"(?P<latest>{_LATEST}|{ON_WEEKDAY}?\d{{1,2}}{ORDINAL})|(?P<current>{CURRENT})|"
    r"(?P<now>(?:right )?now|present|(?:this )?moment))"
    rf"(?:,? (?:at )?(?P<behind>{_TIME}))?(?!\w|[-–/.:]\w|\s[-–]\s(?:\d|{MONTH}\b))",
    re.I,
)
_TIME_ALONE = re.compile(rf"{_TIME}(?!\w)", re.I)
_MARKER = re.compile(r"\bas[ _-]?(?P<preposition>of|at)\b[\s:=\"“(]*", re.I)
# These name no time.
_IDIOM = re.compile(r"(?:yet|late|old)\b", re.I)
_UNREAD = re.compile(r"(?:[^\s,;:?!.()]+ ?){1,6}")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CutOff:
    """Where a question's words name one, and the last moment it allows; None: it is unreadable."""

    start: int
    end: int
    words: str
    moment: datetime | None


def find_cut_offs(question: str, asked_at: datetime) -> tuple[CutOff, ...]:
    """Those of the asker's own words, not of words that the question quotes."""
    return tuple(_find(blank_quotations(question), asked_at))


def _find(question: str, asked_at: datetime) -> Iterator[CutOff]:
    for marker in _MARKER.finditer(question):
        when = _WHEN.match(question, marker.end()) or _TIME_ALONE.match(question, marker.end())
        moment = None if when is None else _read(when, asked_at)
        if moment is not None:
            moment = min(moment, asked_at)
            moment = moment if is_by_day(moment) else moment.astimezone(UTC)
        elif marker["preposition"].lower() == "at" or _IDIOM.match(question, marker.end()):
            # "As at the last summit" compares more often than it bounds.
            continue
        else:
            when = _UNREAD.match(question, marker.end())
        end = marker.end() if when is None else when.end()
        yield CutOff(marker.start(), end, question[marker.start() : end].strip(), moment)


def _read(when: re.Match[str], asked_at: datetime) -> datetime | None:
    """The last second of what is named, or the moment itself; None for what is not a date."""
    named = when.groupdict()
    if not named:
        return _read_time(when.group(), asked_at)
    if named["now"]:
        return asked_at
    if named["number"] and named["unit"]:
        return _go_back(asked_at, read_number(named["number"].lower()), named["unit"].lower())
    if named["iso"]:
        return _read_iso(named["iso"], asked_at)
    period = _read_named(named, asked_at.date())
    time = named["before"] or named["behind"]
    if period is None or not time:
        return None if period is None else read_part(period, named["part"] or "end")[1]
    return _at(period[0].date(), time, asked_at) if _is_day(period) else None


def _go_back(asked_at: datetime, number: int, unit: str) -> datetime:
    """ "Two weeks ago" is that very day: nothing of the rest of its week was known then."""
    if unit == "hour":
        return asked_at - timedelta(hours=number)
    if unit == "fortnight":
        number, unit = 2 * number, "week"
    return end_day(asked_at.date() - relativedelta(**{f"{unit}s": number}))


def _read_named(named: dict[str, str | None], asked_on: date) -> Period | None:
    if named["today"]:
        return read_period("today", asked_on)
    if (words := named["date"] or named["latest"]) is not None:
        return read_period("yesterday" if words.lower() == "last night" else words, asked_on)
    # "The end of the month"; "the week of the vote" is unreadable.
    return read_period(f"this {named['current']}", asked_on) if named["part"] else None


def _is_day(period: Period) -> bool:
    return period[1] - period[0] < _ONE_DAY


def _read_time(time: str, asked_at: datetime) -> datetime | None:
    """Today's, or where that is still to come, yesterday's."""
    today = _at(asked_at.date(), time, asked_at)
    return today if today is None or today <= asked_at else today - _ONE_DAY


def _at(day: date, time: str, asked_at: datetime) -> datetime | None:
    """In the asker's zone, unless the time names its own."""
    from dateparser.date import DateDataParser

    words = _CLOCK.get(time.lower(), time)
    parsed = DateDataParser(languages=["en"]).get_date_data(f"{day.isoformat()} {words}")
    moment: datetime | None = parsed.date_obj
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=asked_at.tzinfo)


def _read_iso(text: str, asked_at: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=asked_at.tzinfo)
