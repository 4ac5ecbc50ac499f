"""Read dates, and the time words of a question, into windows of publication time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from retrieval.errors import InvalidDate
from retrieval.schema import Window

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH},? \d{{4}}|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|{_MONTH} \d{{4}}|(?:19|20)\d{{2}})"
)
_RELATIVE = r"(?:yesterday|today|(?:last|this) (?:week|month|year))"
_AS_OF = re.compile(rf"\bas (?:of|at) (?:the end of )?(?P<date>{_DATE}|{_RELATIVE})\b", re.I)
_SOFT = re.compile(
    rf"\b(?:(?P<word>in|on|during|since|after|before|until|by) )?"
    rf"(?P<date>{_DATE}|{_RELATIVE})\b(?! (?:(?-i:[A-Z])|summit|meeting|election|budget))",
    re.I,
)
_NEWEST = re.compile(r"\b(?:latest|newest|most recent|current(?:ly)?|now|today|so far)\b", re.I)
_ONE_SECOND = timedelta(seconds=1)


def parse_moment(value: str, *, end_of_day: bool = False) -> datetime:
    """An ISO date or date and time, UTC unless it names a zone. Raises InvalidDate.

    A date alone is the first second of that day, or with `end_of_day` the last.
    """
    text = value.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        period = _parse_period(text, datetime.now(UTC))
        if period is None:
            raise InvalidDate(value) from None
        return period[1] if end_of_day else period[0]
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    date_alone = len(text) <= len("2026-02-12") and ":" not in text
    if date_alone and end_of_day:
        moment += timedelta(days=1) - _ONE_SECOND
    return moment.astimezone(UTC)


def resolve_window(question: str, asked_at: datetime, given: Window) -> Window:
    """Add what the question's own words say to the window that the caller gave.

    "As of …" is hard, like a caller's; every other expression is a preference.
    """
    as_of = _AS_OF.search(question)
    if as_of is not None:
        period = _parse_period(as_of["date"], asked_at)
        if period is not None and (given.as_of is None or period[1] < given.as_of):
            return replace(given, as_of=period[1])
        return given
    for match, (first, last) in _find_periods(question, asked_at):
        match (match["word"] or "").lower():
            case "since" | "after":
                return replace(given, prefer_since=first)
            case "before" | "until" | "by":
                return replace(given, prefer_until=last)
            case _:
                return replace(given, prefer_since=first, prefer_until=last)
    return given


def asks_for_newest(question: str) -> bool:
    """Whether the question's words prefer the newest evidence ("latest", "currently", …)."""
    return _NEWEST.search(question) is not None


def without_time_words(question: str, asked_at: datetime) -> str:
    """What is asked, without when: for comparing words with those of an article."""
    words = _AS_OF.sub(" ", question)
    for match, _ in reversed(list(_find_periods(words, asked_at))):
        words = f"{words[: match.start()]} {words[match.end() :]}"
    return words


def _find_periods(
    question: str, asked_at: datetime
) -> Iterator[tuple[re.Match[str], tuple[datetime, datetime]]]:
    """Time expressions that can say when an article was published: none of the future ("by
    2035") does."""
    for match in _SOFT.finditer(question):
        period = _parse_period(match["date"], asked_at)
        if period is not None and period[0] <= asked_at:
            yield match, period


def _parse_period(expression: str, asked_at: datetime) -> tuple[datetime, datetime] | None:
    """First and last second of the day, week, month or year that is named, in UTC."""
    from dateparser.date import DateDataParser

    parser = DateDataParser(
        languages=["en"],
        settings={
            "RELATIVE_BASE": asked_at.astimezone(UTC).replace(tzinfo=None),
            "PREFER_DATES_FROM": "past",
            "PREFER_DAY_OF_MONTH": "first",
            "PREFER_MONTH_OF_YEAR": "first",
        },
    )
    # dateparser knows "0 weeks ago", not "this week".
    words = re.sub(r"^this (week|month|year)$", r"0 \1s ago", expression.strip(), flags=re.I)
    parsed = parser.get_date_data(words)
    if parsed is None or parsed.date_obj is None:
        return None
    day = parsed.date_obj.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    match parsed.period:
        case "year":
            first = day.replace(month=1, day=1)
            after = first.replace(year=first.year + 1)
        case "month":
            first = day.replace(day=1)
            after = (first + timedelta(days=32)).replace(day=1)
        case "week":
            first = day - timedelta(days=day.weekday())
            after = first + timedelta(days=7)
        case _:
            first, after = day, day + timedelta(days=1)
    return first, after - _ONE_SECOND
