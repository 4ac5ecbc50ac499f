"""Days, weeks, months and years in words, and what they span: a table of how each is written.

A *name* recurs every year ("3 May", "Q2", "the first week of June"). With its year it is one
period, without it the last such that had begun by the day of asking.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from retrieval.schema import BY_DAY
from retrieval.stretches import (
    SEASONS,
    WEEKDAYS,
    Days,
    read_ago,
    read_months,
    read_number,
    read_recent,
    read_unit,
    read_weekday,
    read_which,
)

Period = tuple[datetime, datetime]
_Found = re.Match[str]
_Rule = tuple[str, Callable[[_Found, date], Days | None]]

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
ORDINAL = r"(?:st|nd|rd|th)"
SEASON = rf"(?:{'|'.join(SEASONS)})"
WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"
ON_WEEKDAY = rf"(?:(?:{WEEKDAY}|(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\.?),? (?:the )?)"
_FIRST_NINE = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth"),
)
_ORDINALS = (
    *_FIRST_NINE,
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth"),
    *("sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"),
    *(f"twenty-{ordinal}" for ordinal in _FIRST_NINE),
    *("thirtieth", "thirty-first"),
)
_WHICH = r"(?:first|second|third|fourth|last|final)"
QUARTER = r"(?:q[1-4]|(?:the )?(?:first|second|third|fourth) quarter)"
CURRENT = r"(?:week|month|quarter|year)"
NUMBER = (
    r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:a )?couple(?: of)?|(?:a )?few|several)"
)
_UNIT = r"(?:hour|day|week|fortnight|month|year|decade)"
# A date as a caller may give it states its year in full; a question also says "3 March last year".
DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}{ORDINAL}? (?:of )?{MONTH},? \d{{4}}|"
    rf"{MONTH} \d{{1,2}}{ORDINAL}?,? \d{{4}}|{MONTH} \d{{4}}|(?:19|20)\d{{2}}(?:-\d{{2}})?)"
)
START_OF_TIME = datetime.min.replace(tzinfo=BY_DAY)
END_OF_TIME = datetime.max.replace(microsecond=0, tzinfo=BY_DAY)
_LAST_SECOND = time(23, 59, 59)
_ONE_SECOND = timedelta(seconds=1)
_ONE_DAY = timedelta(days=1)
# The last 29 February may be eight years ago.
_YEARS_BACK = 8
_YEARS_AHEAD = 10


def read_period(expression: str, asked_on: date) -> Period | None:
    """First and last second of what is named, by day. None for what is not a date (31 February)."""
    days = _read_days(expression.strip().lower(), asked_on)
    if days is None:
        return None
    return (
        datetime.combine(days[0], time.min, BY_DAY),
        end_day(days[1]),
    )


def end_day(day: date) -> datetime:
    """Its last second, by the clock of wherever an article was published."""
    return datetime.combine(day, _LAST_SECOND, BY_DAY)


def read_part(period: Period, part: str) -> Period:
    """Early is the first third and mid the second: of a month, the 1st to the 10th and to the 20th.

    The start and the end are a day.
    """
    first, last = period
    match part.lower():
        case "start" | "beginning":
            return first, end_day(first)
        case "end" | "close" | "year-end" | "year end":
            return datetime.combine(last, time.min, BY_DAY), last
        case "early":
            return first, _end_of_third(period, 1)
        case "mid" | "middle":
            return _end_of_third(period, 1) + _ONE_SECOND, _end_of_third(period, 2)
        case _:
            return _end_of_third(period, 2) + _ONE_SECOND, last


def _end_of_third(period: Period, third: int) -> datetime:
    first, last = period
    days = (last - first).days + 1
    if days > 364:
        return first.replace(month=4 * third + 1) - _ONE_SECOND
    whole = 10 * third if 28 <= days <= 31 else max(days * third // 3, 1)
    return first + whole * _ONE_DAY - _ONE_SECOND


def _read_days(expression: str, asked_on: date) -> Days | None:
    for pattern, read in _PERIOD_READERS:
        try:
            if (found := pattern.fullmatch(expression)) is not None:
                return read(found, asked_on)
        except (ValueError, OverflowError):
            return None
    return _read_latest(expression, asked_on)


def _read_latest(name: str, asked_on: date, *, over: bool = False) -> Days | None:
    """The last such that had begun by the day of asking, or with `over` had ended before it."""
    for year in range(asked_on.year, asked_on.year - _YEARS_BACK - 1, -1):
        days = _read_name(name, year)
        if days is not None and (days[1] < asked_on if over else days[0] <= asked_on):
            return days
    return None


def _read_name(name: str, year: int) -> Days | None:
    for pattern, read in _NAME_READERS:
        if (found := pattern.fullmatch(name)) is not None:
            try:
                return read(found, year)
            except ValueError:
                return None
    return None


def _read_day_of_month(found: _Found, year: int) -> Days:
    day = found["day"]
    number = int(day) if day.isdigit() else _ORDINALS.index(day) + 1
    return (date(year, _month_of(found), number),) * 2


def _read_week_of(found: _Found, year: int) -> Days | None:
    days = _read_name(found["name"], year)
    return days and read_unit(found["unit"], days[0])


def _read_holiday(found: _Found, year: int) -> Days:
    match found.group():
        case "christmas":
            return date(year, 12, 24), date(year, 12, 26)
        case "christmas day":
            day = date(year, 12, 25)
        case "christmas eve":
            day = date(year, 12, 24)
        case holiday:
            day = date(year, 1, 1) if holiday.endswith("day") else date(year, 12, 31)
    return day, day


def _read_day_and_month(found: _Found, year: int) -> Days | None:
    return _read_numeric(int(found["day"]), int(found["month"]), year)


def _read_piece(found: _Found, year: int) -> Days:
    """ "The first week of June" is its first seven days, the first half of it ends on the 15th."""
    first, last = read_months(year, _month_of(found))
    place = _place_of(found["which"])
    if found["unit"] == "half":
        middle = first.replace(day=15)
        return (first, middle) if place == 1 else (middle + _ONE_DAY, last)
    if place < 0:
        return last.replace(day=last.day - 6), last
    return first.replace(day=7 * place - 6), first.replace(day=7 * place)


def _read_part_of_year(found: _Found, year: int) -> Days | None:
    months = 3 if found["unit"].startswith("q") else 6
    count = 12 // months
    place = _place_of(found["which"])
    place = count if place < 0 else place
    return read_months(year, months * (place - 1) + 1, months) if place <= count else None


def _place_of(which: str) -> int:
    """ "First" and "1" are 1, "last" and "final" -1."""
    if which.isdigit():
        return int(which)
    return _ORDINALS.index(which) + 1 if which in _ORDINALS else -1


def _month_of(found: _Found) -> int:
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    return months.index(found["month"][:3]) + 1


def _read_numeric(day: int, month: int, year: int, weekday: str = "") -> Days | None:
    """The day first, unless only the month can be ("5/23/2026"), or the weekday says so."""
    orders = [(month, day)] * (month <= 12) + [(day, month)] * (day <= 12)
    named = [date(year, *order) for order in orders]
    told = [each for each in named if weekday and f"{each:%A}".lower().startswith(weekday[:3])]
    return ((told or named)[0],) * 2 if named else None


def _read_full_numeric(found: _Found, asked_on: date) -> Days | None:
    year = _read_year(found["year"], asked_on)
    return _read_numeric(int(found["day"]), int(found["month"]), year, found["weekday"] or "")


def _read_day_alone(day: int, asked_on: date) -> Days | None:
    """ "The 31st": the last that there was."""
    while day > asked_on.day or day < 1:
        asked_on = asked_on.replace(day=1) - _ONE_DAY
        if day > 31:
            return None
    return (asked_on.replace(day=day),) * 2


def _read_dated(found: _Found, asked_on: date) -> Days | None:
    return _read_name(found["name"], _read_year(found["year"], asked_on))


def _read_year(words: str, asked_on: date) -> int:
    digits = words.lstrip("'’")
    if len(digits) == 2:
        # '98 is 1998; '27 may be next year.
        year = asked_on.year // 100 * 100 + int(digits)
        return year if year < asked_on.year + _YEARS_AHEAD else year - 100
    if digits.isdigit():
        return int(digits)
    if words.endswith("ago"):
        return asked_on.year - read_number(words.removesuffix(" ago").rpartition(" ")[0])
    return asked_on.year - (2 if "before" in words else words.startswith(("last", "past")))


def _unnamed(pattern: str) -> str:
    """The pattern without its groups' names, to stand beside others."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _any_of(*patterns: str) -> str:
    return rf"(?:{'|'.join(map(_unnamed, patterns))})"


