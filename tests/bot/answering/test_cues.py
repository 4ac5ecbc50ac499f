"""What a question asks for."""

from __future__ import annotations

import pytest

from bot.answering.cues import AnswerKind, answer_kind


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
