"""Days as bars."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from bot.web.histogram import build_bars, draw_bars

FIRST = date(2024, 2, 27)


@pytest.mark.parametrize(
    ("days", "bars", "first", "last"),
    [
        (1, 1, "2024-02-27 2024-02-27", "2024-02-27 2024-02-27"),
        (4, 4, "2024-02-27 2024-02-27", "2024-03-01 2024-03-01"),
        (100, 15, "2024-02-26 2024-03-03", "2024-06-03 2024-06-09"),
        (1_000, 34, "2024-02-01 2024-02-29", "2026-11-01 2026-11-30"),
        (9_000, 25, "2024-01-01 2024-12-31", "2048-01-01 2048-12-31"),
    ],
)
def test_bars_are_of_days_weeks_months_or_years_and_hold_every_article(
    days: int, bars: int, first: str, last: str
) -> None:
    held = {FIRST: 3, FIRST + timedelta(days=days - 1): 2}
    found = build_bars(held)
    assert len(found) == bars
    assert sum(bar.articles for bar in found) == sum(held.values())
    assert f"{found[0].since} {found[0].until}" == first
    assert f"{found[-1].since} {found[-1].until}" == last
    for one, other in pairwise(found):
        assert other.since == one.until + timedelta(days=1)


def test_nothing_gives_no_bars() -> None:
    assert build_bars({}) == ()


def test_a_drawing_names_the_days_of_each_bar_and_is_as_high_as_its_articles() -> None:
    svg = ElementTree.fromstring(draw_bars(build_bars({FIRST: 4, FIRST + timedelta(days=2): 1})))
    groups = [group for group in svg if group.get("class") == "bar"]
    assert [group.get("data-since") for group in groups] == [
        "2024-02-27",
        "2024-02-28",
        "2024-02-29",
    ]
    assert [group[1].get("height") for group in groups] == ["48.0", "0.0", "12.0"]
