"""Moments as the archive's tables have them: seconds since 1970 in UTC, and minutes of a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache


def to_seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def to_moment(seconds: int | None, offset_minutes: int | None = None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, _zone(offset_minutes))


def read_offset(moment: datetime | None) -> int | None:
    """East of UTC; None where it is UTC."""
    offset = None if moment is None else moment.utcoffset()
    return round(offset.total_seconds() / 60) if offset else None


@lru_cache
def _zone(offset_minutes: int | None) -> tzinfo:
    return timezone(timedelta(minutes=offset_minutes)) if offset_minutes else UTC
