"""Days, weeks, months and years in words, and what they span."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from retrieval.schema import BY_DAY
from retrieval.stretches import read_number, read_stretch

Period = tuple[datetime, datetime]

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
ORDINAL = r"(?:st|nd|rd|th)"
SEASON = r"(?:spring|summer|autumn|fall|winter)"
WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
QUARTER = r"(?:q[1-4]|(?:the )?(?:first|second|third|fourth) quarter)"
_NUMBER = (
    r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:a )?couple(?: of)?|(?:a )?few|several)"
)
_UNIT = r"(?:day|week|month|year|decade)"
# A date as a caller may give it states its year in full; a question also says "3 March last year".
DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}{ORDINAL}? (?:of )?{MONTH},? \d{{4}}|"
    rf"{MONTH} \d{{1,2}}{ORDINAL}?,? \d{{4}}|{MONTH} \d{{4}}|(?:19|20)\d{{2}}(?:-\d{{2}})?)"
)
_YEAR_AGO = rf"(?:(?:last|this|past) year|{_NUMBER} years? ago)"
_YEAR = rf"(?:\d{{4}}|['’]\d{{2}}\b|{_YEAR_AGO})"
OF_YEAR = rf",? (?:of )?{_YEAR}"
DAY_OF_MONTH = rf"(?:\d{{1,2}}{ORDINAL}? (?:of )?{MONTH}|{MONTH} (?:the )?\d{{1,2}}{ORDINAL}?)"
WITHIN_YEAR = rf"(?:{DAY_OF_MONTH}|{MONTH}|{QUARTER}|{SEASON})"
RELATIVE = (
    rf"(?:{_YEAR_AGO},? (?:in|on) (?:the )?{WITHIN_YEAR}|the day before yesterday|yesterday|"
    rf"today|tonight|this (?:morning|afternoon|evening)|last night|"
    rf"(?:last|this|(?:the |this )?past) weekend|(?:last|this) (?:{_UNIT}|quarter|{SEASON})|"
    rf"{WEEKDAY} (?:of )?(?:last|this) week|(?:last|past) {WEEKDAY}|last (?:{MONTH}(?! \d))|"
    rf"{_NUMBER} {_UNIT}s? ago|(?:the )?(?:past|last) {_NUMBER} {_UNIT}s|(?:the )?past {_UNIT})"
)
DAY = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{4}}[./]\d{{1,2}}[./]\d{{1,2}}|"
    rf"\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{4}}|{DAY_OF_MONTH}{OF_YEAR})"
)
STRETCH = rf"(?:{QUARTER}{OF_YEAR}|(?:19|20)\d0s|{SEASON}{OF_YEAR})"
PERIOD = (
    rf"(?:{STRETCH}|{DAY}|{MONTH}{OF_YEAR}|(?:19|20)\d{{2}}(?:-\d{{2}})?(?![-/.]\d)|{RELATIVE})\b"
)
_DATED = re.compile(rf"(?P<what>{WITHIN_YEAR}),? (?:of )?(?P<year>{_YEAR})", re.I)
_TURNED = re.compile(rf"(?P<year>{_YEAR_AGO}),? (?:in|on) (?:the )?(?P<what>{WITHIN_YEAR})", re.I)
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./ -](\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})")
_ONE_SECOND = timedelta(seconds=1)
END_OF_TIME = datetime.max.replace(microsecond=0, tzinfo=BY_DAY)
# The last 29 February may be eight years ago.
_YEARS_BACK = 8
_YEARS_AHEAD = 10


def read_period(expression: str, asked_on: date) -> Period | None:
    """First and last second of the day, week, month or year that is named, by day.

    None for what is not a date (31 February).
    """
    words = _state_year(expression.strip(), asked_on)
    try:
        stretch = read_stretch(words.lower(), asked_on) or _read_numeric(words, asked_on)
        if stretch is not None:
            return _midnight(stretch[0]), _midnight(stretch[1]) + timedelta(days=1) - _ONE_SECOND
        named = _read_date(words, asked_on)
        return None if named is None else _whole_period(*named)
    except (ValueError, OverflowError):
        return None


def read_latest(expression: str, asked_on: date) -> Period | None:
    """What is named without its year, as the last such that had begun by the day of asking."""
    for year in range(asked_on.year, asked_on.year - _YEARS_BACK - 1, -1):
        period = read_period(f"{expression} {year}", asked_on)
        if period is not None and period[0].date() <= asked_on:
            return period
    return None


def _state_year(expression: str, asked_on: date) -> str:
    """ "March of last year", "last year in March" → "March 2025"; "3 May '26" → "3 May 2026"."""
    found = _DATED.fullmatch(expression) or _TURNED.fullmatch(expression)
    if found is None:
        return expression
    year = found["year"].lower()
    if year.isdigit():
        number = int(year)
    elif year[0] in "'’":
        number = _full_year(int(year[1:]), asked_on)
    elif year.endswith("ago"):
        number = asked_on.year - read_number(year.removesuffix(" ago").rpartition(" ")[0])
    else:
        number = asked_on.year - (not year.startswith("this"))
    return f"{found['what']} {number:04}"


def _full_year(short: int, asked_on: date) -> int:
    """ "'98" is 1998; "'27" may be next year."""
    year = asked_on.year // 100 * 100 + short
    return year if year < asked_on.year + _YEARS_AHEAD else year - 100


def _read_numeric(expression: str, asked_on: date) -> tuple[date, date] | None:
    """ "3/5/2026": the day first, unless only the month can be ("5/23/2026")."""
    if (found := _YEAR_FIRST.fullmatch(expression)) is not None:
        year, month, day = map(int, found.groups())
    elif (found := _DAY_FIRST.fullmatch(expression)) is not None:
        day, month, year = map(int, found.groups())
        if month > 12:
            day, month = month, day
        if len(found[3]) == 2:
            year = _full_year(year, asked_on)
    else:
        return None
    named = date(year, month, day)
    return named, named


def _whole_period(first: datetime, period: str) -> Period:
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
        return first, END_OF_TIME
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
