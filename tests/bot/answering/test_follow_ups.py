"""Follow-up questions made to stand alone by rules."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.answering.follow_ups import leans, make_standalone, retrace
from bot.answering.schema import Turn
from tests.bot.factories import ASKED_AT


def understand(*questions: str, answers: Sequence[str] = ()) -> str:
    """The last question, after those before it were understood in turn."""
    turns: list[Turn] = []
    understood = ""
    for i, question in enumerate(questions):
        understood = make_standalone(question, turns, ASKED_AT)
        turns.append(Turn(question, understood, answers[i] if i < len(answers) else ""))
    return understood


@pytest.mark.parametrize(
    ("before", "asked", "understood"),
    [
        (
            "How many troops did Germany send to Lithuania?",
            "What about France?",
            "How many troops did France send to Lithuania?",
        ),
        ("When did Sweden join NATO?", "And Finland?", "When did Finland join NATO?"),
        (
            "Who is the prime minister of Estonia?",
            "And of Latvia?",
            "Who is the prime minister of Latvia?",
        ),
        (
            "What did Mark Rutte say in The Hague?",
            "how about Pete Hegseth?",
            "What did Pete Hegseth say in The Hague?",
        ),
        (
            "How many troops did Germany send to Lithuania?",
            "And in 2023?",
            "How many troops did Germany send to Lithuania in 2023?",
        ),
        (
            "How many troops did Germany send in June 2024?",
            "What about 2025?",
            "How many troops did Germany send in 2025?",
        ),
    ],
)
def test_what_is_new_takes_the_place_of_its_like(before: str, asked: str, understood: str) -> None:
    assert understand(before, asked) == understood


def test_another_thing_is_counted_of_the_same() -> None:
    understood = understand(
        "How many soldiers are taking part in Nordic Response?", "And how many ships?"
    )
    assert understood == "How many ships are taking part in Nordic Response?"


def test_a_lone_question_word_asks_of_the_same() -> None:
    assert understand("When did Sweden join NATO?", "and where?") == "Where did Sweden join NATO?"


@pytest.mark.parametrize(
    "asked",
    [
        "And when was that?",
        "Who said so?",
        "How many?",
        "What is to be used for it?",
        "Which of them signed?",
        "How much of it comes from Sweden?",
        "And which country argued that it could manage with less?",
    ],
)
def test_a_question_that_points_back_gets_what_was_spoken_of(asked: str) -> None:
    understood = understand("What is the purpose of Baltic Sentry?", asked)
    assert understood.endswith("(the purpose of Baltic Sentry)?")
    assert understood.casefold().startswith(asked.removeprefix("And ").rstrip("?").casefold())


def test_a_person_of_the_answer_is_who_a_pronoun_means() -> None:
    understood = understand(
        "Who leads the alliance?",
        "What was his job before?",
        answers=["The North Atlantic Council chose Mark Rutte [1]."],
    )
    assert understood == "What was his job before (Mark Rutte, leads the alliance)?"


def test_what_was_spoken_of_lasts_through_several_follow_ups() -> None:
    understood = understand(
        "Who pays for US arms under PURL?",
        "How much of it comes from Sweden?",
        "What is that money meant for?",
    )
    assert "PURL" in understood


def test_a_question_asked_again_is_the_same_question() -> None:
    assert (
        understand("Who chaired the talks?", "Who chaired the talks?") == "Who chaired the talks?"
    )


def test_a_long_conversation_does_not_make_long_questions() -> None:
    asked = ["Who pays for US arms under PURL?", *["And who else was part of it there?"] * 20]
    assert len(understand(*asked).split()) < 40


@pytest.mark.parametrize(
    "question",
    [
        "When did Finland join NATO?",
        "What did NATO say it would do in the Arctic?",
        "Which company said it would cut 4,000 jobs in Germany?",
        "And who won the Booker Prize in 2023?",
        "How many startups made it into the first accelerator of NATO?",
        "Texas Pete is facing a lawsuit after a man learned it isn't made there. Where is it made?",
    ],
)
def test_a_question_with_its_own_subject_is_left_alone(question: str) -> None:
    assert not leans(question)
    assert understand("Who chaired the talks?", question) == question


@pytest.mark.parametrize("question", ["And when was that?", "", "?", "(", "and", "what about"])
def test_without_turns_a_question_is_left_alone(question: str) -> None:
    assert make_standalone(question, (), ASKED_AT) == question


@pytest.mark.parametrize(
    "question", ["", "?", "(((", "and", "what about ?", "it " * 500, "And (of) [it]?"]
)
def test_odd_questions_are_understood_as_something(question: str) -> None:
    understood = understand("Who chaired the talks (in The Hague)?", question)
    assert len(understood) <= len(question) + 200


def test_what_was_said_is_retraced_question_by_question() -> None:
    said = [
        ("How many troops did Germany send to Lithuania?", "About 5,000 [1]."),
        ("What about France?", ""),
        ("And in 2023?", ""),
    ]
    turns = retrace(said, ASKED_AT)
    assert [turn.understood for turn in turns] == [
        "How many troops did Germany send to Lithuania?",
        "How many troops did France send to Lithuania?",
        "How many troops did France send to Lithuania in 2023?",
    ]
    assert [(turn.question, turn.answer) for turn in turns] == said
