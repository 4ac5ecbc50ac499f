"""False claims differ from true ones where they are said to."""

from __future__ import annotations

import random

import pytest

from training.claims import Claimed, distort, find_changes
from training.epochs import Written
from training.examples import Example, Kind, Reading

SENTENCES = (
    "Engineers from Ostvig mended the northern pier of the Kalvig bridge.",
    "It reopens on 3 May, said mayor Ada Holm.",
    "Buses run 14 times a day.",
)
READING = Reading("Kalvig bridge to reopen (01 April 2026). ", SENTENCES)
TRUE = Example("The mayor said that Ada Holm will cross on 3 May.", READING, frozenset([1]),
               kind=Kind.CLAIM)  # fmt: skip


@pytest.mark.parametrize(
    ("true", "false", "words"),
    [
        ("It reopens in May.", "It reopens in June.", ["June"]),
        ("It may reopen in May.", "It will reopen in May.", ["will"]),
        ("It may have reopened.", "It reopened.", ["It", "reopened"]),
        ("It closed.", "It closed for good.", ["for", "good"]),
        ("Up to 1,200 came.", "Up to 12,000 came.", ["12,000"]),
        ("It closed.", "It closed.", []),
    ],
)
def test_the_words_that_were_changed_are_found(true: str, false: str, words: list[str]) -> None:
    assert [false[slice(*span)] for span in find_changes(true, false)] == words


@pytest.mark.parametrize("seed", range(20))
def test_a_distorted_claim_is_another_and_says_where(seed: int) -> None:
    false = distort(TRUE, random.Random(seed))
    assert false is not None
    assert false.unsupported
    assert false.question != TRUE.question
    assert false.evidence == TRUE.evidence


def test_what_has_nothing_to_exchange_is_not_distorted() -> None:
    plain = Example("buses run often", Reading("", ("buses run often",)), kind=Kind.CLAIM)
    assert distort(plain, random.Random(1)) is None


def test_an_epoch_holds_true_and_false_claims_and_the_sentence_that_one_distorts() -> None:
    false = Example("It reopens on 5 May.", READING, frozenset([1]), None, Kind.CLAIM, None)
    public = Example("Buses run.", READING, kind=Kind.CLAIM)
    claims = (Claimed("p", TRUE), Claimed("p", false, elsewhere=(READING,)))
    drawn = Written((), (), claims * 40, (public,) * 40).draw(random.Random(1))
    assert {each.kind for each in drawn} == {Kind.CLAIM}
    truths = {each.question: each.unsupported for each in drawn}
    assert truths[TRUE.question] == truths[SENTENCES[1]] == truths["Buses run."] == ()
    assert truths["It reopens on 5 May."] is None
    for each in drawn:
        for start, end in each.unsupported or ():
            assert 0 <= start < end <= len(each.question)
