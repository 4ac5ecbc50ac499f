"""Questions about words that are quoted, over real indexes."""

from __future__ import annotations

import pytest

from bot.answering.questions import build_question
from bot.answering.schema import Answer
from retrieval.schema import Article
from tests.bot.factories import Shelf, day
from tests.factories import make_article
from tests.fakes import ScriptedLLM

SENTENCE = "“The pier stays open all winter,” harbour master Ines Falk said on Monday."
TEXT = f"The council of Aldmoor met on Monday. {SENTENCE} The ferry will sail twice a day."


def put_articles(shelf: Shelf) -> None:
    pier = make_article(
        "Pier stays open", TEXT, "https://example.org/pier", published_at=day("2019-02-01")
    )
    shelf.put(pier, *(_make_ferry(number) for number in range(4)))


def _make_ferry(number: int) -> Article:
    text = f"Ferry {number} of Aldmoor sails all winter. The pier of ferry {number} was open."
    url = f"https://example.org/ferry/{number}"
    return make_article(f"Ferry {number}", text, url, published_at=day("2026-02-01"))


def ask(shelf: Shelf, text: str, **given: str) -> Answer:
    return shelf.build_answerer().answer(build_question(text, asked_at="2026-03-01", **given))


@pytest.mark.parametrize(
    "question",
    [
        f"Which article says: “{SENTENCE}”?",
        "Who said “The pier stays open all winter”?",
        'Who said: "the pier stays open all winter"?',
        "Where is it written that «the pier stays open all winter»?",
        SENTENCE,
    ],
)
def test_quoted_words_are_answered_with_their_sentence(shelf: Shelf, question: str) -> None:
    put_articles(shelf)
    answer = ask(shelf, question)
    (citation,) = answer.citations
    assert citation.quote == SENTENCE
    assert TEXT[citation.start : citation.end] == SENTENCE
    assert answer.text == f"{SENTENCE.removesuffix('.')} [1]."
    assert answer.confidence > 0.9


def test_two_quoted_sentences_are_both_cited(shelf: Shelf) -> None:
    put_articles(shelf)
    both = "harbour master Ines Falk said on Monday. The ferry will sail twice a day."
    answer = ask(shelf, f"Which article says: “{both}”?")
    assert [citation.quote for citation in answer.citations] == [
        SENTENCE,
        "The ferry will sail twice a day.",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Who said “The pier stays closed all winter”?",
        "Which article says: “All winter the pier stays open”?",
        "Which newspaper wrote “the ferry of Aldmoor sank at the pier”?",
    ],
)
def test_words_that_no_article_holds_are_declined(shelf: Shelf, question: str) -> None:
    put_articles(shelf)
    answer = ask(shelf, question)
    assert answer.abstention is not None
    assert answer.abstention.reason == "no_evidence"


def test_words_published_later_than_the_cut_off_are_declined(shelf: Shelf) -> None:
    put_articles(shelf)
    question = "Who said “Ferry 2 of Aldmoor sails all winter”?"
    assert ask(shelf, question).answered
    assert not ask(shelf, question, as_of="2025-01-01").answered


def test_time_words_that_are_quoted_bound_nothing(shelf: Shelf) -> None:
    text = "The council met. As of 3 May the pier will be closed to lorries and to buses."
    shelf.put(make_article("Pier", text, published_at=day("2026-05-20")))
    question = "Which article says: “As of 3 May the pier will be closed to lorries”?"
    answer = shelf.build_answerer().answer(build_question(question, asked_at="2026-06-30"))
    assert answer.answered
    assert answer.window.as_of is None


def test_a_model_is_not_asked_for_words_that_are_quoted(shelf: Shelf) -> None:
    put_articles(shelf)
    llm = ScriptedLLM([])
    question = build_question("Who said “The pier stays open all winter”?", asked_at="2026-03-01")
    answer = shelf.build_answerer(llm).answer(question)
    assert answer.citations[0].quote == SENTENCE
    assert llm.prompts == []
