"""Misspelt names over the sample articles, and right questions, which are left as they are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import pytest

from bot.answering.questions import build_question
from bot.answering.spelling import correct_spelling, measure_distance
from eval.dataset import EXAMPLES, GOLD, load_gold
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.schema import Filters, Window
from tests.bot.factories import Shelf, day, open_shelf
from tests.factories import make_article

MISSPELT = {
    "What did Stoltenburg say in Pristina?": "Stoltenberg",
    "Who is Jens Stoltenbreg?": "Stoltenberg",
    "what did stoltenburg say in pristina?": "Stoltenberg",
    "When did Mark Rute take office?": "Rutte",
    "When did Finnland join NATO?": "Finland",
    "How many soldiers are in Kosvo?": "Kosovo",
    "how many soldiers are in kosvo?": "Kosovo",
    "What was agreed at the summit in The Hauge?": "Hague",
    "When did Sweeden join the alliance?": "Sweden",
    "What did Zelenksy ask for?": "Zelensky",
    "Where is the summit in Ankarra held?": "Ankara",
    "What does Norwey contribute?": "Norway",
    "What is Artic Sentry?": "Arctic",
    "How much does Gremany spend on defence?": "Germany",
    "What did Ukrane receive?": "Ukraine",
    "Which ships patrol the Blatic Sea?": "Baltic",
    "Who said what in Washingtom?": "Washington",
    "What was decided in Vilnus?": "Vilnius",
    "What does Denmrak say of Greenland?": "Denmark",
    "What did Estnia report about the cable?": "Estonia",
}


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("examples")) as shelf:
        archive_articles([str(EXAMPLES)], shelf.library, IngestSettings(), lambda _: None)
        shelf.put()
        yield shelf


def correct(shelf: Shelf, question: str, filters: Filters = Filters()) -> str:
    return correct_spelling(question, shelf.retriever, filters)


def test_misspelt_names_are_corrected_as_one_would(examples: Shelf) -> None:
    read = {asked: correct(examples, asked) for asked in MISSPELT}
    right = [asked for asked, name in MISSPELT.items() if name in read[asked]]
    assert len(MISSPELT) == 20
    assert len(right) >= 16, read


def test_of_the_gold_questions_the_misspelt_ones_alone_are_changed(examples: Shelf) -> None:
    asked = [item.question for item in load_gold(GOLD).items]
    assert len(asked) >= 60
    assert {each: read for each in asked if (read := correct(examples, each)) != each} == {
        "Which Ukranian minister travelled to Antalia in may 2025?": (
            "Which Ukrainian minister travelled to Antalya in may 2025?"
        ),
        "What had Volodimir Zelensky hoped for in Vilnius?": (
            "What had Volodymyr Zelenskyy hoped for in Vilnius?"
        ),
    }


def test_a_correction_costs_little_and_known_words_nothing(examples: Shelf) -> None:
    retriever = examples.retriever

    def measure_ms(question: str) -> float:
        times = []
        for _ in range(9):
            started = time.thread_time()
            correct_spelling(question, retriever, Filters())
            times.append(1000 * (time.thread_time() - started))
        return median(times)

    # Twice what it may take, for machines that are busy.
    assert measure_ms("What did Stoltenburg say in Pristina?") < 10
    assert measure_ms("What did Stoltenberg say in Pristina?") < 2


@pytest.mark.parametrize(
    "question",
    [
        "What did Stoltenberg say?",
        "Who wrote “Stoltenburg”?",
        'Who wrote "Kosvo"?',
        "What is KFRO?",
        "What is at https://kosvo.example/kosvo?",
        "Who is Sto?",
        "Who is Ztoltenberg?",
        "How did penguins waddle to Zanzibar?",
        "What happened in 2o23?",
    ],
)
def test_what_is_known_quoted_short_or_otherwise_written_is_left(
    examples: Shelf, question: str
) -> None:
    assert correct(examples, question) == question


def test_the_answer_says_how_the_question_was_understood(shelf: Shelf) -> None:
    text = "On Tuesday Mark Rutte chaired the talks. The allies of Mark Rutte met in The Hague."
    shelf.put(make_article("Mark Rutte chairs the talks", text))
    question = build_question("Who is Mark Rute of the talks?", asked_at="2025-07-01")
    answer = shelf.service.answer(question)
    assert answer.question == question.text
    assert answer.understood_as == "Who is Mark Rutte of the talks?"
    assert "Understood as: Who is Mark Rutte of the talks?" in answer.notes
    plain = shelf.service.answer(build_question("Who is Mark Rutte of the talks?"))
    assert plain.understood_as is None
    follow_up = shelf.service.answer(
        build_question("And when was that?", conversation_id=answer.conversation_id)
    )
    assert follow_up.understood_as is not None
    assert "Rutte" in follow_up.understood_as
    assert sum(note.startswith("Understood as: ") for note in follow_up.notes) == 1


def test_a_name_is_not_taken_from_an_article_that_is_left_out(shelf: Shelf) -> None:
    text = "On Monday Mark Rutte spoke. On Tuesday Mark Rutte left."
    shelf.put(make_article("What Mark Rutte said", text))
    asked = "Who is Mark Rute?"
    assert correct(shelf, asked) == "Who is Mark Rutte?"
    early = Filters(Window(as_of=day("2020-01-01")))
    assert correct(shelf, asked, early) == asked


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("hauge", "hague", 1), ("rute", "rutte", 1), ("kosvo", "kosovo", 1), ("ab", "ccc", 3)],
)
def test_the_distance_counts_an_exchange_once(one: str, other: str, distance: int) -> None:
    assert measure_distance(one, other) == distance