_DAY_FIRST = rf"{ON_WEEKDAY}?(?P<day>\d{{1,2}}){ORDINAL}? (?:of )?(?P<month>{MONTH})"
_DAY_IN_WORDS = rf"(?P<day>{'|'.join(reversed(_ORDINALS))}) of (?P<month>{MONTH})"
_MONTH_FIRST = rf"{ON_WEEKDAY}?(?P<month>{MONTH}) (?:the )?(?P<day>\d{{1,2}}){ORDINAL}?"
_WEEK_OF = rf"(?P<unit>week(?:end)?) of (?:the )?(?P<name>{_any_of(_DAY_FIRST, _MONTH_FIRST)})"
HOLIDAY = r"(?:christmas(?: (?:day|eve))?|new year['’]s (?:day|eve))"
_PIECE = rf"(?:the )?(?P<which>{_WHICH}) (?P<unit>week|half) (?:of|in) (?P<month>{MONTH})"
_PART_OF_YEAR = rf"(?:the )?(?P<which>{_WHICH}) (?P<unit>quarter|half)"
_SHORT_PART = r"(?P<unit>[qh])(?P<which>[1-4])"
_NAME_READERS: tuple[tuple[re.Pattern[str], Callable[[_Found, int], Days | None]], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (_DAY_FIRST, _read_day_of_month),
        (_MONTH_FIRST, _read_day_of_month),
        (r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})\.?", _read_day_and_month),
        (_DAY_IN_WORDS, _read_day_of_month),
        (_WEEK_OF, _read_week_of),
        (HOLIDAY, _read_holiday),
        (_PIECE, _read_piece),
        (_PART_OF_YEAR, _read_part_of_year),
        (_SHORT_PART, _read_part_of_year),
        (rf"(?P<month>{MONTH})", lambda found, year: read_months(year, _month_of(found))),
        (SEASON, lambda found, year: read_months(year, SEASONS[found.group()], 3)),
    )
)
DAY_OF_MONTH = _any_of(_DAY_FIRST, _MONTH_FIRST, _DAY_IN_WORDS)
PIECE = _any_of(_PIECE, _WEEK_OF)
# "Did prices fall last year?"
_NAME = _any_of(
    PIECE,
    DAY_OF_MONTH,
    MONTH,
    _PART_OF_YEAR,
    _SHORT_PART,
    HOLIDAY,
    r"(?!fall (?!of\b|\d|['’]))" + SEASON,
)
_YEAR_AGO = rf"(?:(?:last|this|past) year|(?:the )?year before last|{NUMBER} years? ago)"
_YEAR = rf"(?:\d{{4}}|['’]\d{{2}}\b|{_YEAR_AGO}|(?<=of )the year)"
WITH_YEAR = rf"{_NAME},? (?:of )?{_YEAR}"
_WEEK = r"(?:last|this) week"
# Each says when on its own, whatever stands before it.
_DATED: tuple[_Rule, ...] = (
    (
        rf"{ON_WEEKDAY}?(?P<day>\d{{4}}-\d{{2}}-\d{{2}})",
        lambda found, _: (date.fromisoformat(found["day"]),) * 2,
    ),
    (
        r"(?P<year>\d{4})[./](?P<month>\d{1,2})[./](?P<day>\d{1,2})",
        lambda found, _: (date(int(found["year"]), int(found["month"]), int(found["day"])),) * 2,
    ),
    (
        rf"(?P<weekday>{ON_WEEKDAY})?(?P<day>\d{{1,2}})[./-](?P<month>\d{{1,2}})[./-]"
        r"(?P<year>\d{4})",
        _read_full_numeric,
    ),
    (rf"(?P<name>{_NAME}),? (?:of )?(?P<year>{_YEAR})", _read_dated),
    (rf"(?P<year>{_YEAR_AGO}),? (?:in|on) (?:the )?(?P<name>{_NAME})", _read_dated),
    (rf"(?P<year>\d{{4}}) (?P<name>{_any_of(_SHORT_PART)})", _read_dated),
    (r"(?P<year>(?:19|20)\d0)s", lambda found, _: read_months(int(found["year"]), 1, 120)),
    (r"(?:the )?day before yesterday", lambda _, asked_on: read_ago("two", "day", asked_on)),
    (r"(?:last night|overnight)", lambda _, asked_on: (asked_on - _ONE_DAY, asked_on)),
    (
        r"yesterday(?: (?:morning|afternoon|evening|night))?",
        lambda _, asked_on: read_ago("one", "day", asked_on),
    ),
    (
        r"(?:(?:earlier )?today|tonight|this (?:morning|afternoon|evening))",
        lambda _, asked_on: (asked_on, asked_on),
    ),
    (
        rf"(?P<weekday>{WEEKDAY}) (?:of )?(?P<which>{_WEEK})",
        lambda found, asked_on: read_weekday(found["which"], found["weekday"], asked_on),
    ),
    (
        rf"(?P<which>{_WEEK}),? (?:on )?(?P<weekday>{WEEKDAY})",
        lambda found, asked_on: read_weekday(found["which"], found["weekday"], asked_on),
    ),
    (
        rf"(?P<which>last|past|this) (?P<weekday>{WEEKDAY})",
        lambda found, asked_on: read_weekday(found["which"], found["weekday"], asked_on),
    ),
    (
        r"(?P<which>last|(?:the |this )?past|this) (?P<unit>weekend)(?! of\b)",
        lambda found, asked_on: read_which(found["which"].split()[-1], "weekend", asked_on),
    ),
    (
        r"(?:the )?(?P<unit>week|weekend|month|quarter|year) before last",
        lambda found, asked_on: read_which("before last", found["unit"], asked_on),
    ),
    (
        r"earlier this (?P<unit>week|month|quarter|year)",
        lambda found, asked_on: (read_unit(found["unit"], asked_on)[0], asked_on),
    ),
    (
        rf"(?P<which>last|this) (?P<name>{SEASON}|christmas|(?<=last ){MONTH}"
        r"(?! (?:\d|of\b|on\b)))",
        lambda found, asked_on: _read_latest(
            found["name"], asked_on, over=found["which"] == "last"
        ),
    ),
    (
        r"(?P<which>last|this) (?P<unit>day|week|month|quarter|year|decade)(?! of\b)",
        lambda found, asked_on: read_which(found["which"], found["unit"], asked_on),
    ),
    (
        rf"(?:the )?(?:past|last) (?P<number>{NUMBER}) (?P<unit>{_UNIT})s?(?! of\b)",
        lambda found, asked_on: read_recent(found["number"], found["unit"], asked_on),
    ),
    (
        # "In the last week" is seven days, "last week" ends on Sunday.
        rf"(?:(?:the )?past (?P<unit>{_UNIT})|the last {_UNIT}|last (?:hour|fortnight))(?! of\b)",
        lambda found, asked_on: read_recent(
            "one", found["unit"] or found.group().split()[-1], asked_on
        ),
    ),
    (
        rf"(?P<number>{NUMBER}) (?P<unit>{_UNIT})s? ago",
        lambda found, asked_on: read_ago(found["number"], found["unit"], asked_on),
    ),
)
# Each may be a number, a version or an event's name, too: only a preposition tells.
_YEARLY: tuple[_Rule, ...] = (
    (
        rf"(?P<weekday>{ON_WEEKDAY})?(?P<day>\d{{1,2}})[./-](?P<month>\d{{1,2}})[./-]"
        r"(?P<year>\d{2})(?![./-]?\d)",
        _read_full_numeric,
    ),
    (rf"(?P<name>{DAY_OF_MONTH}),? (?P<year>\d{{2}})(?=[?.,;)!]|$)", _read_dated),
    (
        r"(?P<year>(?:19|20)\d{2})-(?P<month>\d{2})(?![-/.]?\d)",
        lambda found, _: read_months(int(found["year"]), int(found["month"])),
    ),
    (
        r"(?P<month>0?[1-9]|1[0-2])/(?P<year>(?:19|20)\d{2})(?![-/.]\d)",
        lambda found, _: read_months(int(found["year"]), int(found["month"])),
    ),
    (
        r"(?P<year>(?:19|20)\d{2})(?![-/.]\d)",
        lambda found, _: read_months(int(found["year"]), 1, 12),
    ),
)
_RECENT: tuple[_Rule, ...] = (
    (WEEKDAY, lambda found, asked_on: read_weekday("", found.group(), asked_on)),
    (
        rf"{ON_WEEKDAY}?(?P<day>\d{{1,2}}){ORDINAL}",
        lambda found, asked_on: _read_day_alone(int(found["day"]), asked_on),
    ),
    (r"weekend", lambda _, asked_on: read_which("this", "weekend", asked_on)),
)
_PERIOD_READERS = tuple(
    (re.compile(pattern), read) for pattern, read in (*_DATED, *_YEARLY, *_RECENT)
)
DATED = rf"{_any_of(*(pattern for pattern, _ in _DATED))}\b"
YEARLY = rf"{_any_of(*(pattern for pattern, _ in _YEARLY))}\b"
PERIOD = rf"(?:{DATED}|{YEARLY})"
