"""Names of sources in questions, many of them plain English."""

from __future__ import annotations

import pytest

from retrieval.named_sources import find_named_sources

SOURCES = (
    "The Verge",
    "The Week",
    "Time",
    "The Independent - Life and Style",
    "Fortune",
    "Cnbc | World Business News Leader",
    "usatoday.com",
    "The New York Times",
    "TechCrunch",
    "The Age",
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did The Verge report in September about phones?", "The Verge"),
        ("what did the verge report about phones?", "The Verge"),
        ("According to the week, who won?", "The Week"),
        ("What was in The Week's cover story?", "The Week"),
        ("Who won, as The Independent put it?", "The Independent - Life and Style"),
        ("How does CNBC explain the fall?", "Cnbc | World Business News Leader"),
        ("Fortune reported a loss; how large was it?", "Fortune"),
        ("Does the 'Fortune' article name him?", "Fortune"),
        ("What did a USA TODAY poll find?", "usatoday.com"),
        ("Which book does the New York Times praise?", "The New York Times"),
        ("TechCrunch on Alameda: what was lost?", "TechCrunch"),
        ("What did Time say of the year?", "Time"),
    ],
)
def test_a_source_is_named_by_its_capitals_or_by_what_stands_beside_it(
    question: str, named: str
) -> None:
    assert find_named_sources(question, SOURCES) == {named}


@pytest.mark.parametrize(
    "question",
    [
        "What happened this week?",
        "What did the week bring?",
        "How much time is left?",
        "Time is running out: for whom?",
        "Fortune favours whom?",
        "Which Fortune 500 company left?",
        "Who led Time Warner?",
        "Which independent candidate won?",
        "How many of the Independent candidates won?",
        "Who played in The Age of Extinction?",
        "What did they say that time said much about?",
        "Who stood on the verge of victory?",
        "Who wrote for the Financial Times?",
        "",
    ],
)
def test_plain_english_names_no_source(question: str) -> None:
    assert find_named_sources(question, SOURCES) == frozenset()


def test_sources_of_no_letters_are_never_named() -> None:
    assert find_named_sources("What is - | ?", ("-", " ", "|")) == frozenset()
