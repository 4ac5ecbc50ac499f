"""When was it published? A date with its provenance, or honestly none.

Only a stated date counts: structured data, or a line of its own under the headline. Dates in
the running text are dates of events.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

# Agencies whose bylines give local time without a zone.
_AGENCY_ZONES = {
    "AFP": "Europe/Paris",
    "ANSA": "Europe/Rome",
    "APA": "Europe/Vienna",
    "BELGA": "Europe/Brussels",
    "DPA": "Europe/Berlin",
    "EFE": "Europe/Madrid",
    "NTB": "Europe/Oslo",
    "PAP": "Europe/Warsaw",
    "TT": "Europe/Stockholm",
}
_LABEL = re.compile(r"^(?:published|posted|date|first published)(?: (?:on|at))?:?\s+", re.I)
_NUMERIC = re.compile(r"\b(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d{2})\b")
_TIME_OF_DAY = r"(?:,?\s*(?:at\s+)?\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*[A-Z+:\d-]*)?"
_WORDED = (
    r"(?:[^\W\d]+,?\s+)?(?:\d{1,2}\.?\s+[^\W\d]+\.?,?|[^\W\d]+\.?\s+\d{1,2},?)\s+(?:19|20)\d{2}"
)
_DIGITS = r"(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})"
_ISO = r"(?:19|20)\d{2}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?"
_DATE_LINE = re.compile(rf"{_ISO}|(?:{_WORDED}|{_DIGITS}){_TIME_OF_DAY}", re.I)
_LONGEST_DATE_LINE = 60
_CLOCK_SKEW = timedelta(days=1)
_FIRST_NEWSPAPER = 1605
_EPOCH = datetime(1970, 1, 1)
# What is nearly ISO 8601: a blank for the T, one digit, a blank before the zone, Z twice.
_NEARLY_ISO = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,:]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?\D*",
    re.I,
)


def parse_structured(value: object, now: datetime) -> datetime | None:
    """A machine-readable date, to the second, in the zone it states or else in UTC; None if
    malformed or in the future."""
    match value:
        case datetime():
            moment = value
        case date():
            moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
        case str():
            try:
                moment = datetime.fromisoformat(value.strip())
            except ValueError:
                return None
        case _:
            return None
    return checked(moment, UTC, now)


def parse_loose(value: object, now: datetime) -> datetime | None:
    """A date as pages write it for machines, in the zone it states; None as above."""
    if not isinstance(value, str):
        return None
    try:
        moment = _read_loose(value.strip())
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return None if moment is None else believable(moment, now)


def _read_loose(text: str) -> datetime | None:
    if nearly := _NEARLY_ISO.fullmatch(text):
        year, _, month, day, hour, minute, second, zone = nearly.groups()
        clock = f"{int(hour or 0):02}:{minute or '00'}:{second or '00'}"
        offset = "" if zone is None else zone if zone[0] in "+-" else "+00:00"
        return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}T{clock}{offset}")
    if text.isdecimal() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if text[:4].isdecimal():
        return datetime.fromisoformat(text)
    return parsedate_to_datetime(text)


def believable(moment: datetime, now: datetime) -> datetime | None:
    """As checked; computers that know no date write the epoch."""
    return None if moment.replace(tzinfo=None) == _EPOCH else checked(moment, UTC, now)


def parse_byline(
    line: str,
    *,
    now: datetime,
    agency: str | None,
    other_lines: Iterable[str],
    language: str | None,
) -> datetime | None:
    """The date of a line that holds nothing else; None where day and month cannot be told."""
    text = _LABEL.sub("", line.strip())
    if len(text) > _LONGEST_DATE_LINE or not _DATE_LINE.fullmatch(text):
        return None
    order = date_order(text, other_lines, language)
    if order is None:
        return None
    import dateparser

    moment = dateparser.parse(
        text,
        languages=None if language is None else [language[:2]],
        settings={
            "DATE_ORDER": order,
            "PREFER_LOCALE_DATE_ORDER": False,
            "STRICT_PARSING": True,
            "RELATIVE_BASE": now.replace(tzinfo=None),
        },
    )
    zone_name = _AGENCY_ZONES.get((agency or "").upper())
    zone = ZoneInfo(zone_name) if zone_name and moment and moment.time() != _MIDNIGHT else UTC
    return None if moment is None else checked(moment, zone, now)


_MIDNIGHT = datetime.min.time()


def is_date_line(line: str) -> bool:
    """Whether a line is a date and nothing else."""
    text = _LABEL.sub("", line.strip())
    return len(text) <= _LONGEST_DATE_LINE and _DATE_LINE.fullmatch(text) is not None


def date_order(text: str, other_lines: Iterable[str], language: str | None) -> str | None:
    """DMY or MDY; None if the number alone, the page's other dates and its language cannot tell."""
    numeric = _NUMERIC.search(text)
    if numeric is None:
        return "DMY"
    if numeric[2] == "." or numeric[1] == numeric[3]:
        return "DMY"
    if language is not None and not language.lower().startswith("en"):
        return "DMY"
    for line in (text, *other_lines):
        for found in _NUMERIC.finditer(line):
            if int(found[1]) > 12:
                return "DMY"
            if int(found[3]) > 12:
                return "MDY"
    return {"en-us": "MDY", "en-gb": "DMY"}.get((language or "").lower().replace("_", "-"))


def checked(moment: datetime, zone: tzinfo, now: datetime) -> datetime | None:
    """The moment in its zone, or in this one if it states none; None if it cannot be."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if moment.year < _FIRST_NEWSPAPER or moment.year == datetime.max.year:
        return None
    return None if moment > now + _CLOCK_SKEW else moment.replace(microsecond=0)
