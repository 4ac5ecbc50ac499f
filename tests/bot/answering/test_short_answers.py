"""What leads an answer: the words that were asked for, when they stand out."""

from __future__ import annotations

import re

import pytest

from bot.answering.short_answers import find_short_answer
from retrieval.evidence_ranker import SentenceScore


def read(sentence: str, *telling: str, start: int = 0) -> SentenceScore:
    """As if the network took the telling words, and no others, for the answer."""
    spans = [match.span() for match in re.finditer(r"\w+|[^\w\s]", sentence)]
    return SentenceScore(
        logit=3.0,
        token_spans=tuple((first + start, last + start) for first, last in spans),
        token_logits=tuple(
            8.0 if sentence[first:last] in telling else 0.0 for first, last in spans
        ),
    )


@pytest.mark.parametrize(
    ("question", "sentence", "telling", "short"),
    [
        ("Who chairs the talks?", "Mark Rutte chairs them.", ["Rutte"], "Mark Rutte"),
        (
            "Where is the command?",
            "It sits in Norfolk, Virginia, today.",
            ["Norfolk"],
            "Norfolk, Virginia",
        ),
        ("How many ships take part?", "At least 12 ships take part.", ["12"], "At least 12"),
        ("How much did it cost?", "It cost $3.4 billion in all.", ["4"], "$3.4 billion"),
        ("When does it end?", "It ends on 12 May 2026, they said.", ["May"], "12 May 2026"),
        ("By what share did it rise?", "It rose.", ["rose"], None),
        (
            "Which company bought it?",
            "The buyer was Bank of America.",
            ["America"],
            "Bank of America",
        ),
        ("Which show returns?", "Netflix said “Squid Game” returns.", ["Squid"], "“Squid Game”"),
        ("Why did it fail?", "Mark Rutte left.", ["Rutte"], None),
    ],
)
def test_the_words_that_were_asked_for_are_found(
    question: str, sentence: str, telling: list[str], short: str | None
) -> None:
    assert find_short_answer(question, sentence, 0, read(sentence, *telling)) == short


def test_spans_are_those_of_the_article() -> None:
    sentence = "Mark Rutte chairs the talks."
    score = read(sentence, "Rutte", start=400)
    assert find_short_answer("Who chairs the talks?", sentence, 400, score) == "Mark Rutte"


def test_nothing_leads_where_no_words_stand_out() -> None:
    sentence = "Mark Rutte met Emmanuel Macron."
    assert find_short_answer("Who spoke first?", sentence, 0, read(sentence)) is None


def test_a_name_that_the_question_gives_is_not_its_answer() -> None:
    sentence = "Mark Rutte spoke in Brussels."
    score = read(sentence, "Rutte")
    assert find_short_answer("Who met Mark Rutte?", sentence, 0, score) is None
