"""The months and the order of day and month in every language that dateparser has words for, and
years that are not counted from the birth of Christ."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

# As dateparser calls them.
_MONTHS = [name.casefold() for name in calendar.month_name[1:]]
_WEEKDAYS = [name.casefold() for name in calendar.day_name]
# Of the Solar Hijri calendar, as Iran and as Afghanistan call them.
_SOLAR_MONTHS = {
    name: number
    for names in (
        "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند",
        "حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت",
    )
    for number, name in enumerate(names.split(), 1)
} | {"امرداد": 5}
_SOLAR_LANGUAGES = ("fa", "ps", "prs")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_BUDDHIST_AHEAD, _BUDDHIST_YEARS = 543, range(2400, 2700)
_SOLAR_EPOCH = date(622, 3, 22)
# Each has as many days as the Solar Hijri calendar's cycle of years.
_CYCLE_YEARS, _CYCLE_LEAPS = 33, 8
# The first letters that tell a month, and how many an inflected form may end in besides.
_LEAST_STEM, _LONGEST_ENDING = 4, 3
# Of those that dateparser orders by how many people speak them: what two of the many mean
# otherwise than one another, the few do not decide.
_MANY_LANGUAGES = (70, None)


def read_month(word: str, language: str | None) -> int | None:
    """The month's number: as the language has it, else English, else wherever it means one."""
    word = _fold(word)
    if language and not language.lower().startswith("en"):
        known = _months_of(language)
        if found := known.get(word) or _read_inflected(word, known):
            return found
    if found := _months_of("en").get(word):
        return found
    for languages in _MANY_LANGUAGES:
        if word in (known_to := _months_of_first(languages)):
            return known_to[word]
    return None


def read_weekday(word: str, language: str | None) -> int | None:
    """Monday is 0: in the language, or in English."""
    word = _fold(word)
    known_to = [_weekdays_of(each) for each in (language, "en") if each]
    return next((days[word] for days in known_to if word in days), None)


def puts_month_first(language: str) -> bool | None:
    """Of 03/04/2025; None of English without a country."""
    if language.casefold() == "en":
        return None
    found = _find_words(language)
    return None if found is None else found.get("date_order") == "MDY"


def writes_dates_with(mark: str, language: str) -> bool:
    """Whether people who write the language put this between the numbers of a date."""
    from babel import UnknownLocaleError
    from babel.dates import get_date_format

    try:
        pattern = get_date_format("short", locale=language.replace("-", "_")).pattern
    except (UnknownLocaleError, ValueError):
        return True
    return mark in pattern


def build_day(year: int, month: int, day: int, language: str | None = None) -> date:
    """In whichever calendar a year of that number is. Raises ValueError."""
    if year in _BUDDHIST_YEARS:
        year -= _BUDDHIST_AHEAD
    if 1300 <= year < 1500 and language and language[:3].strip("-_") in _SOLAR_LANGUAGES:
        return _build_solar_day(year, month, day)
    return date(year, month, day)


def read_worded_day(year: int, word: str, day: int, language: str | None) -> date | None:
    """Raises ValueError for a day that the month does not have."""
    if solar := _SOLAR_MONTHS.get(word.strip(".")):
        return _build_solar_day(year, solar, day)
    month = read_month(word, language)
    return None if month is None else build_day(year, month, day)


def read_era_year(era: str, year: str) -> int:
    """`令和3年`; the first year of an era is written 元."""
    return _ERAS[era] + (1 if year == "元" else int(year))


def _build_solar_day(year: int, month: int, day: int) -> date:
    """Six months of 31 days, five of 30, a last one of 29 or 30; eight of 33 years are longer."""
    length = 31 if month <= 6 else 30
    if not (1300 <= year < 1500 and 1 <= month <= 12 and 1 <= day <= length):
        raise ValueError(f"{year}-{month}-{day} is not a day")
    before = 31 * min(month - 1, 6) + 30 * max(month - 7, 0)
    leaps = (_CYCLE_LEAPS * year + 21) // _CYCLE_YEARS
    return _SOLAR_EPOCH + timedelta(days=365 * (year - 1) + leaps - 1 + before + day - 1)


@cache
def _find_words(language: str) -> Mapping[str, Any] | None:
    """What dateparser knows of a language, or of the language of a region."""
    from dateparser.languages.loader import default_loader

    code = language.replace("_", "-")
    base = code.partition("-")[0].lower()
    named = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "sh": "hr"}.get(base, base)
    for tried in (f"{named}-{code.rpartition('-')[2].upper()}" if "-" in code else named, named):
        try:
            found: Mapping[str, Any] = default_loader.get_locale(tried).info
        except (ValueError, KeyError, ImportError):
            continue
        return found
    return None


@cache
def _months_of(language: str) -> dict[str, int]:
    return {word: number + 1 for word, number in _number_words(language, _MONTHS).items()}


@cache
def _weekdays_of(language: str) -> dict[str, int]:
    return _number_words(language, _WEEKDAYS)


def _number_words(language: str, names: Sequence[str]) -> dict[str, int]:
    words = _find_words(language) or {}
    return {
        _fold(str(word)): number
        for number, name in enumerate(names)
        for word in words.get(name, ())
    }


@cache
def _months_of_first(languages: int | None) -> dict[str, int | None]:
    """None for a word that is two months: `listopad` is November to Czechs and October to
    Croats."""
    from dateparser.data.languages_info import language_order

    meant: dict[str, set[int]] = {}
    for language in language_order[:languages]:
        for word, number in _months_of(language).items():
            meant.setdefault(word, set()).add(number)
    return {word: None if len(each) > 1 else each.pop() for word, each in meant.items()}


def _read_inflected(word: str, known: Mapping[str, int]) -> int | None:
    """`martā` of `marts`: the one month that begins alike and ends in few other letters."""
    months = {
        number
        for name, number in known.items()
        if (same := _count_same(word, name)) >= _LEAST_STEM
        and max(len(word), len(name)) - same <= _LONGEST_ENDING
    }
    return months.pop() if len(months) == 1 else None


def _count_same(one: str, other: str) -> int:
    same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        same += 1
    return same


def _fold(word: str) -> str:
    return word.casefold().replace(".", "").strip("’'")
