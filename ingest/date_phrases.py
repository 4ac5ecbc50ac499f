"""Dates as people write them, found in a short line and read in its language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from itertools import pairwise

from ingest.date_words import (
    build_day,
    puts_month_first,
    read_era_year,
    read_weekday,
    read_worded_day,
)
from ingest.dating import believable, parse_loose, parse_structured, read_zone

# Years of the Solar Hijri and the Buddhist calendar too.
_YEAR = r"(?:1[34]|19|20|2[45])\d{2}"
_DAY = r"\d{1,2}(?:\.|[ºª°]|-?[^\W\d_]{1,3}\b)?"
# With the marks that many scripts write their vowels with.
_MONTH = (
    r"(?:tháng\s\d{1,2}|thg\s\d{1,2}|"
    r"[^\W\d_](?:[^\s\d.,،;:!?()/|–—-]|\.(?=[^\W\d_])){1,19}\.?)"
)
# `de`, `m.`, `gada`, `ค.ศ.`
_BETWEEN = r"(?:[^\s\d,;:!?()/|]{1,4}\s)"
_WORDED = (
    rf"(?P<day_a>{_DAY})[\s,-]{{0,2}}{_BETWEEN}?(?P<word_a>{_MONTH})[,،]?[\s-]{_BETWEEN}?"
    rf"(?P<year_a>{_YEAR})|"
    rf"(?P<word_b>{_MONTH}),?\s(?P<day_b>{_DAY}),?\s(?:del?\s)?(?P<year_b>{_YEAR})|"
    rf"(?P<year_c>{_YEAR})\.?\s(?:gada|ж\.)\s(?P<day_c>{_DAY})\s(?P<word_c>{_MONTH})|"
    rf"(?P<year_d>{_YEAR})[^\W\d_]{{0,4}}[.,]?\s{_BETWEEN}?(?P<word_d>{_MONTH}),?\s"
    rf"(?P<day_d>{_DAY})"
)
_PHRASE = re.compile(
    rf"(?<![\dA-Za-z_./-])(?<!\d,)(?:"
    rf"(?P<year>{_YEAR})(?:(?P<dash>[./-])\s?|\s?[年년]\s?|\sоны\s)(?P<month>\d{{1,2}})"
    rf"(?:(?P=dash)\s?|\s?[月월]\s?|(?:-р)?\sсарын\s)(?P<day>\d{{1,2}})[日일]?|"
    rf"(?P<era>令和|平成|昭和|民國|民国)\s?(?P<era_year>\d{{1,3}}|元)年\s?(?P<era_month>\d{{1,2}})月\s?"
    rf"(?P<era_day>\d{{1,2}})日|"
    rf"(?P<first>\d{{1,2}})(?P<mark>[./-])\s?(?P<second>\d{{1,2}})(?P=mark)\s?"
    rf"(?P<last>{_YEAR}|(?<=[./])\d{{2}})|"
    rf"(?P<worded>{_WORDED})"
    rf")(?!\d|[./-]\d+\b(?!:))",
    re.I,
)
# As front matter and the JSON of other tools name it, without dashes and underscores.
PUBLISHED_KEYS = [
    "publishedat",
    "published",
    "datepublished",
    "publicationdate",
    "publishdate",
    "publisheddate",
    "datepublish",
    "publishingdate",
    "firstpublished",
    "publishedtime",
    "publishtime",
    "pubdate",
    "dateposted",
    "posted",
    "date",
]
MODIFIED_KEYS = [
    "modifiedat",
    "modified",
    "datemodified",
    "datemodify",
    "lastmod",
    "lastmodified",
    "modifieddate",
    "updatedat",
    "updated",
    "updateddate",
]
_CHINESE_DATE = re.compile(
    r"[〇零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}日"
)
_NO_DASHES = str.maketrans("", "", "_- ")
_CHINESE_NUMBER = re.compile(r"[〇零一二三四五六七八九十]+")
_CLOCK = (
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s?"
    r"(?P<half>[ap]\.?m\b\.?)?"
)
_ZONE = r"(?:\s?\(?(?P<zone>(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{1,4}\b))?"
_CLOCK_AFTER = re.compile(
    rf"[\s,|/·•T–—-]*(?:at|um|à|às|as|a las|alle|ore|om|kl\.?|klo|o|ob|kell|plkst\.|в|о|@)?\s?"
    rf"{_CLOCK}{_ZONE}",
    re.I,
)
_CLOCK_BEFORE = re.compile(rf"(?<![\d:.]){_CLOCK}{_ZONE}(?:\s?Uhr)?(?:[\s,|/·•–—-]|on)*$", re.I)
_LONE_CLOCK = re.compile(rf"\b{_CLOCK}(?:\s[A-Z]{{3,4}}\b)?(?:\sUhr\b)?")
_OF_A_CHANGE = re.compile(
    r"(?:(?<!-)(?:updated?|modified|edited|revised|aktualisiert|ge[aä]ndert|mise? à jour|modifié|"
    r"actualizado|modificado|aggiornato|bijgewerkt|atualizado|oppdatert|uppdaterad|opdateret|"
    r"aktualizacja|zaktualizowano|изменено|обновлено|更新)|\bstand)[^\d]{0,40}$",
    re.I,
)
# Of an event, a picture, a life, a copy: whatever is published when it is not.
_OF_SOMETHING_ELSE = re.compile(
    r"\b(?:(?:re)?generated|printed|exported|downloaded|accessed|retrieved|crawled|archived|saved|"
    r"scanned|captured|taken|photo(?:graph(?:ed)?)?|picture|caption|event|when|deadline|due|starts?|"
    r"starting|begins?|beginning|ends?|ending|until|till|from|since|valid|expires?|effective|born|"
    r"died|founded|joined|member|today|now|comment(?:ed)?|reply|replied|next|gedruckt|ausgedruckt|"
    r"abgerufen|heruntergeladen|aufgenommen|foto|bild|aufnahme|veranstaltung|termin|wann|beginn|"
    r"ende|heute|gültig|imprimé|consulté|téléchargé|événement|quand|échéance|stampato|consultato|"
    r"scaricato|evento|quando|scadenza|impreso|consultado|descargado|cuándo|plazo|impresso|prazo|"
    r"afgedrukt|geraadpleegd|evenement|wanneer)\b[^\d.|]{0,30}$",
    re.I,
)
# Between the first and the last day of what lasts.
_TO = re.compile(r"\s*(?:[-–—~]|to|through|bis|au|al|till|tot|até|hasta|fino al|do|по)\s*", re.I)
_WORD = re.compile(r"[^\W\d_]{2,}")
_PUBLISHED = re.compile(
    r"\b(?:(?:first |originally )?publi|pubbli|gepubli|opubli|(?:re)?posted|issued|released|filed|"
    r"sent|submitted|created|veröffentlicht|erstellt|erschienen|eingestellt|mis en ligne|posté|"
    r"paru|geplaatst|julkaist|zveřejn|uverejn|objav|közzé|megjelen|dodano|utworzon|опублик|yayın)",
    re.I,
)
_DATED = re.compile(r"\b(?:dat(?:e|um|a|o|ed)\b|fecha|vom\b|дата|tarih)", re.I)
_COPYRIGHT = re.compile(r"©|\bcopyright\b|\ball rights reserved\b", re.I)
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d{2})\b")
# Between the parts of a line that is a date's: `OSLO, 3 March 2026 | By Ann Ekholm`.
_PARTS = re.compile(r"[|·•–—/,;()]|\s-\s")
_BY = re.compile(
    r"(?:(?:written |posted )?by|von|par|por|di|door|av|af|text|autor|author)\b:?\s+(?=\w)", re.I
)
_MOST_NAME_WORDS = 4
_LONGEST_DATE_LINE = 120
_AFTER_DATELINE = re.compile(r"\)?\s*[:–—|/-]|\)")
_LONGEST_DATELINE, _LONGEST_DATE = 45, 30
# Languages that write the day first, and the month.
_BOTH_ORDERS = ("en-GB", "en-US")


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """A date in a line, and whether it is that of a change to what was published before, or of
    something else than publication."""

    found: re.Match[str]
    of_a_change: bool
    of_something_else: bool

    @property
    def line(self) -> str:
        return self.found.string

    @property
    def has_time(self) -> bool:
        return any(_find_clocks(self.found))

    @property
    def span(self) -> tuple[int, int]:
        """With its time of day."""
        before, after = _find_clocks(self.found)
        start = before.start() if before else self.found.start()
        return start, self.found.end() + (after.end() if after else 0)


def find_date_phrases(line: str) -> Iterator[DatePhrase]:
    """In the line with the digits of every script as ours: as many characters, except where a
    whole date is written in Chinese numerals."""
    written = "" if _COPYRIGHT.search(line) else _write_digits(line)
    start = 0
    dates = list(_PHRASE.finditer(written))
    lasting = {each for pair in pairwise(dates) if _is_period(*pair) for each in pair}
    for found in dates:
        before = written[start : found.start()]
        of_a_change = announces_change(before)
        of_else = not of_a_change and (found in lasting or announces_something_else(before))
        yield DatePhrase(found, of_a_change, of_else)
        start = found.end()


def _is_period(first: re.Match[str], last: re.Match[str]) -> bool:
    """`21.10.2019 – 27.10.2019`: when something takes place."""
    between = _LONE_CLOCK.sub("", first.string[first.end() : last.start()])
    return _TO.fullmatch(between) is not None


def announces_change(words: str) -> bool:
    """Whether the date after these words is that of a change: `Last updated on`."""
    return _OF_A_CHANGE.search(words) is not None


def announces_something_else(words: str) -> bool:
    """Whether the date after these words is no date of publication: `Printed on`, `Event:`."""
    return _OF_SOMETHING_ELSE.search(words) is not None and not _PUBLISHED.search(words)


def read_byline(line: str) -> str | None:
    """Who wrote what a line like `By Ann Ekholm, 3 March 2026` heads."""
    for part in list_beside_dates(line):
        if (by := _BY.match(part)) and is_name(name := part[by.end() :]):
            return name
    return None


def is_date_line(line: str) -> bool:
    """Whether a line says when what it heads was published, and besides at most where and by whom:
    neither a sentence nor a headline that holds a date."""
    phrases = list(find_date_phrases(line)) if len(line) <= _LONGEST_DATE_LINE else []
    if not any(_is_day(phrase) and not phrase.of_something_else for phrase in phrases):
        return False
    return all(map(_goes_with_a_date, list_beside_dates(line)))


def is_bare_date(line: str) -> bool:
    """Whether a line is a date, and perhaps its weekday and a time, and nothing else."""
    beside = list_beside_dates(line)
    return is_date_line(line) and all(
        len(part.split()) == 1 and (part.islower() or read_weekday(part, None) is not None)
        for part in beside
    )


def list_beside_dates(line: str) -> list[str]:
    """What a line says besides its dates, in parts."""
    phrases = list(find_date_phrases(line))
    written = phrases[0].line if phrases else line
    for phrase in reversed(phrases):
        start, end = phrase.span
        written = f"{written[:start]}|{written[end:]}"
    parts = _PARTS.split(_LONE_CLOCK.sub("|", written))
    return [part for each in parts if (part := each.strip(" .:[]"))]


def _goes_with_a_date(part: str) -> bool:
    words = part.split()
    if any(each.match(part) for each in (_PUBLISHED, _DATED, _BY)) or announces_change(part):
        return len(words) <= 2 * _MOST_NAME_WORDS
    # A weekday is a word in any language; a place or a person is a name.
    return (len(words) == 1 and len(part) <= 12) or is_name(part)


def is_name(words: str) -> bool:
    """Few words that begin with a capital, but for those that join names."""
    split = words.split()
    return (
        len(split) <= _MOST_NAME_WORDS
        and all(
            word[0].isupper() or word in ("of", "the", "de", "and", "von", "van", "der", "af", "da")
            for word in split
        )
        and split[-1:] != []
        and split[-1][0].isupper()
    )


def _is_day(phrase: DatePhrase) -> bool:
    try:
        return _read_day(phrase.found, "en-GB", ()) is not None
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads the lines of one page: its language and its other dates tell day from month; `zone` is
    that of times which state none."""

    language: str | None
    other_lines: Sequence[str]
    now: datetime
    zone: tzinfo = UTC

    def read_line(self, line: str) -> Iterator[datetime]:
        """The dates of publication that a line states."""
        for phrase in find_date_phrases(line):
            if phrase.of_a_change or phrase.of_something_else:
                continue
            if moment := self.read(phrase):
                yield moment

    def read_opening(self, paragraphs: Sequence[str]) -> datetime | None:
        """`Bergen, 12 May 2024 – The ministers …`, as press releases begin; and not, one after the
        other, what happened when."""
        if len(paragraphs) > 1 and _find_opening(paragraphs[1]):
            return None
        phrase = _find_opening(paragraphs[0]) if paragraphs else None
        return None if phrase is None else self.read(phrase)

    def read_change(self, line: str) -> datetime | None:
        """The first date of a change that a line states."""
        changes = (self.read(each) for each in find_date_phrases(line) if each.of_a_change)
        return next(filter(None, changes), None)

    def read(self, phrase: DatePhrase) -> datetime | None:
        """With its time of day and zone where the line has them.

        None where day and month cannot be told apart, or the date cannot be.
        """
        day = self._read_by_weekday(phrase) or self._read_day(phrase, self.language)
        if day is None:
            return None
        before, after = _find_clocks(phrase.found)
        moment = datetime.combine(day, *_read_clock(after or before, self.zone))
        return believable(moment, self.now)

    def read_both_ways(self, phrase: DatePhrase) -> dict[date, datetime]:
        """What it may be, by its day: two where its digits may be either, day or month first."""
        read = (replace(self, language=each, other_lines=()).read(phrase) for each in _BOTH_ORDERS)
        return {moment.date(): moment for moment in read if moment}

    def _read_by_weekday(self, phrase: DatePhrase) -> date | None:
        """`Wed, 02/05/2020`: the one of two days that was a Wednesday."""
        if not phrase.found["first"]:
            return None
        either = {self._read_day(phrase, each) for each in _BOTH_ORDERS} - {None}
        if len(either) < 2 or not (weekdays := set(_find_weekdays(phrase.line, self.language))):
            return None
        fitting = [day for day in either if day and day.weekday() in weekdays]
        return fitting[0] if len(fitting) == 1 else None

    def _read_day(self, phrase: DatePhrase, language: str | None) -> date | None:
        other_lines = self.other_lines if language is self.language else ()
        try:
            return _read_day(phrase.found, language, other_lines)
        except ValueError:
            return None


