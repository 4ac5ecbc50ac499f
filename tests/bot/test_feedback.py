"""Feedback on real answers, in the archive's own database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from bot.answering.conversation import Conversation
from bot.answering.questions import build_question
from bot.answering.schema import Answer
from bot.answering.turns import TurnLog
from bot.feedback import AnswerNotFound, FeedbackLog, build_candidate, build_feedback
from retrieval.tables import conversation_turns, feedback_articles
from tests.bot.factories import Shelf, open_shelf
from tests.factories import make_article, put_article

FIRST = "Who chaired the talks of the allies in The Hague?"
NEXT = "And when was that?"
UNKNOWN = "How do penguins feed their chicks in Antarctica?"
SUMMIT_ID = make_article().article_id
CABLE = make_article(
    title="Cables",
    text="A cable between Finland and Estonia was cut by the anchor of a tanker on Christmas Day.",
    url=None,
    path="desk/cable.txt",
)


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Shelf]:
    with open_shelf(tmp_path / "newsroom", make_article(), CABLE) as shelf:
        yield shelf


def ask(
    shelf: Shelf, text: str = FIRST, owner: str = "", conversation_id: str | None = None
) -> Answer:
    turns = TurnLog(shelf.library.database, timedelta(days=30))
    question = build_question(
        text, asked_at="2025-07-01", as_of="2025-06-30", conversation_id=conversation_id
    )
    return Conversation(shelf.build_answerer(), turns, None).answer(replace(question, owner=owner))


def open_log(shelf: Shelf) -> FeedbackLog:
    return FeedbackLog(shelf.library.database)


def test_feedback_holds_what_it_takes_to_judge_the_answer_again(newsroom: Shelf) -> None:
    answer, log = ask(newsroom), open_log(newsroom)
    log.give("", answer.answer_id, "down", "It was in June.")
    (given,) = log.read()
    assert datetime.now(UTC) - given.given_at < timedelta(minutes=1)
    built = build_feedback(given)
    del built["given_at"]
    assert answer.answered
    assert built == {
        "answer_id": answer.answer_id,
        "verdict": "down",
        "comment": "It was in June.",
        "previous": [],
        "question": FIRST,
        "understood": FIRST,
        "answer": answer.text,
        "asked_at": "2025-07-01T23:59:59Z",
        "as_of": "2025-06-30",
        "since": None,
        "until": None,
        "sources": [],
        "window": {
            "since": None,
            "until": None,
            "as_of": "2025-06-30",
            "prefer_since": None,
            "prefer_until": None,
        },
        "notes": list(answer.notes),
        "abstention": None,
        "citations": [
            {"article_id": citation.article_id, "quote": citation.quote}
            for citation in answer.citations
        ],
        "form": "answer",
        "entries": None,
        "confidence": answer.confidence,
        "mode": "extractive",
        "model": None,
    }


def test_a_second_verdict_of_the_same_owner_replaces_the_first(newsroom: Shelf) -> None:
    answer, log = ask(newsroom), open_log(newsroom)
    log.give("", answer.answer_id, "down", "No.")
    log.give("", answer.answer_id, "up", None)
    (given,) = log.read()
    assert (given.verdict, given.comment) == ("up", None)


def test_an_unknown_answer_and_another_owner_s_are_not_found_alike(newsroom: Shelf) -> None:
    answer, log = ask(newsroom, owner="alice"), open_log(newsroom)
    said = []
    for owner, answer_id in (("bob", answer.answer_id), ("bob", "0" * 32), ("", answer.answer_id)):
        with pytest.raises(AnswerNotFound) as raised:
            log.give(owner, answer_id, "up", None)
        said.append(str(raised.value).replace(answer_id, "…"))
    assert len(set(said)) == 1
    assert log.read() == ()
    log.give("alice", answer.answer_id, "up", None)
    with pytest.raises(AnswerNotFound):
        log.give("bob", answer.answer_id, "down", None)
    assert [given.verdict for given in log.read()] == ["up"]


def test_feedback_outlives_its_conversation_and_can_still_be_changed(newsroom: Shelf) -> None:
    answer, other, log = ask(newsroom), ask(newsroom), open_log(newsroom)
    log.give("", answer.answer_id, "down", None)
    with newsroom.library.database.write() as connection:
        connection.execute(delete(conversation_turns))
    log.give("", answer.answer_id, "up", None)
    assert [given.verdict for given in log.read()] == ["up"]
    with pytest.raises(AnswerNotFound):
        log.give("", other.answer_id, "up", None)


def test_an_answer_from_before_feedback_was_kept_is_not_found(newsroom: Shelf) -> None:
    answer, log = ask(newsroom), open_log(newsroom)
    with newsroom.library.database.write() as connection:
        connection.execute(update(conversation_turns).values(record=None))
        connection.exec_driver_sql("UPDATE conversation_turns SET record = NULL")
    with pytest.raises(AnswerNotFound):
        log.give("", answer.answer_id, "up", None)


def test_removing_an_article_removes_the_feedback_on_what_cites_it(newsroom: Shelf) -> None:
    cites, declines, log = ask(newsroom), ask(newsroom, UNKNOWN), open_log(newsroom)
    for answer in (cites, declines):
        log.give("", answer.answer_id, "up", None)
    assert cites.answered
    assert not declines.answered
    newsroom.library.archive.remove(SUMMIT_ID)
    assert [given.question for given in log.read()] == [UNKNOWN]
    with newsroom.library.database.read() as connection:
        assert connection.execute(select(feedback_articles)).all() == []


def test_removing_an_article_removes_the_feedback_on_follow_ups_to_what_cites_it(
    newsroom: Shelf,
) -> None:
    first, log = ask(newsroom), open_log(newsroom)
    asked = "What was cut by the anchor of a tanker between Finland and Estonia?"
    then = ask(newsroom, asked, conversation_id=first.conversation_id)
    assert {citation.article_id for citation in then.citations} == {CABLE.article_id}
    log.give("", then.answer_id, "up", None)
    with newsroom.library.database.write() as connection:
        connection.execute(delete(conversation_turns))
    newsroom.library.archive.remove(SUMMIT_ID)
    assert log.read() == ()


def test_feedback_is_read_by_verdict_and_removed_by_answer(newsroom: Shelf) -> None:
    good, bad, log = ask(newsroom), ask(newsroom, UNKNOWN), open_log(newsroom)
    log.give("", good.answer_id, "up", None)
    log.give("", bad.answer_id, "down", "a\x00b")
    assert [given.answer_id for given in log.read("down")] == [bad.answer_id]
    assert [given.comment for given in log.read("down")] == ["ab"]
    assert log.remove([bad.answer_id, "unknown"]) == 1
    assert [given.answer_id for given in log.read()] == [good.answer_id]


def candidate_of(shelf: Shelf, answer: Answer, verdict: str) -> dict[str, object]:
    log = open_log(shelf)
    log.give("", answer.answer_id, "up" if verdict == "up" else "down", None)
    (given,) = log.read()
    return build_candidate(given, {a.article_id: a for a in shelf.library.archive})


def test_a_good_answer_brings_its_words_and_its_quotes(newsroom: Shelf) -> None:
    answer = ask(newsroom)
    candidate = candidate_of(newsroom, answer, "up")
    assert candidate["answerable"] is True
    assert "[" not in str(candidate["answer"])
    assert str(candidate["answer"]).endswith("Mark Rutte chaired the talks.")
    assert candidate["evidence"] == [
        {"article": "https://example.org/summit", "quote": citation.quote}
        for citation in answer.citations
    ]
    assert candidate["as_of"] == "2025-06-30"


def test_a_bad_answer_brings_its_question_alone(newsroom: Shelf) -> None:
    candidate = candidate_of(newsroom, ask(newsroom), "down")
    assert (candidate["question"], candidate["answerable"]) == (FIRST, True)
    assert (candidate["answer"], candidate["evidence"]) == ("", [])


def test_a_refusal_that_was_right_is_an_unanswerable_question(newsroom: Shelf) -> None:
    candidate = candidate_of(newsroom, ask(newsroom, UNKNOWN), "up")
    assert (candidate["answerable"], candidate["evidence"]) == (False, [])


def test_a_quote_that_its_article_has_lost_is_no_evidence(newsroom: Shelf) -> None:
    answer = ask(newsroom)
    put_article(newsroom.library.archive, make_article(text=CABLE.text))
    assert candidate_of(newsroom, answer, "up")["evidence"] == []


def test_a_follow_up_brings_the_questions_before_it(newsroom: Shelf) -> None:
    first = ask(newsroom)
    then = ask(newsroom, NEXT, conversation_id=first.conversation_id)
    ask(newsroom, "And who then?", conversation_id=first.conversation_id)
    candidate = candidate_of(newsroom, then, "up")
    assert (candidate["question"], candidate["previous"]) == (NEXT, [FIRST])
