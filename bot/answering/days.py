"""The calendar day that an article's words mean, worked out from the day it was published."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(rf"(?:on |this |last |next |late |early )*\b({'|'.join(_WEEKDAYS)})\b", re.I)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WITH_DAY = re.compile(
    rf"\b(?:(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTH}))"
    r"(?:,? (?:(?:19|20)\d\d))?(?![\d–-]| (?:and|to) \d)",
    re.I,
)
_SEVERAL = re.compile(rf"\d\s*(?:–|-|and|to)\s*\d{{1,2}}\s+(?:of )?{_MONTH}\b", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NEAR_DAYS = {
    re.compile(r"\byesterday\b|\blast night\b", re.I): -1,
    re.compile(r"\btoday\b|\btonight\b|\bthis (?:morning|afternoon|evening)\b", re.I): 0,
    re.compile(r"\btomorrow\b", re.I): 1,
}
# A weekday is the last one that was, unless the sentence speaks of what is to come.
_TO_COME = re.compile(
    r"\b(?:will|shall|next|upcoming|(?:is|are|was|were|be) (?:to|due|set|expected|scheduled)|"
    r"plans? to|scheduled)\b",
    re.I,
)
# What such a word leads to is another event, or the end of a span.
_TOLD_FROM = re.compile(
    r"\b(?:after|before|following|since)\b|\b(?:by|from|till|until|to)(?: \w+)?\s*$", re.I
)


def resolve_day(words: str, sentence: str, published_at: datetime | None) -> date | None:
    """The one day that `words` of a sentence name; None where they name none or several.

    Without its year a day is the one nearest to the publication; a weekday is the last one up to
    the publication, or the first one from then on where the sentence speaks of the future.
    """
    published = None if published_at is None else published_at.date()
    stated = list(_WITH_DAY.finditer(words))
    if len(stated) > 1 or _names_several(words):
        return None
    if stated:
        return _read_day(stated[0].group(), published)
    if published is None:
        return None
    for pattern, days in _NEAR_DAYS.items():
        if pattern.search(words):
            return published + timedelta(days=days)
    named = _WEEKDAY.findall(words)
    if len(named) != 1 or re.search(r"\d", words):
        return None
    days = (_WEEKDAYS.index(named[0].lower()) - published.weekday()) % 7
    return published + timedelta(days=days if _TO_COME.search(sentence) or not days else days - 7)


def describe_day(day: date) -> str:
    """`Thursday, 12 February 2026`."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _names_several(words: str) -> bool:
    """`7 and 8 July`, `3–4 April`: no single day."""
    return _SEVERAL.search(words) is not None


@lru_cache(maxsize=1_024)
def _read_day(words: str, published: date | None) -> date | None:
    from dateparser.date import DateDataParser

    if _YEAR.search(words) is None and published is None:
        return None
    base = published or date(2000, 1, 1)
    settings = {"RELATIVE_BASE": datetime(base.year, base.month, base.day)}
    parsed = DateDataParser(languages=["en"], settings=settings).get_date_data(words)
    if parsed is None or parsed.date_obj is None or parsed.period != "day":
        return None
    day: date = parsed.date_obj.date()
    if _YEAR.search(words) is not None or published is None:
        return day
    years = [each for shift in (-1, 0, 1) if (each := _in_year(day, published.year + shift))]
    return min(years, key=lambda each: abs((each - published).days), default=None)


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return None


def find_event_day(sentence: str, published_at: datetime | None) -> date | None:
    """The day on which what a sentence tells took place; None where it names none, several, one
    that another event is told from ("after the attack on 24 September"), or one to come."""
    days: set[date] = set()
    for found in (*_WITH_DAY.finditer(sentence), *_WEEKDAY.finditer(sentence)):
        clause = re.split(r"[,;:—–]", sentence[: found.start()])[-1]
        day = resolve_day(found.group(), sentence, published_at)
        if day is None or _TOLD_FROM.search(clause):
            return None
        days.add(day)
    if len(days) != 1 or _names_several(sentence):
        return None
    (day,) = days
    return None if published_at is not None and day > published_at.date() else day
