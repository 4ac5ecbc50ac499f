"""Dates as machines write them. Those that people write are in `date_phrases`."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

_CLOCK_SKEW = timedelta(days=1)
_FIRST_NEWSPAPER = 1605
_EPOCH = datetime(1970, 1, 1)
# What is nearly ISO 8601: a blank for the T, one digit, a blank before the zone, Z twice.
_NEARLY_ISO = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,:]\d+)?)?"
    r"\s*((?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{1,5})?)?\D*",
    re.I,
)
_HOURS_FROM_UTC = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2,
    "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7, "AEST": 10, "AEDT": 11, "JST": 9, "KST": 9, "NZST": 12,
    "NZDT": 13,
}  # fmt: skip
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", re.I)
_MOST_HOURS = 15
# Of RFC 822, whose reader knows few zones by name, and none with a colon.
_ZONE_AT_END = re.compile(r"(?<=:\d\d)\s*([A-Z]{2,4}|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)$", re.I)
_TWELVE_HOURS = re.compile(r"\d\s?[ap]\.?m\b", re.I)


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
    """A date as pages and feeds write it for machines, in the zone it states; None as above."""
    moment = read_loose(value)
    return None if moment is None else believable(moment, now)


def read_loose(value: object) -> datetime | None:
    """As `parse_loose`, with no zone where none is stated, and whenever it is."""
    # Its twelve hours Python's reader of RFC 822 would take for the night's.
    if not isinstance(value, str) or _TWELVE_HOURS.search(value):
        return None
    text = " ".join(value.split())
    try:
        if text.isdecimal() and len(text) in (10, 13):
            return datetime.fromtimestamp(int(text[:10]), UTC)
        if "T" in text:
            with suppress(ValueError):
                return datetime.fromisoformat(text)
        if nearly := _NEARLY_ISO.fullmatch(text):
            year, _, month, day, hour, minute, second, zone = nearly.groups()
            clock = f"{int(hour or 0):02}:{minute or '00'}:{second or '00'}"
            moment = datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}T{clock}")
            stated = read_zone(zone or "")
            is_no_zone = stated is None and zone is not None and not zone.isalpha()
            return None if is_no_zone else moment.replace(tzinfo=stated)
        if text[:4].isdecimal():
            return datetime.fromisoformat(text)
        return parsedate_to_datetime(_ZONE_AT_END.sub(_number_zone, text))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def read_zone(name: str) -> tzinfo | None:
    """`CET`, `+01:00`, `GMT+1`; None for a name that is no zone, or several."""
    if (hours := _HOURS_FROM_UTC.get(name.upper())) is not None:
        return timezone(timedelta(hours=hours))
    if offset := _OFFSET.fullmatch(name):
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        if ahead < timedelta(hours=_MOST_HOURS):
            return timezone(ahead if offset[1] == "+" else -ahead)
    return None


def believable(moment: datetime, now: datetime) -> datetime | None:
    """As checked; computers that know no date write the epoch."""
    return None if moment.replace(tzinfo=None) == _EPOCH else checked(moment, UTC, now)


def checked(moment: datetime, zone: tzinfo, now: datetime) -> datetime | None:
    """The moment in its zone, or in this one if it states none; None if it cannot be."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if moment.year < _FIRST_NEWSPAPER or moment.year == datetime.max.year:
        return None
    return None if moment > now + _CLOCK_SKEW else moment.replace(microsecond=0)


def _number_zone(name: re.Match[str]) -> str:
    zone = read_zone(name[1])
    return f" {name[1]}" if zone is None else datetime.now(zone).strftime(" %z")
