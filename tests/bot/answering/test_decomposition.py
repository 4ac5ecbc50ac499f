"""Questions split into parts, and what is found for the parts merged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answering.decomposition import Part, merge_rankings, split_question
from retrieval.schema import Passage
from tests.bot.factories import make_passage
from tests.factories import make_article

SOURCES = ("meridian wire", "northern ledger", "fox news - health", "fox news - lifestyle")


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        (
            "Did Cold Response 2022 involve more soldiers than Nordic Response 2024?",
            (
                "Did Cold Response 2022 involve more soldiers?",
                "Did Nordic Response 2024 involve more soldiers?",
            ),
        ),
        (
            "Has the contact group grown between 2022 and 2025?",
            ("Has the contact group grown in 2022?", "Has the contact group grown in 2025?"),
        ),
        (
            "Which cities hosted the meetings in 2023, 2024 and 2025?",
            tuple(f"Which cities hosted the meetings in {year}?" for year in (2023, 2024, 2025)),
        ),
        (
            "Who ratified Finland's and Sweden's accession last?",
            ("Who ratified Finland's accession last?", "Who ratified Sweden's accession last?"),
        ),
        (
            "When did the Council meet first, and which minister spoke there?",
            (
                "When did the Council meet first?",
                "which minister spoke there (When did the Council meet first)?",
            ),
        ),
    ],
)
def test_a_question_about_several_things_is_asked_of_each(
    question: str, texts: tuple[str, ...]
) -> None:
    assert tuple(part.text for part in split_question(question, ())) == texts


def test_each_part_has_the_source_that_it_names() -> None:
    question = (
        "Does the article from Meridian Wire say that the talks failed, while the article from "
        "Northern Ledger says that both sides agreed to a deal?"
    )
    assert split_question(question, SOURCES) == (
        Part("Does the article from Meridian Wire say that the talks failed", ("meridian wire",)),
        Part(
            "the article from Northern Ledger says that both sides agreed to a deal?",
            ("northern ledger",),
        ),
    )


def test_a_source_named_whole_is_not_taken_for_its_sisters() -> None:
    question = (
        "Does the article from FOX News - Health warn of too much sugar, while the article from "
        "Meridian Wire calls sugar harmless to children?"
    )
    first, _ = split_question(question, SOURCES)
    assert first.sources == ("fox news - health",)


@pytest.mark.parametrize(
    "question",
    [
        "When did Finland join NATO?",
        "How many talks between Russia and Ukraine took place in Istanbul?",
        "Which quake killed more than 1,000 people this week?",
        "What share of GDP did members commit to reach, and by when?",
        "Which horror film made people faint while watching?",
        "What did Meridian Wire report about the summit?",
        "Who said that rock and roll is dead?",
        "",
        "and or than while, , and who",
    ],
)
def test_a_question_about_one_thing_is_not_split(question: str) -> None:
    assert split_question(question, SOURCES) == ()


def test_the_best_of_each_list_comes_before_the_rest_of_any() -> None:
    whole = [passage("a", 0.9), passage("b", 0.2)]
    parts = [[passage("c", 0.4), passage("b", 0.1)], [passage("d", 0.3), passage("a", 0.3)]]
    merged = merge_rankings(whole, parts, 3)
    assert [each.article.title for each in merged] == ["a", "c", "d"]
    assert [each.rank for each in merged] == [1, 2, 3]


def test_lists_in_which_nothing_was_found_merge_to_nothing() -> None:
    assert merge_rankings((), [(), ()], 8) == ()


def passage(name: str, score: float) -> Passage:
    article = make_article(title=name, url=f"https://example.org/{name}")
    return replace(make_passage(article), score=score)
