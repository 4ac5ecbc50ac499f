"""Dates as people write them, found in a short line and read in its language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import TYPE_CHECKING

from ingest.dating import believable, date_order

if TYPE_CHECKING:
    from dateparser import DateDataParser

_YEAR = r"(?:19|20)\d{2}"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|[.ºª])?"
_MONTH = r"[^\W\d_]{3,12}\.?"
_WORDED = (
    rf"{_DAY}[\s-]?(?:\s?(?:de|of)\s)?\s?{_MONTH},?(?:\s(?:de|del))?[\s-]{_YEAR}|"
    rf"{_MONTH},?\s{_DAY},?\s{_YEAR}"
)
_PHRASE = re.compile(
    rf"(?<![\w./-])(?<!\d,)(?:"
    rf"(?P<year>{_YEAR})(?:(?P<dash>[./-])|[年년]\s?)(?P<month>\d{{1,2}})(?:(?P=dash)|[月월]\s?)"
    rf"(?P<day>\d{{1,2}})[日일]?|"
    rf"(?P<first>\d{{1,2}})(?P<mark>[./-])\s?(?P<second>\d{{1,2}})(?P=mark)\s?"
    rf"(?P<last>{_YEAR}|(?<=[./])\d{{2}})|"
    rf"(?P<worded>{_WORDED})"
    rf")(?!\d|[./-]\d+\b(?!:))",
    re.I,
)
_CLOCK = r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::\d{2})?\s?(?P<half>[ap]\.?m\b\.?)?"
_ZONE = r"(?:\s?\(?(?P<zone>(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{1,4}\b))?"
_CLOCK_AFTER = re.compile(
    rf"[\s,|/·•–—-]*(?:at|um|à|às|as|a las|alle|ore|om|kl\.?|o|@)?\s?{_CLOCK}{_ZONE}", re.I
)
_CLOCK_BEFORE = re.compile(rf"(?<![\d:.]){_CLOCK}{_ZONE}(?:\s?Uhr)?(?:[\s,|/·•–—-]|on)*$", re.I)
_OF_A_CHANGE = re.compile(
    r"(?:updated?|modified|edited|revised|aktualisiert|stand|ge[aä]ndert|mis(?:e)? à jour|modifié|"
    r"actualizado|modificado|aggiornato|bijgewerkt|atualizado|oppdatert|uppdaterad|opdateret|"
    r"aktualizacja|zaktualizowano|изменено|обновлено|更新)[^\d]{0,40}$",
    re.I,
)
_COPYRIGHT = re.compile(r"©|\bcopyright\b|\ball rights reserved\b", re.I)
_HOURS_FROM_UTC = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1,
    "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7, "AEST": 10, "AEDT": 11, "JST": 9, "KST": 9, "NZST": 12,
    "NZDT": 13,
}  # fmt: skip
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", re.I)
# What dateparser is given where the page states no language it knows.
_COMMON_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl")


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """A date in a line, and whether it is that of a change to what was published before."""

    found: re.Match[str]
    of_a_change: bool


def find_date_phrases(line: str) -> Iterator[DatePhrase]:
    for found in _PHRASE.finditer("" if _COPYRIGHT.search(line) else line):
        yield DatePhrase(found, announces_change(line[: found.start()]))


def announces_change(words: str) -> bool:
    """Whether the date after these words is that of a change: `Last updated on`."""
    return _OF_A_CHANGE.search(words) is not None


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads the lines of one page: its language and its other dates tell day from month."""

    language: str | None
    other_lines: Sequence[str]
    now: datetime

    def read_line(self, line: str) -> Iterator[datetime]:
        """The dates of publication that a line states."""
        for phrase in find_date_phrases(line):
            if not phrase.of_a_change and (moment := self.read(phrase)):
                yield moment

    def read(self, phrase: DatePhrase) -> datetime | None:
        """With its time of day and zone where the line has them.

        None where day and month cannot be told apart, or the date cannot be.
        """
        found = phrase.found
        day = _read_day(found, self.language, self.other_lines)
        if day is None:
            return None
        before, after = found.string[: found.start()], found.string[found.end() :]
        clock = _CLOCK_AFTER.match(after) or _CLOCK_BEFORE.search(before)
        return believable(datetime.combine(day, *_read_clock(clock)), self.now)


def _read_day(
    found: re.Match[str], language: str | None, other_lines: Sequence[str]
) -> date | None:
    try:
        if found["year"]:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
        if found["worded"]:
            return _read_worded(found["worded"], language)
        digits = f"{found['first']}{found['mark']}{found['second']}{found['mark']}{found['last']}"
        year = int(found["last"]) if len(found["last"]) == 4 else 2000 + int(found["last"])
        first, second = int(found["first"]), int(found["second"])
        match date_order(digits, other_lines, language):
            case "DMY" if second <= 12:
                return date(year, second, first)
            case "DMY" | "MDY":
                return date(year, first, second)
    except ValueError:
        return None
    return None


def _read_worded(text: str, language: str | None) -> date | None:
    for languages in _try_languages(language):
        try:
            found = _reader(languages).get_date_data(text)
        except ValueError:  # a language that dateparser does not know
            continue
        if found.date_obj:
            day: date = found.date_obj.date()
            return day
    return None


@cache
def _reader(languages: tuple[str, ...]) -> DateDataParser:
    """Kept, because it takes longer to make than to use."""
    from dateparser import DateDataParser

    settings = {"DATE_ORDER": "DMY", "STRICT_PARSING": True}
    return DateDataParser(languages=list(languages), settings=settings)


def _try_languages(language: str | None) -> Iterator[tuple[str, ...]]:
    if language:
        code = language[:2].lower()
        yield ({"no": "nb", "nn": "nb"}.get(code, code),)
    yield _COMMON_LANGUAGES


def _read_clock(clock: re.Match[str] | None) -> tuple[time, tzinfo]:
    """Midnight in UTC where there is none; a time without a zone is taken for UTC."""
    if clock is None:
        return time(), UTC
    hour, minute = int(clock["hour"]), int(clock["minute"])
    if clock["half"] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if clock["half"][0] in "pP" else 0)
    if hour > 23 or minute > 59:
        return time(), UTC
    return time(hour, minute), _read_zone(clock["zone"] or "Z")


def _read_zone(name: str) -> tzinfo:
    if (hours := _HOURS_FROM_UTC.get(name.upper())) is not None:
        return timezone(timedelta(hours=hours))
    if offset := _OFFSET.fullmatch(name):
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        if ahead < timedelta(hours=15):
            return timezone(ahead if offset[1] == "+" else -ahead)
    return UTC
