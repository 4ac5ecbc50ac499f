"""Answers made of the articles' own sentences, over real indexes."""

from __future__ import annotations

import pytest

from bot.answering.extractive import ExtractiveAnswerer
from bot.answering.schema import Draft, Question
from bot.answering.sentences import is_sentence
from tests.bot.factories import ASKED_AT, Shelf
from tests.factories import make_article
from tests.fakes import OverlapReader

ARCTIC = (
    "Arctic Sentry begins\n"
    "By Ada Holm\n"
    "Arctic Sentry is overseen by Joint Force Command Norfolk. "
    "It will last until the end of May. "
    "Ships of seven navies take part."
)
# Long enough, and different enough, not to be one story.
REPORTS = {
    "Oslo": "Snow lay on the quays while brass bands rehearsed behind the old customs house.",
    "Riga": "Bakers near the market gave away rye bread when the motorcade had finally gone.",
    "Vilnius": "Students hung paper lanterns from balconies and sang until the rain began.",
    "Tallinn": "A ferry strike emptied the harbour, so journalists walked along tram rails.",
}


def draft(shelf: Shelf, text: str) -> Draft:
    question = Question(text, asked_at=ASKED_AT)
    return ExtractiveAnswerer(shelf.retriever, OverlapReader()).draft(
        question, shelf.retriever.retrieve(text)
    )


def quotes(found: Draft) -> list[str]:
    return [evidence.quote for claim in found.claims for evidence in claim.evidence]


def test_an_answer_is_made_of_whole_sentences_at_their_exact_place(shelf: Shelf) -> None:
    shelf.put(make_article())
    found = draft(shelf, "Who chaired the talks?")
    assert found.mode == "extractive"
    assert found.model is None
    assert found.claims[0].text == "Mark Rutte chaired the talks."
    for claim in found.claims:
        for evidence in claim.evidence:
            text = evidence.passage.article.text
            assert text[evidence.start : evidence.end] == claim.text == evidence.quote


def test_headings_and_bylines_answer_nothing(shelf: Shelf) -> None:
    shelf.put(make_article(title="Arctic Sentry", text=ARCTIC))
    for text in ("Has Arctic Sentry begun?", "By whom, Ada Holm?", "Arctic Sentry begins"):
        found = quotes(draft(shelf, text))
        assert found
        assert not {"Arctic Sentry begins", "By Ada Holm"} & set(found)


def test_a_sentence_that_leans_on_the_one_before_is_quoted_together_with_it(shelf: Shelf) -> None:
    shelf.put(make_article(title="Far North", text=ARCTIC))
    found = draft(shelf, "Until the end of which month will it last?")
    before, leaning = found.claims[:2]
    assert before.text == "Arctic Sentry is overseen by Joint Force Command Norfolk."
    assert leaning.text == "It will last until the end of May."
    assert before.evidence == leaning.evidence
    assert quotes(found)[0].split() == f"{before.text} {leaning.text}".split()


def test_a_sentence_that_stands_on_its_own_gets_no_lead_in(shelf: Shelf) -> None:
    shelf.put(make_article(title="Far North", text=ARCTIC))
    found = quotes(draft(shelf, "How many navies send ships?"))
    assert found[0] == "Ships of seven navies take part."


def test_the_same_sentence_in_two_articles_is_said_once(shelf: Shelf) -> None:
    shared = "The ministers signed the treaty on long-range weapons in Lisbon."
    first = "Fog kept the delegation's aircraft on the ground for most of the morning."
    second = "Protesters marched along the river while bakeries handed out free bread."
    shelf.put(
        make_article(title="Treaty", url="https://example.org/1", text=f"{first} {shared}"),
        make_article(title="Weapons", url="https://example.org/2", text=f"{shared} {second}"),
    )
    assert shelf.library.archive.count() == 2
    found = quotes(draft(shelf, "Where did ministers sign the treaty on long-range weapons?"))
    assert found.count(shared) == 1


def test_an_answer_has_three_sentences_at_the_most(shelf: Shelf) -> None:
    for i, (place, rest) in enumerate(REPORTS.items()):
        text = f"The summit of the allies was held in {place}.\n\n{rest}"
        shelf.put(make_article(title=f"Summit {place}", text=text, url=f"https://example.org/{i}"))
    assert (
        len(draft(shelf, "Where did leaders of the allies hold their yearly summit?").claims) == 3
    )


def test_lead_ins_count_among_the_sentences(shelf: Shelf) -> None:
    for i, (place, rest) in enumerate(REPORTS.items()):
        text = f"The allies sent ships to {place}. It was called the Sentry mission.\n\n{rest}"
        shelf.put(make_article(title=f"Ships {place}", text=text, url=f"https://example.org/{i}"))
    found = draft(shelf, "What was the Sentry mission called?")
    said = [claim.text for claim in found.claims]
    assert "It was called the Sentry mission." in said
    assert any(sentence.startswith("The allies sent ships") for sentence in said)
    assert len(said) <= 4


def test_an_unrelated_question_is_no_match_for_the_articles(shelf: Shelf) -> None:
    shelf.put(make_article())
    related = draft(shelf, "Who chaired the talks of the allies in The Hague?")
    unrelated = draft(shelf, "How do penguins feed their chicks?")
    assert unrelated.confidence < 0.1 < 0.5 < related.confidence


def test_no_passages_make_no_claims() -> None:
    class NoWords:
        def analyze(self, text: str) -> tuple[str, ...]:
            return tuple(text.split())

        def weight(self, _term: str) -> float:
            return 0.0

    found = ExtractiveAnswerer(NoWords(), OverlapReader()).draft(Question("Who won?"), ())
    assert found.claims == ()
    assert found.confidence == 0.0


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("It rose.", True),
        ("“It rose.”", True),
        ("Did it?)", True),
        ("It goes on…", True),
        ("Allies meet in The Hague", False),
        ("By Ada Holm", False),
        ("", False),
    ],
)
def test_a_sentence_ends_as_sentences_do(text: str, whole: bool) -> None:
    assert is_sentence(text) is whole
