"""Drafts of questions that need several articles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.answering.extractive import ExtractiveAnswerer
from bot.answering.parts import draft_parts, search
from bot.answering.questions import build_question, resolve_question
from tests.bot.factories import day, open_shelf
from tests.factories import make_article
from tests.fakes import OverlapReader

ASKED = "Did the river ports of Danzell ship more grain in 2023 than the sea ports of Morrow?"
ARTICLES = (
    make_article(
        title="River ports",
        text="The river ports of Danzell shipped two million tonnes of grain in 2023.",
        url="https://example.org/river",
        published_at=day("2024-01-10"),
    ),
    make_article(
        title="Sea ports",
        text="The sea ports of Morrow shipped five million tonnes of grain in 2023.",
        url="https://example.org/sea",
        published_at=day("2024-01-12"),
    ),
)


def test_each_part_is_quoted_and_the_surest_of_them_speaks_for_all(tmp_path: Path) -> None:
    question = resolve_question(build_question(ASKED, asked_at="2024-02-01"))
    with open_shelf(tmp_path, *ARTICLES) as shelf:
        extractive = ExtractiveAnswerer(shelf.retriever, OverlapReader())
        found = search(shelf.retriever, question)
        whole = replace(extractive.draft(question, found.passages), confidence=0.2)
        draft = draft_parts(extractive, found, whole)
        parts = [extractive.draft(part.question, part.passages) for part in found.parts]
    assert len(found.parts) == 2
    cited = {
        evidence.passage.article.title for claim in draft.claims for evidence in claim.evidence
    }
    assert cited == {"River ports", "Sea ports"}
    surest = max(0.2, *(part.confidence for part in parts))
    odds = 2.7 * surest / (1 - surest)
    assert draft.confidence == pytest.approx(odds / (1 + odds))