def read_stated(
    facts: Mapping[str, object], keys: Sequence[str], language: str | None, now: datetime
) -> datetime | None:
    """What the first of these keys states that can be read, as machines or as people write it."""
    named = {str(key).lower().translate(_NO_DASHES): value for key, value in facts.items()}
    for value in (named[key] for key in keys if key in named):
        loose = f"{value:.0f}" if isinstance(value, int | float) else value
        if moment := parse_structured(value, now) or parse_loose(loose, now):
            return moment
        if isinstance(value, str) and len(value) <= _LONGEST_DATE_LINE:
            for moment in DateReader(language, (), now).read_line(value):
                return moment
    return None


def date_order(text: str, other_lines: Sequence[str], language: str | None) -> str | None:
    """DMY or MDY; None if the number alone, the page's other dates and its language cannot tell."""
    numeric = _NUMERIC.search(text)
    if numeric is None or numeric[2] == "." or numeric[1] == numeric[3]:
        return "DMY"
    is_month_first = None if language is None else puts_month_first(language)
    if is_month_first is False and language is not None and not language.lower().startswith("en"):
        return "DMY"
    for line in (text, *other_lines):
        for found in _NUMERIC.finditer(line):
            if int(found[1]) > 12:
                return "DMY"
            if int(found[3]) > 12:
                return "MDY"
    return None if is_month_first is None else "MDY" if is_month_first else "DMY"


