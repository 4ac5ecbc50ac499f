"""Stretches of days: months and units of the calendar, and those counted back from a day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

Days = tuple[date, date]

_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
_WORDS = {word: number for number, word in enumerate(_NUMBERS, 2)} | {
    "a": 1,
    "an": 1,
    "one": 1,
    "twelve": 12,
    "couple": 2,
    "few": 3,
    "several": 3,
}
_VAGUE = ("couple", "few", "several")
_UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365, "decade": 3652}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120}
# In the northern hemisphere; winter has the number of the year it begins in.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ONE_DAY = timedelta(days=1)


def read_number(words: str) -> int:
    """ "3", "a few", "a couple of"."""
    word = words.removesuffix(" of").split()[-1]
    return int(word) if word.isdigit() else _WORDS[word]


def read_months(year: int, month: int, count: int = 1) -> Days:
    """So many months from the first of this one."""
    last_year, last_month = divmod(12 * year + month - 2 + count, 12)
    last = date(last_year, last_month + 1, monthrange(last_year, last_month + 1)[1])
    return date(year, month, 1), last


def read_unit(unit: str, day: date) -> Days:
    """The week, month, … that a day is in; of a fortnight, its week; the weekend of its week."""
    if (months := _UNIT_MONTHS.get(unit)) is not None:
        first = (12 * day.year + day.month - 1) // months * months
        return read_months(first // 12, first % 12 + 1, months)
    if unit == "day":
        return day, day
    monday = day - timedelta(days=day.weekday())
    return monday + timedelta(days=5 * (unit == "weekend")), monday + timedelta(days=6)


def read_which(which: str, unit: str, asked_on: date) -> Days:
    """This one, the last or the one before last; "the weekend" may be today, the last is over."""
    days = read_unit(unit, asked_on)
    back = {"last": 1, "past": 1, "before last": 2}.get(which, 0)
    if days[0] > asked_on:
        back = max(back, 1)
    step = timedelta(days=7 if unit == "weekend" else 1)
    for _ in range(back):
        days = read_unit(unit, days[0] - step)
    return days


def read_recent(number: str, unit: str, asked_on: date) -> Days:
    """ "Past three months", "the last 48 hours": up to today."""
    count = read_number(number)
    # The first of them may have begun the day before.
    days = -(-count // 24) if unit == "hour" else count * _UNIT_DAYS[unit]
    return asked_on - timedelta(days=days), asked_on


def read_ago(number: str, unit: str, asked_on: date) -> Days:
    """ "Two weeks ago" is all of that week; "a few weeks ago" is vague by about one of the unit."""
    if unit == "hour":
        return read_recent(number, unit, asked_on)
    count = read_number(number)
    if number.removesuffix(" of").endswith(_VAGUE):
        step = timedelta(days=_UNIT_DAYS[unit])
        return asked_on - step * (count + 1), asked_on - step * (count - 1)
    if (months := _UNIT_MONTHS.get(unit)) is not None:
        month = 12 * asked_on.year + asked_on.month - 1 - count * months
        return read_unit(
            "month" if unit == "month" else "year", date(month // 12, month % 12 + 1, 1)
        )
    return read_unit(unit, asked_on - timedelta(days=count * _UNIT_DAYS[unit]))


def read_weekday(which: str, weekday: str, asked_on: date) -> Days:
    """ "Tuesday" may be today, "last Tuesday" is not; "this", "last week": of that week."""
    number = WEEKDAYS.index(weekday)
    if which.endswith("week") or which == "this":
        monday = read_which(which.removesuffix(" week"), "week", asked_on)[0]
        return (monday + timedelta(days=number),) * 2
    back = (asked_on.weekday() - number) % 7
    return (asked_on - timedelta(days=back or (7 if which else 0)),) * 2
