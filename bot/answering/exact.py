"""What a sentence states to the digit and to the name: must stand in its evidence, however written.

`5 %` is `five per cent`, `1.2 million` is `1,200,000`, `on Thursday` is the day that the article's
date makes it, `Polish` is `Poland`'s and `EU` is `European Union`.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import NamedTuple

from bot.answering.countries import name_country
from bot.answering.days import resolve_day
from bot.answering.sentences import FUNCTION_WORDS

_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "tn": 1e12,
}
_SCALED = re.compile(
    r"(?<![\w.,])(\d[\d,]*(?:\.\d+)?)[ -]?"
    r"(hundred|thousand|million|billion|trillion|[mbt]n|[mk])s?\b",
    re.I,
)
_WORDED = re.compile(
    r"\b(?P<half>half )?an? (?P<size>hundred|thousand|million|billion|dozen)\b", re.I
)
_NUMBER = re.compile(
    r"(?P<sign>(?<![\w)\]])[-−])?(?:(?P<currency>[$€£¥])\s?)?(?P<digits>\d[\d,]*(?:\.\d+)?)"
    r"(?:st|nd|rd|th)?(?P<percent>\s?%|[ -]per ?cent(?:age)?\b(?! points?))?",
    re.I,
)
_ABOUT = re.compile(
    r"\b(?:about|around|some|roughly|approximately|nearly|almost|over|under|up to|at least|"
    r"close to|just|(?:more|less|fewer) than)\s[^\w\s]?$",
    re.I,
)
_ROUNDED = 0.06
_MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
_WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?\\.?" for name in _MONTHS)
_DAY = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})|"
    rf"(?P<month2>{_MONTH}) (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)|"
    rf"(?P<month3>{'|'.join(_MONTHS)}))"
    r"(?:,? (?P<year>(?:19|20)\d\d))?\b",
    re.I,
)
_ISO_DAY = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_YEAR = re.compile(r"(?<![\d$€£¥,.])(?:19|20)\d\d(?![\d%]|,\d|\.\d)")
_RELATIVE = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last night|this (?:morning|afternoon|evening)|"
    rf"{'|'.join(_WEEKDAYS)})\b",
    re.I,
)
_RELATIVE_YEARS = {"last": -1, "this": 0, "next": 1, "previous": -1, "coming": 1}
_RELATIVE_PERIOD = re.compile(
    r"\b(last|this|next|previous|coming)\s+(?:"
    rf"(year|month|spring|summer|autumn|fall|winter)|({'|'.join(_MONTHS)}))\b|"
    r"\b(?:a|one) (year|month) (ago|earlier|later)\b",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*(?:\.[A-Z]\.)?", re.UNICODE)
_LETTERS = re.compile(r"\b(?:[A-Z]\.){2,}")
_RUN = re.compile(r"[A-Z][\w’'-]*(?: (?:(?:of|the|for|and) )*[A-Z][\w’'-]*)+")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Number:
    """`unit` is "%", a currency's sign, or empty."""

    value: float
    unit: str
    is_about: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is stated: None for what is not."""

    year: int | None
    month: int | None
    day: int | None

    def agrees(self, other: Day) -> bool:
        """Whether all that is stated here is stated there, and the same."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(mine is None or mine == its for mine, its in pairs)


class Told(NamedTuple):
    """What an article says, and when it was published."""

    text: str
    published_at: datetime | None


def find_unstated(claim: str, evidence: Sequence[Told], context: str) -> tuple[str, ...]:
    """What the claim states exactly and the evidence does not: numbers, days, names.

    Names may stand anywhere in `context` (the passages that the claim cites, their headlines and
    publishers); numbers and days in the evidence, or be a day of publication.
    """
    said_days, said = _take_days(claim, None)
    taken = [_take_days(each.text, each.published_at) for each in evidence]
    days = [day for found, _ in taken for day in found]
    held = "\n".join(text for _, text in taken)
    numbers = read_numbers(held)
    missing = [
        f"{number.value:g}{number.unit}"
        for number in read_numbers(said)
        if not _holds(number, numbers, held, days)
    ]
    days += [_to_day(each.published_at.date()) for each in evidence if each.published_at]
    missing += [str(day) for day in said_days if not any(map(day.agrees, days))]
    return (*missing, *_find_unknown_names(claim, context))


def read_numbers(text: str) -> tuple[Number, ...]:
    """Every number, in digits or words, with its scale."""
    from text_to_num import alpha2digit

    plain = _SCALED.sub(_scale, _WORDED.sub(_word, text.replace("\N{NO-BREAK SPACE}", " ")))
    digits = _SCALED.sub(_scale, alpha2digit(plain, "en"))
    return tuple(_read_number(found, digits) for found in _NUMBER.finditer(digits))


def _scale(found: re.Match[str]) -> str:
    value = float(found[1].replace(",", "")) * _SCALES[found[2].lower().removesuffix("s")]
    return f"{value:.10g}" if value < 1e10 else f"{value:.0f}"


def _word(found: re.Match[str]) -> str:
    """`half a million`, `a dozen`."""
    share, size = 0.5 if found["half"] else 1.0, found["size"].lower()
    return f"{12 * share:g}" if size == "dozen" else f"{share:g} {size}"


def _read_number(found: re.Match[str], text: str) -> Number:
    value = float(found["digits"].replace(",", "").rstrip("."))
    unit = "%" if found["percent"] else found["currency"] or _currency_behind(text[found.end() :])
    return Number(
        -value if found["sign"] else value,
        unit,
        _ABOUT.search(text[: found.start()]) is not None,
    )