def _read_day(
    found: re.Match[str], language: str | None, other_lines: Sequence[str]
) -> date | None:
    """Raises ValueError for a day that there is not."""
    if found["year"]:
        return build_day(int(found["year"]), int(found["month"]), int(found["day"]), language)
    if found["era"]:
        year = read_era_year(found["era"], found["era_year"])
        return date(year, int(found["era_month"]), int(found["era_day"]))
    if found["worded"]:
        order = next(each for each in "abcd" if found[f"year_{each}"])
        day = int("".join(filter(str.isdigit, found[f"day_{order}"])))
        return read_worded_day(int(found[f"year_{order}"]), found[f"word_{order}"], day, language)
    mark, last = found["mark"], found["last"]
    year = int(last) if len(last) == 4 else 2000 + int(last)
    first, second = int(found["first"]), int(found["second"])
    match date_order(f"{first}{mark}{second}{mark}{year}", other_lines, language):
        case "DMY" if second <= 12:
            return build_day(year, second, first, language)
        case "DMY" | "MDY":
            return build_day(year, first, second, language)
    return None


def _find_opening(paragraph: str) -> DatePhrase | None:
    for phrase in find_date_phrases(paragraph[: _LONGEST_DATELINE + _LONGEST_DATE]):
        end = phrase.found.end()
        if end <= _LONGEST_DATELINE and _AFTER_DATELINE.match(phrase.line[end:]):
            return phrase
    return None


