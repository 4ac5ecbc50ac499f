"""Questions that are made of an article's own words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answering.suggestions import suggest_questions
from tests.factories import make_article

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def suggest(title: str, text: str) -> list[tuple[str, ...]]:
    return list(suggest_questions(make_article(title=title, text=text), NOW))


def test_what_the_headline_names_is_asked_for() -> None:
    text = (
        "Arctic Sentry is new. The High North is cold. Allies join Arctic Sentry in the High North."
    )
    assert suggest("NATO opens Arctic Sentry in the High North", text) == [
        ("What is Arctic Sentry?", "Who is Arctic Sentry?"),
        ("What is the High North?", "Who is the High North?"),
    ]


def test_who_did_what_a_sentence_tells_is_asked_for() -> None:
    text = "Foreign Minister Hakan Fidan hosted the gathering on the Mediterranean coast. It ended."
    assert suggest("Ministers meet", text) == [
        ("Who hosted the gathering on the Mediterranean coast?",)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Russian drones entered Polish airspace over the town of Lublin.",
        "He hosted the gathering of ministers on the Mediterranean coast.",
        "Hakan Fidan hosted the gathering on the Mediterranean coast on Thursday.",
        "Hakan Fidan hosted a gathering of many old and new friends.",
        "Hakan Fidan hosted it.",
        "Poland, France and Germany agreed to buy arms for Ukraine together.",
    ],
)
def test_what_leans_on_other_words_or_on_the_day_or_is_no_name_is_not_asked(text: str) -> None:
    assert suggest("Ministers meet", text) == []
