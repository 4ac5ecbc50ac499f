"""When was it published? A date with its provenance, or honestly none.

Only a stated date counts: structured data, or a line of its own under the headline. Dates in
the running text are dates of events.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
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


def parse_structured(value: object, now: datetime) -> datetime | None:
    """A machine-readable date, to the second and in UTC; None if malformed or in the future."""
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
    return _checked(moment, UTC, now)


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
    order = _date_order(text, other_lines, language)
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
    return None if moment is None else _checked(moment, zone, now)


_MIDNIGHT = datetime.min.time()


def is_date_line(line: str) -> bool:
    """Whether a line is a date and nothing else."""
    text = _LABEL.sub("", line.strip())
    return len(text) <= _LONGEST_DATE_LINE and _DATE_LINE.fullmatch(text) is not None


def _date_order(text: str, other_lines: Iterable[str], language: str | None) -> str | None:
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


def _checked(moment: datetime, zone: tzinfo, now: datetime) -> datetime | None:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        moment = moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return None
    return None if moment > now + _CLOCK_SKEW else moment