def _find_weekdays(line: str, language: str | None) -> Iterator[int]:
    for word in _WORD.findall(line):
        weekday = read_weekday(word, language)
        if weekday is not None:
            yield weekday


def _find_clocks(found: re.Match[str]) -> tuple[re.Match[str] | None, re.Match[str] | None]:
    """The times of day right before a date and right after it."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    clock = _CLOCK_AFTER.match(after)
    return (None if clock else _CLOCK_BEFORE.search(before)), clock


def _read_clock(clock: re.Match[str] | None, zone: tzinfo) -> tuple[time, tzinfo]:
    """Midnight in UTC where there is none."""
    if clock is None:
        return time(), UTC
    hour, minute = int(clock["hour"]), int(clock["minute"])
    if clock["half"] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if clock["half"][0] in "pP" else 0)
    second = int(clock["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return time(), UTC
    return time(hour, minute, second), read_zone(clock["zone"] or "") or zone


def _write_digits(line: str) -> str:
    """`٢٣ مارس ٢٠٢١` as `23 مارس 2021`."""
    if line.isascii():
        return line
    written = "".join(
        str(unicodedata.decimal(each)) if each.isdecimal() and not each.isascii() else each
        for each in line
        if each not in "\u200e\u200f\u061c"
    )
    return _CHINESE_DATE.sub(
        lambda found: _CHINESE_NUMBER.sub(_write_chinese_number, found[0]), written
    )


def _write_chinese_number(found: re.Match[str]) -> str:
    """`二〇二一` digit by digit; `二十三` as tens and ones."""
    digits = {each: str(number) for number, each in enumerate("〇一二三四五六七八九")} | {"零": "0"}
    tens, ten, ones = found[0].partition("十")
    if not ten:
        return "".join(digits[each] for each in found[0])
    return f"{digits.get(tens, '1')}{digits.get(ones, '0')}"
