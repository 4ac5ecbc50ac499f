"""Dates as people of a language write them."""

from __future__ import annotations

from datetime import datetime

from babel import Locale
from babel.dates import format_skeleton

from bot.rendering import Dated, name_provenance

# Plain English: day before month, as everywhere else in Dateline.
_ENGLISH = "en_GB"


def format_day(moment: datetime, language: str) -> str:
    """`12 Feb 2026`, `12 lut 2026`: the day in the moment's own zone."""
    locale = Locale.parse(_ENGLISH if language == "en" else language.replace("-", "_"))
    return format_skeleton("yMMMd", moment, locale=locale)


def format_published(dated: Dated, language: str) -> str:
    """`undated`; or the day, and what says so where it is not the page's own markup or a feed."""
    if dated.published_at is None:
        return "undated"
    day, said = format_day(dated.published_at, language), name_provenance(dated)
    return day if said is None else f"{day} (by its {said})"
