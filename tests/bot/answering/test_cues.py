"""What a question asks for, and whether a sentence holds it."""

from __future__ import annotations

import pytest

from bot.answering.cues import AnswerKind, answer_kind, holds


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many troops are in KFOR?", "number"),
        ("how much will it cost?", "number"),
        ("By how far was the target missed?", "number"),
        ("What share of GDP goes to defence?", "number"),
        ("When did Finland join?", "date"),
        ("On what date did Sweden join?", "date"),
        ("In which year was the treaty signed?", "date"),
        ("Where and when is the next summit?", "date"),
        ("Where is the next summit?", "place"),
        ("In which country is the base?", "place"),
        ("Which city hosts it?", "place"),
        ("Who chairs the council?", "name"),
        ("To whom was the letter sent?", "name"),
        ("Whose plan was it?", "name"),
        ("Why was the meeting held?", "anything"),
        ("Which command oversees Arctic Sentry?", "anything"),
        ("", "anything"),
    ],
)
def test_the_kind_of_answer_follows_from_the_question_s_words(
    question: str, kind: AnswerKind
) -> None:
    assert answer_kind(question) == kind


@pytest.mark.parametrize(
    ("kind", "sentence", "held"),
    [
        ("number", "About 4,500 troops were sent.", True),
        ("number", "Three countries signed.", True),
        ("number", "Troops were sent in 2023.", False),
        ("number", "They met on 4 April 2024.", False),
        ("number", "Troops were sent.", False),
        ("date", "It joined on 4 April 2023.", True),
        ("date", "It joined in April.", True),
        ("date", "It joined on Tuesday.", True),
        ("date", "It joined after long talks.", False),
        ("place", "The talks were held in Ankara.", True),
        ("place", "The talks were held abroad.", False),
        ("name", "The talks were chaired by Mark Rutte.", True),
        ("name", "The talks were chaired by the host.", False),
        ("anything", "nothing at all", True),
    ],
)
def test_a_sentence_holds_the_kind_of_thing_that_is_asked_for(
    kind: AnswerKind, sentence: str, held: bool
) -> None:
    assert holds(kind, sentence, "Which is it?") is held


def test_what_the_question_names_itself_is_no_answer_to_it() -> None:
    assert not holds("name", "Then the reporters met Mark Rutte.", "Who is Mark Rutte?")
    assert holds("name", "Then Stoltenberg met Mark Rutte.", "Who met Mark Rutte?")
    assert not holds("date", "In April 2023 it joined.", "When in April 2023 did it join?")
    assert holds("date", "On 4 April 2023 it joined.", "When in April 2023 did it join?")
