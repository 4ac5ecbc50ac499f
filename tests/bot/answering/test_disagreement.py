"""Older evidence that gives another value is named with its date, and nothing else is."""

from __future__ import annotations

import pytest

from bot.answering.questions import build_question
from bot.answering.schema import Answer
from tests.bot.factories import Shelf, day
from tests.factories import make_article

OLD, NEW = "2026-03-03", "2026-03-09"


def ask_about(shelf: Shelf, question: str, older: str, newer: str) -> Answer:
    """Ask when both reports are there: the Wire's of 3 March and the Ledger's of 9 March."""
    for source, moment, text in (("Meridian Wire", OLD, older), ("Northern Ledger", NEW, newer)):
        shelf.put(
            make_article(
                title="Report",
                text=f"{text} Nothing else was said about it by anybody there.",
                url=f"https://example.org/{moment}",
                source=source,
                published_at=day(moment),
            )
        )
    asked = build_question(question, asked_at="2026-03-10")
    return shelf.build_answerer(abstain_below=0.0).answer(asked)


def notes_of(answer: Answer) -> list[str]:
    return [note for note in answer.notes if note.startswith("On ")]


@pytest.mark.parametrize(
    ("question", "older", "newer", "note"),
    [
        (
            "How many people were killed in the flood in Valdoria?",
            "The flood in Valdoria killed 40 people on Monday.",
            "The flood in Valdoria killed 43 people in all.",
            "On 3 March 2026 Meridian Wire said 40 people; "
            "on 9 March 2026 Northern Ledger says 43 people.",
        ),
        (
            "Who is the prime minister of Valdoria?",
            "The prime minister of Valdoria, Prime Minister Anna Berg, opened the port.",
            "Prime Minister Karl Lund of Valdoria, the new prime minister, closed the port.",
            "On 3 March 2026 Meridian Wire said Anna Berg; "
            "on 9 March 2026 Northern Ledger says Karl Lund.",
        ),
        (
            "When will the Valdoria summit be held?",
            "The Valdoria summit will be held on 7 July.",
            "The Valdoria summit will be held on 9 July after all.",
            "On 3 March 2026 Meridian Wire said 7 July; "
            "on 9 March 2026 Northern Ledger says 9 July.",
        ),
        (
            "Where will the summit of the league be held?",
            "The summit of the league will be held in Oslo.",
            "The summit of the league will now be held in Riga.",
            "On 3 March 2026 Meridian Wire said Oslo; on 9 March 2026 Northern Ledger says Riga.",
        ),
    ],
)
def test_the_newest_value_leads_and_both_are_named(
    shelf: Shelf, question: str, older: str, newer: str, note: str
) -> None:
    answer = ask_about(shelf, question, older, newer)
    assert notes_of(answer) == [note]
    assert answer.citations[0].published_at == day(NEW)
    assert answer.citations[0].quote == newer


@pytest.mark.parametrize(
    ("question", "older", "newer"),
    [
        (  # the same value
            "How many people were killed in the flood in Valdoria?",
            "The flood in Valdoria killed 40 people on Monday.",
            "The flood in Valdoria killed 40 people in all.",
        ),
        (  # another unit
            "How many people were killed in the flood in Valdoria?",
            "The flood in Valdoria killed 40 cows and left people homeless.",
            "The flood in Valdoria killed 43 people in all.",
        ),
        (  # another flood
            "How many people were killed in the flood in Valdoria?",
            "The flood in Norland killed 12 people on Monday.",
            "The flood in Valdoria killed 43 people in all.",
        ),
        (  # they fit each other
            "How many people were killed in the flood in Valdoria?",
            "The flood in Valdoria killed more than 40 people on Monday.",
            "The flood in Valdoria killed 43 people in all.",
        ),
        (  # of other years
            "How many people were killed in the flood in Valdoria?",
            "The flood in Valdoria killed 12 people in 2019.",
            "The flood in Valdoria killed 43 people in 2026.",
        ),
        (  # two values in one sentence
            "How many people were killed in the flood in Valdoria?",
            "The flood in Valdoria killed 12 people, then 13 people more.",
            "The flood in Valdoria killed 43 people in all.",
        ),
        (  # one who held the office before
            "Who is the prime minister of Valdoria?",
            "Former prime minister of Valdoria, ex-Prime Minister Anna Berg, opened the port.",
            "Prime Minister Karl Lund of Valdoria, the new prime minister, closed the port.",
        ),
        (  # another's office
            "Who is Valdoria's defence minister?",
            "Swedish Defence Minister Anna Berg spoke of Valdoria's defence with a minister.",
            "Karl Lund, Valdoria's defence minister, closed the port.",
        ),
        (  # nothing that can be compared was asked for
            "What happened in the flood in Valdoria?",
            "The flood in Valdoria killed 40 people on Monday.",
            "The flood in Valdoria killed 43 people in all.",
        ),
    ],
)
def test_what_does_not_disagree_is_not_said_to(
    shelf: Shelf, question: str, older: str, newer: str
) -> None:
    assert notes_of(ask_about(shelf, question, older, newer)) == []


def test_evidence_later_than_as_of_is_in_no_note(shelf: Shelf) -> None:
    question = "How many people were killed in the flood in Valdoria?"
    ask_about(
        shelf,
        question,
        "The flood in Valdoria killed 40 people on Monday.",
        "The flood in Valdoria killed 43 people in all.",
    )
    asked = build_question(question, as_of="2026-03-05")
    answer = shelf.build_answerer(abstain_below=0.0).answer(asked)
    assert notes_of(answer) == []
    assert "43" not in answer.text
