"""When articles were published, as bars: days, weeks, months or years, whichever fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MOST_BARS = 84
_BAR, _GAP, _HEIGHT = 9, 2, 48
# Of an hour's worth of articles beside a year's, still something is seen.
_LEAST_HEIGHT = 2.0

# The first day of a day's span, and of the span after it.
Step = Callable[[date], tuple[date, date]]


@dataclass(frozen=True, slots=True)
class Bar:
    """The articles from `since` to `until`, both included."""

    since: date
    until: date
    articles: int


def build_bars(days: Mapping[date, int]) -> tuple[Bar, ...]:
    """One a day if the span allows it, else one a week, a month or a year; the empty ones too."""
    if not days:
        return ()
    first, last = min(days), max(days)
    for step in (_day, _week, _month):
        spans = list(_divide(first, last, step))
        if len(spans) <= _MOST_BARS:
            break
    else:
        spans = list(_divide(first, last, _year))[-_MOST_BARS:]
    return tuple(
        Bar(since, until, sum(n for day, n in days.items() if since <= day <= until))
        for since, until in spans
    )


def draw_bars(bars: Sequence[Bar]) -> str:
    """As SVG, with the days of each bar in `data-since` and `data-until`; colours are CSS's."""
    most = max((bar.articles for bar in bars), default=1) or 1
    width = len(bars) * (_BAR + _GAP)
    drawn = "".join(_draw_bar(i, bar, most) for i, bar in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" '
        f'class="days" aria-hidden="true" preserveAspectRatio="none">{drawn}</svg>'
    )


def _draw_bar(position: int, bar: Bar, most: int) -> str:
    """What can be pressed is as high as the drawing, however few the articles."""
    height = max(_LEAST_HEIGHT, _HEIGHT * bar.articles / most) if bar.articles else 0.0
    x, wide = position * (_BAR + _GAP), _BAR + _GAP
    days = f'data-since="{bar.since.isoformat()}" data-until="{bar.until.isoformat()}"'
    return (
        f'<g class="bar" {days}><rect class="press" x="{x}" y="0" width="{wide}" '
        f'height="{_HEIGHT}"/><rect class="count" x="{x + _GAP / 2:g}" '
        f'y="{_HEIGHT - height:.1f}" width="{_BAR}" height="{height:.1f}"/></g>'
    )


def _divide(first: date, last: date, step: Step) -> Iterator[tuple[date, date]]:
    """Whole spans of a calendar, from the one of the first day to the one of the last."""
    begin = step(first)[0]
    while begin <= last:
        following = step(begin)[1]
        yield begin, following - timedelta(days=1)
        begin = following


def _day(day: date) -> tuple[date, date]:
    return day, day + timedelta(days=1)


def _week(day: date) -> tuple[date, date]:
    begin = day - timedelta(days=day.weekday())
    return begin, begin + timedelta(days=7)


def _month(day: date) -> tuple[date, date]:
    begin = day.replace(day=1)
    return begin, (begin + timedelta(days=31)).replace(day=1)


def _year(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year + 1, 1, 1)
