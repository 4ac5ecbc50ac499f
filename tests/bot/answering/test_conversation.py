"""Questions in a conversation, over real indexes and the archive's own database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.answering.conversation import Conversation, understand
from bot.answering.llm import LLM
from bot.answering.questions import build_question
from bot.answering.schema import Answer, Question, Turn
from bot.answering.turns import TurnLog
from retrieval.schema import Filters, Window
from retrieval.tables import conversation_turns, turn_citations
from tests.bot.factories import ASKED_AT, Shelf
from tests.factories import make_article
from tests.fakes import ScriptedLLM

FIRST = "Who chaired the talks of the allies in The Hague?"
NEXT = "And when was that?"
TURN = Turn(FIRST, FIRST, "Mark Rutte chaired the talks [1].")


@pytest.fixture
def shelf_with_summit(shelf: Shelf) -> Shelf:
    shelf.put(make_article())
    return shelf


def open_conversation(shelf: Shelf, llm: LLM | None = None, days: int = 30) -> Conversation:
    turns = TurnLog(shelf.library.database, timedelta(days=days))
    return Conversation(shelf.build_answerer(), turns, llm)


def ask(text: str, conversation_id: str | None = None, owner: str = "") -> Question:
    question = build_question(text, asked_at="2025-07-01", conversation_id=conversation_id)
    return replace(question, owner=owner)


def understood_as(answer: Answer) -> list[str]:
    return [note for note in answer.notes if note.startswith("Understood as: ")]


def count(shelf: Shelf) -> tuple[int, int]:
    with shelf.library.database.read() as connection:
        turns = connection.execute(select(conversation_turns)).all()
        return len(turns), len(connection.execute(select(turn_citations)).all())


def test_every_answer_has_a_conversation_of_its_own(shelf_with_summit: Shelf) -> None:
    conversation = open_conversation(shelf_with_summit)
    first, second = (conversation.answer(ask(FIRST)) for _ in range(2))
    assert first.conversation_id
    assert second.conversation_id
    assert first.conversation_id != second.conversation_id


def test_a_follow_up_is_understood_by_the_turn_before_it(shelf_with_summit: Shelf) -> None:
    conversation = open_conversation(shelf_with_summit)
    first = conversation.answer(ask(FIRST))
    answer = conversation.answer(ask(NEXT, first.conversation_id))
    assert answer.question == NEXT
    assert answer.conversation_id == first.conversation_id
    assert understood_as(answer) == [
        "Understood as: When was that (chaired the talks of the allies in The Hague)?"
    ]
    assert answer.answered


def test_a_question_that_stands_alone_is_not_said_to_be_understood(
    shelf_with_summit: Shelf,
) -> None:
    conversation = open_conversation(shelf_with_summit)
    first = conversation.answer(ask(FIRST))
    answer = conversation.answer(
        ask("Will the summit in Ankara be held in Türkiye?", first.conversation_id)
    )
    assert understood_as(answer) == []


def test_another_owner_s_conversation_is_as_unknown_as_one_that_never_was(
    shelf_with_summit: Shelf,
) -> None:
    conversation = open_conversation(shelf_with_summit)
    first = conversation.answer(ask(FIRST, owner="alice"))
    foreign = conversation.answer(ask(NEXT, first.conversation_id, owner="bob"))
    unknown = conversation.answer(ask(NEXT, "never-was", owner="bob"))
    assert foreign.notes[0] == unknown.notes[0]
    assert "no earlier question" in foreign.notes[0]
    assert (foreign.text, foreign.abstention) == (unknown.text, unknown.abstention)
    own = conversation.answer(ask(NEXT, first.conversation_id, owner="alice"))
    assert understood_as(own)


def test_a_caller_may_begin_a_conversation_under_an_id_of_its_own(shelf_with_summit: Shelf) -> None:
    conversation = open_conversation(shelf_with_summit)
    first = conversation.answer(ask("Who chaired the talks?", "thread-7"))
    assert first.conversation_id == "thread-7"
    assert not any("no earlier question" in note for note in first.notes)


def test_a_conversation_is_forgotten_when_its_days_are_over(shelf_with_summit: Shelf) -> None:
    conversation = open_conversation(shelf_with_summit, days=3)
    first = conversation.answer(ask(FIRST))
    four_days_ago = int((datetime.now(UTC) - timedelta(days=4)).timestamp())
    with shelf_with_summit.library.database.write() as connection:
        connection.execute(update(conversation_turns).values(moment=four_days_ago))
    answer = conversation.answer(ask(NEXT, first.conversation_id))
    assert understood_as(answer) == []
    assert count(shelf_with_summit)[0] == 1, "the expired turn is deleted by the next that writes"


def test_removing_an_article_removes_the_conversations_that_cite_it(
    shelf_with_summit: Shelf,
) -> None:
    conversation = open_conversation(shelf_with_summit)
    cited = conversation.answer(ask(FIRST))
    conversation.answer(ask(NEXT, cited.conversation_id))
    other = conversation.answer(ask("How do penguins feed their chicks in Antarctica?"))
    assert cited.answered
    assert not other.answered
    shelf_with_summit.library.archive.remove(make_article().article_id)
    with shelf_with_summit.library.database.read() as connection:
        left = connection.execute(select(conversation_turns.c.conversation_id)).scalars().all()
    assert left == [other.conversation_id]
    assert count(shelf_with_summit) == (1, 0)


def test_what_was_asked_understood_answered_and_cited_is_kept(shelf_with_summit: Shelf) -> None:
    conversation = open_conversation(shelf_with_summit)
    first = conversation.answer(ask(FIRST, owner="alice"))
    answer = conversation.answer(ask(NEXT, first.conversation_id, owner="alice"))
    with shelf_with_summit.library.database.read() as connection:
        row = connection.execute(
            select(conversation_turns).where(conversation_turns.c.answer_id == answer.answer_id)
        ).one()
        cited = connection.execute(
            select(turn_citations.c.article_id).where(turn_citations.c.turn_id == row.turn_id)
        )
        assert cited.scalars().all() == [make_article().article_id]
    assert (row.owner, row.question, row.answer) == ("alice", NEXT, answer.text)
    assert row.understood.startswith("When was that (")


def test_a_question_with_nul_in_it_can_be_kept(shelf_with_summit: Shelf) -> None:
    conversation = open_conversation(shelf_with_summit)
    answer = conversation.answer(ask(f"{FIRST}\x00"))
    assert count(shelf_with_summit)[0] == 1
    assert answer.conversation_id


def test_a_model_writes_the_question_where_there_is_one() -> None:
    llm = ScriptedLLM(["When did Mark Rutte chair the talks in The Hague?"])
    question = understand(ask(NEXT), [TURN], llm)
    assert question.text == "When did Mark Rutte chair the talks in The Hague?"
    assert FIRST in llm.prompts[0]
    assert NEXT in llm.prompts[0]


@pytest.mark.parametrize(
    "drafts",
    [
        (),
        ("NO_ANSWER",),
        ("When did Jens Stoltenberg chair the talks?",),
        ("When did Mark Rutte chair the talks of 1999?",),
        ("Here is the question:\nWhen did Mark Rutte chair the talks?",),
        (f"When did {'the talks ' * 60}end?",),
    ],
)
def test_what_a_model_makes_up_is_not_asked(drafts: Sequence[str]) -> None:
    question = understand(ask(NEXT), [TURN], ScriptedLLM(list(drafts)))
    assert question.text == "When was that (chaired the talks of the allies in The Hague)?"


JOINED = Turn("When did Finland join NATO?", "When did Finland join NATO?", "In April 2023 [1].")


@pytest.mark.parametrize(
    "draft",
    [
        "<think>They mean Sweden.</think>When did Sweden join NATO?",
        "<think>\nThey mean Sweden.\n</think>\n\nWhen did Sweden join NATO?",
        "<|channel|>analysis<|message|>They mean Sweden?<|end|><|start|>assistant<|channel|>final"
        "<|message|>When did Sweden join NATO?<|return|>",
        "Standalone question: When did Sweden join NATO?",
        "**Rewritten question:** When did Sweden join NATO?",
        'Q: "When did Sweden join NATO?"',
        "Eigenständige Frage: When did Sweden join NATO?",
        "What about Sweden?",
        "And what about Sweden?",
        "<think>They mean Sweden. When did Sweden leave NATO?",
        "◁think▷Sweden, then.◁/think▷**When did Sweden join NATO?**",
        "analysisThey mean Sweden.assistantfinalWhen did Sweden join NATO?",
        '```json\n{"question": "When did Sweden join NATO?"}\n```',
        "[REASONING]They mean Sweden.[/REASONING]\nRewritten: When did Sweden join NATO?<|im_end|>",
        "How about it?",
    ],
)
def test_of_what_a_model_rewrites_the_question_alone_is_asked(draft: str) -> None:
    asked = understand(ask("What about Sweden?"), [JOINED], ScriptedLLM([draft]))
    assert asked.text == "When did Sweden join NATO?"


def test_a_question_may_have_a_colon_of_its_own() -> None:
    written = "When did Mark Rutte chair the talks, in The Hague: at 10:30?"
    turn = replace(TURN, answer="Mark Rutte chaired the talks in The Hague at 10:30 [1].")
    assert understand(ask(NEXT), [turn], ScriptedLLM([written])).text == written


def test_a_model_is_not_asked_about_a_question_that_stands_alone() -> None:
    llm = ScriptedLLM([])
    assert understand(ask(FIRST), [TURN], llm).text == FIRST
    assert llm.prompts == []


def test_what_was_answered_before_does_not_reach_a_question_as_of_an_earlier_day() -> None:
    turn = Turn("Who leads the alliance?", "Who leads the alliance?", "Mark Rutte leads it [1].")
    asked = ask("What was his job before?")
    bound = replace(asked, filters=Filters(Window(as_of=ASKED_AT)))
    assert "Mark Rutte" in understand(asked, [turn]).text
    assert "Mark Rutte" not in understand(bound, [turn]).text


def test_turns_that_the_caller_brings_stand_in_for_those_kept(shelf_with_summit: Shelf) -> None:
    conversation = open_conversation(shelf_with_summit)
    kept = conversation.answer(ask("Where will the next summit be held?"))
    brought = replace(ask(NEXT, kept.conversation_id), earlier=(TURN,))
    answer = conversation.answer(brought)
    assert understood_as(answer) == [
        "Understood as: When was that (chaired the talks of the allies in The Hague)?"
    ]
    alone = conversation.answer(replace(ask(NEXT, kept.conversation_id), earlier=()))
    assert understood_as(alone) == []
