"""Stretches of days that dateparser does not know: quarters, seasons, decades, "past months"."""

from __future__ import annotations

import re
from datetime import date, timedelta

_WORDS = {
    word: number
    for number, word in enumerate(
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"), 2
    )
} | {"a": 1, "an": 1, "one": 1, "twelve": 12, "couple": 2, "few": 3, "several": 3}
_ORDINALS = ("first", "second", "third", "fourth")
_UNIT_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365, "decade": 3652}
# In the northern hemisphere; winter has the number of the year it begins in.
_SEASON_MONTHS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ONE_DAY = timedelta(days=1)


def read_stretch(expression: str, asked_on: date) -> tuple[date, date] | None:
    """First and last day of what is named in lower case; None for what is for dateparser."""
    readers = (
        _read_dated,
        _read_recent,
        _read_ago,
        _read_weekend,
        _read_last,
        _read_weekday,
    )
    return next((days for read in readers if (days := read(expression, asked_on))), None)


def _read_dated(expression: str, _: date) -> tuple[date, date] | None:
    year = re.search(r"\d{4}", expression)
    if year is None:
        return None
    if expression.endswith("0s"):
        return date(int(year[0]), 1, 1), date(int(year[0]) + 9, 12, 31)
    quarter = re.match(rf"(?:the )?(?:q(\d)|({'|'.join(_ORDINALS)}) quarter)", expression)
    if quarter is not None:
        number = int(quarter[1]) if quarter[1] else _ORDINALS.index(quarter[2]) + 1
        return _months(int(year[0]), 3 * number - 2)
    season = expression.partition(" ")[0]
    return _months(int(year[0]), _SEASON_MONTHS[season]) if season in _SEASON_MONTHS else None


def _read_recent(expression: str, asked_on: date) -> tuple[date, date] | None:
    """ "past three months", "the last ten days", "past year": up to today."""
    found = re.fullmatch(
        r"(?:the )?(?:past|last) (?:(?:a )?(\w+)(?: of)? )?(day|week|month|year|decade)s?",
        expression,
    )
    if found is None or (found[1] is None and "past" not in expression):
        return None
    days = read_number(found[1] or "a") * _UNIT_DAYS[found[2]]
    return asked_on - timedelta(days=days), asked_on


def _read_ago(expression: str, asked_on: date) -> tuple[date, date] | None:
    """ "a few weeks ago" is vague by about one of the unit; exact numbers are for dateparser."""
    vague = r"(?:a )?(couple|few|several)(?: of)? (day|week|month|year|decade)s? ago"
    found = re.fullmatch(vague, expression)
    if found is None:
        return None
    unit = timedelta(days=_UNIT_DAYS[found[2]])
    return asked_on - unit * (read_number(found[1]) + 1), asked_on - unit * (
        read_number(found[1]) - 1
    )


def _read_last(expression: str, asked_on: date) -> tuple[date, date] | None:
    which, _, unit = expression.partition(" ")
    if expression == "last night":
        return asked_on - _ONE_DAY, asked_on
    if (which == "this" and unit in ("morning", "afternoon", "evening")) or which == "tonight":
        return asked_on, asked_on
    if which not in ("last", "this"):
        return None
    if unit == "decade":
        return date(asked_on.year // 10 * 10 - (10 if which == "last" else 0), 1, 1), (
            date(asked_on.year // 10 * 10 - 1, 12, 31) if which == "last" else asked_on
        )
    if unit == "quarter":
        first = date(asked_on.year, 3 * ((asked_on.month - 1) // 3) + 1, 1)
        before = first - _ONE_DAY
        return (first, asked_on) if which == "this" else _months(before.year, before.month - 2)
    return _read_season(which, unit, asked_on)


def _read_weekend(expression: str, asked_on: date) -> tuple[date, date] | None:
    """ "The weekend" may be today, "last weekend" is over."""
    if not expression.endswith("weekend"):
        return None
    saturday = asked_on - timedelta(days=(asked_on.weekday() - 5) % 7)
    over = "last" in expression or "past" in expression
    if over and asked_on - saturday < timedelta(days=2):
        saturday -= timedelta(days=7)
    return saturday, saturday + _ONE_DAY


def _read_season(which: str, season: str, asked_on: date) -> tuple[date, date] | None:
    """ "last spring" is the last that is over, "this spring" the last that began."""
    if season not in _SEASON_MONTHS:
        return None
    seasons = [_months(asked_on.year - back, _SEASON_MONTHS[season]) for back in range(3)]
    bound = 1 if which == "last" else 0
    return next((days for days in seasons if days[bound] < asked_on), None)


def _read_weekday(expression: str, asked_on: date) -> tuple[date, date] | None:
    """ "Tuesday" may be today, "last Tuesday" is not; "Tuesday last week" is of that week."""
    of_week = re.fullmatch(r"(\w+) (?:of )?(last|this) week", expression)
    if of_week is not None:
        monday = asked_on - timedelta(days=asked_on.weekday() + 7 * (of_week[2] == "last"))
        named = monday + timedelta(days=_WEEKDAYS.index(of_week[1]))
        return named, named
    which, _, day = expression.rpartition(" ")
    if day not in _WEEKDAYS:
        return None
    back = (asked_on.weekday() - _WEEKDAYS.index(day)) % 7
    named = asked_on - timedelta(days=back if back or not which else 7)
    return named, named


def _months(year: int, month: int) -> tuple[date, date]:
    """Three months from the first of this one."""
    first = date(year, month, 1)
    after = date(year + (month > 9), (month + 2) % 12 + 1, 1)
    return first, after - _ONE_DAY


def read_number(words: str) -> int:
    """ "3", "a few", "a couple of"."""
    word = words.removesuffix(" of").split()[-1]
    return int(word) if word.isdigit() else _WORDS.get(word, 1)