def _currency_behind(rest: str) -> str:
    word = re.match(r"\s(?:US )?(dollars?|euros?|pounds?|yen)\b", rest, re.I)
    return {"d": "$", "e": "€", "p": "£", "y": "¥"}[word[1][0].lower()] if word else ""


def _holds(said: Number, held: Sequence[Number], text: str, days: Sequence[Day]) -> bool:
    if any(_same(said, each) for each in held):
        return True
    if said.unit or said.value != int(said.value):
        return False
    years = {day.year for day in days if day.year} | {int(n.value) for n in held if n.value > 1900}
    spans = {abs(first - second) for first, second in combinations(years, 2)}
    return said.value in spans or (1 < said.value <= _MOST_LISTED and said.value in _lengths(text))


def _same(said: Number, held: Number) -> bool:
    if said.unit and held.unit and said.unit != held.unit:
        return False
    if "%" in (said.unit, held.unit) and said.unit != held.unit:
        return False
    off = abs(said.value - held.value)
    return off < 1e-6 or (said.is_about and off <= _ROUNDED * abs(held.value))


def _lengths(text: str) -> set[int]:
    """How many are listed: `Poland, France and Sweden` are three."""
    lists = re.findall(r"\w[^,.;:]*(?:, [^,.;:]+)*,? and [^,.;:]+", text)
    return {found.count(",") - found.count(", and") + 2 for found in lists}


def _take_days(text: str, published_at: datetime | None) -> tuple[tuple[Day, ...], str]:
    """The days, months and years that a text names, and the text without them."""
    days = [Day(int(y), int(m), int(d)) for y, m, d in _ISO_DAY.findall(text)]
    rest = _ISO_DAY.sub(" ", text)
    for found in _DAY.finditer(rest):
        name = found["month"] or found["month2"] or found["month3"]
        if found["month3"] and not found["year"] and name[0].islower():
            continue  # "may", "march"
        number = found["day"] or found["day2"]
        year = int(found["year"]) if found["year"] else None
        day = Day(year, _month(name), int(number) if number else None)
        days += [day, *_with_year(day, published_at)]
    rest = _DAY.sub(lambda found: found[0] if found[0].islower() else " ", rest)
    days += [Day(int(year), None, None) for year in _YEAR.findall(rest)]
    rest = _YEAR.sub(" ", rest)
    if published_at is not None:
        days += _resolve(text, published_at)
    return tuple(days), rest


def _month(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name[:3].lower()))


def _with_year(day: Day, published_at: datetime | None) -> Iterator[Day]:
    """A day without its year, in the years around the publication."""
    if published_at is not None and day.year is None:
        for year in (published_at.year - 1, published_at.year, published_at.year + 1):
            yield Day(year, day.month, day.day)


def _resolve(text: str, published_at: datetime) -> Iterator[Day]:
    """The days, months and years that an article's words mean by its date."""
    published = published_at.date()
    for found in _RELATIVE.finditer(text):
        if (day := resolve_day(found[0], text, published_at)) is not None:
            yield _to_day(day)
    for found in _RELATIVE_PERIOD.finditer(text):
        shift = _RELATIVE_YEARS.get((found[1] or "").lower())
        if found[3]:
            yield Day(published.year + (shift or 0), _month(found[3]), None)
            yield Day(published.year, _month(found[3]), None)
        elif "month" in (found[2] or found[4] or ""):
            months = shift if shift is not None else (1 if found[5] == "later" else -1)
            moved = (published.replace(day=15) + timedelta(days=30 * months)).replace(day=1)
            yield Day(moved.year, moved.month, None)
        else:
            years = shift if shift is not None else (1 if found[5] == "later" else -1)
            yield Day(published.year + years, None, None)


def _to_day(day: date) -> Day:
    return Day(day.year, day.month, day.day)


def _find_unknown_names(claim: str, context: str) -> Iterator[str]:
    """Capitalised words that the context has in no form."""
    held = {_fold(word) for word in _words(context)}
    small = {_fold(word) for word in _words(context) if word[0].islower()}
    countries = {name_country(word) for word in held} - {None}
    initials, joined = _initials(context), _initials(claim)
    for i, word in enumerate(_words(claim)):
        folded = _fold(word)
        if not word[0].isupper() or folded in held or folded.rstrip("s") in held:
            continue
        if name_country(folded) in countries:
            continue
        if word.isupper() and len(word) > 1:
            if not any(folded in run for run in initials):
                yield word
        elif folded in _MONTHS + _WEEKDAYS or (i == 0 and not _is_name(claim, word, small)):
            continue
        elif not any(each in run for each in _acronyms(context) for run in joined):
            yield word


def _is_name(claim: str, first: str, small: set[str]) -> bool:
    """Whether a sentence's first word is part of a name: a capital follows, or it is a country."""
    if _fold(first) in FUNCTION_WORDS:
        return False
    if name_country(_fold(first)) is not None:
        return True
    words = _words(claim)
    return len(words) > 1 and words[1][0].isupper() and _fold(first) not in small


def _initials(text: str) -> list[str]:
    """Of names of several words: `European Union` is `eu`."""
    runs = _RUN.findall(text)
    return [
        "".join(word[0] for word in run.split() if word[0].isupper()).casefold() for run in runs
    ]


def _acronyms(text: str) -> set[str]:
    return {_fold(word) for word in _words(text) if word.isupper() and len(word) > 1}


def _words(text: str) -> list[str]:
    plain = _LETTERS.sub(lambda found: found[0].replace(".", ""), text)
    return [re.sub(r"[’']s?$", "", word) for word in _WORD.findall(plain)]


def _fold(word: str) -> str:
    """Without case and accents."""
    parts = unicodedata.normalize("NFKD", word.casefold().translate(_PLAIN))
    return "".join(part for part in parts if not unicodedata.combining(part))
