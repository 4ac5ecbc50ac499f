"""What the reader is trained on says what it should."""

from __future__ import annotations

import random

import pytest

from training.examples import Example, Reading, find_names

SENTENCES = (
    "The Kalvig bridge closed in March.",
    "Engineers from Ostvig mended its northern pier.",
    "It reopens on 3 May, said mayor Ada Holm of Kalvig.",
    "Buses run every hour.",
)
READING = Reading("Kalvig bridge to reopen (01 April 2026). ", SENTENCES)
ASKED = Example("When does the Kalvig bridge reopen?", READING, frozenset([2]), (2, 14, 19))


def short_answer(example: Example) -> str:
    assert example.answer is not None
    sentence, start, end = example.answer
    return example.reading.sentences[sentence][start:end]


@pytest.mark.parametrize("seed", range(20))
def test_a_shuffled_or_cropped_passage_still_answers_by_the_same_sentence(seed: int) -> None:
    rng = random.Random(seed)
    for changed in (ASKED.shuffled(rng), ASKED.cropped(rng), ASKED.shuffled(rng).cropped(rng)):
        assert [changed.reading.sentences[i] for i in changed.evidence] == [SENTENCES[2]]
        assert short_answer(changed) == "3 May"


def test_a_passage_without_its_evidence_does_not_answer() -> None:
    emptied = ASKED.emptied()
    assert emptied.evidence == frozenset()
    assert SENTENCES[2] not in emptied.reading.sentences


@pytest.mark.parametrize("seed", range(20))
def test_a_passage_about_another_name_does_not_answer(seed: int) -> None:
    renamed = ASKED.renamed(["Lisbon"], random.Random(seed), everywhere=False)
    assert renamed.reading == READING
    assert renamed.evidence == frozenset()
    assert "Kalvig" not in renamed.question
    assert renamed.question.startswith("When does the ")


@pytest.mark.parametrize("seed", range(20))
def test_a_name_changed_everywhere_leaves_the_answer(seed: int) -> None:
    renamed = ASKED.renamed(["Lisbon"], random.Random(seed), everywhere=True)
    (name,) = find_names(renamed.question)
    assert renamed.evidence == ASKED.evidence
    assert renamed.reading.sentences[2] == f"It reopens on 3 May, said mayor Ada Holm of {name}."
    assert short_answer(renamed) == "3 May"


def test_a_name_that_is_the_answer_is_not_changed() -> None:
    asked = Example("Is Ada Holm mayor of Kalvig?", READING, frozenset([2]), (2, 32, 40))
    for seed in range(20):
        assert short_answer(asked.renamed(["Lisbon"], random.Random(seed), everywhere=True)) == (
            "Ada Holm"
        )


def test_names_are_capitalised_words_but_the_first() -> None:
    assert find_names("Which Kalvig bridge did Ada Holm's brother see?") == ["Kalvig", "Ada Holm"]
