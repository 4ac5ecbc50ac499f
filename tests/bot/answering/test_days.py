"""Which calendar day an article's words mean."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.answering.days import describe_day, resolve_day

THURSDAY = datetime(2026, 2, 12, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "sentence", "day"),
    [
        ("12 February 2026", "They met on 12 February 2026.", date(2026, 2, 12)),
        ("February 3rd", "They met on February 3rd.", date(2026, 2, 3)),
        ("December 20", "They met on December 20.", date(2025, 12, 20)),
        ("July 7", "They will meet on July 7.", date(2026, 7, 7)),
        ("Thursday", "They met on Thursday.", date(2026, 2, 12)),
        ("on Wednesday", "They met on Wednesday.", date(2026, 2, 11)),
        ("Monday", "They will meet on Monday.", date(2026, 2, 16)),
        ("Monday", "They are due to meet on Monday.", date(2026, 2, 16)),
        ("yesterday", "They met yesterday.", date(2026, 2, 11)),
        ("tomorrow", "They meet tomorrow.", date(2026, 2, 13)),
        ("7 and 8 July 2026", "They meet on 7 and 8 July 2026.", None),
        ("3-4 April", "They met on 3-4 April.", None),
        ("July 2026", "They meet in July 2026.", None),
        ("2024", "They met in 2024.", None),
        ("last spring", "They met last spring.", None),
    ],
)
def test_words_mean_the_day_that_is_nearest_to_the_publication(
    words: str, sentence: str, day: date | None
) -> None:
    assert resolve_day(words, sentence, THURSDAY) == day


def test_an_undated_article_s_weekday_is_no_day() -> None:
    assert resolve_day("Thursday", "They met on Thursday.", None) is None
    assert resolve_day("12 February", "They met on 12 February.", None) is None
    assert resolve_day("12 February 2026", "They met then.", None) == date(2026, 2, 12)


def test_a_day_is_written_out() -> None:
    assert describe_day(date(2026, 2, 12)) == "Thursday, 12 February 2026"
