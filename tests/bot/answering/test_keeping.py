"""Answers found again by their ids: whose they are, and what is left of them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from bot.answering.conversation import Conversation
from bot.answering.keeping import find_sources, rebuild_answer, window_of
from bot.answering.questions import build_question
from bot.answering.schema import Abstention, Answer
from bot.answering.turns import TurnLog
from retrieval.schema import Window
from retrieval.wire import build_bound
from tests.bot.factories import Shelf, day, make_answer
from tests.factories import make_article
from tests.fakes import ScriptedLLM

ASKED = "Who chaired the talks?"
OLD = make_article(
    title="Mission begins",
    text="The Lindholm mission has 3,100 soldiers. It began last week.",
    url="https://example.org/old",
    source="Harbour Courier",
    published_at=day("2025-10-03"),
)
NEW = make_article(
    title="Mission grows",
    text="The Lindholm mission has 4,200 soldiers. Its commander is Colonel Ada Brandt.",
    url="https://example.org/new",
    source="Northern Ledger",
    published_at=day("2026-01-30"),
)


@pytest.fixture
def newsroom(shelf: Shelf) -> Shelf:
    copy = make_article(url="https://example.org/copy", source="Northern Ledger")
    shelf.put(make_article(), replace(copy, published_at=day("2025-06-27")))
    return shelf


def open_turns(shelf: Shelf, days: int = 30) -> TurnLog:
    return TurnLog(shelf.library.database, timedelta(days=days))


def ask(shelf: Shelf, text: str = ASKED, owner: str = "a", **limits: str) -> Answer:
    question = replace(build_question(text, asked_at="2026-03-01", **limits), owner=owner)
    conversation = Conversation(shelf.build_answerer(), open_turns(shelf), None)
    return conversation.answer(question)


def rebuild(shelf: Shelf, answer: Answer, owner: str = "a") -> Answer | None:
    kept = open_turns(shelf).find(owner, answer.answer_id)
    return None if kept is None else rebuild_answer(kept, shelf.library.archive)


@pytest.mark.parametrize("text", [ASKED, "Who chaired the talks in June 2025?"])
def test_an_answer_is_rebuilt_as_it_was(newsroom: Shelf, text: str) -> None:
    answer = ask(newsroom, text, as_of="2026-01-01")
    assert answer.answered
    assert answer.notes
    assert answer.citations[0].also_reported_by == ("Northern Ledger",)
    rebuilt = rebuild(newsroom, answer)
    assert rebuilt is not None
    assert replace(rebuilt, timings_ms=answer.timings_ms) == answer


@pytest.mark.parametrize("as_of", ["2026-01-01", "2026-01-01T23:59:59Z"])
def test_a_day_is_kept_as_a_day_and_a_moment_as_a_moment(newsroom: Shelf, as_of: str) -> None:
    answer = ask(newsroom, "Who chaired the talks in June 2025?", as_of=as_of, since="2025-01-01")
    kept = open_turns(newsroom).find("a", answer.answer_id)
    assert kept is not None
    stated = [build_bound(getattr(window_of(kept), each.name)) for each in fields(Window)]
    assert stated == ["2025-01-01", None, as_of, "2025-06-01", "2025-06-30"]


def test_an_answer_is_found_by_its_owner_alone_and_while_it_is_kept(newsroom: Shelf) -> None:
    answer = ask(newsroom)
    assert open_turns(newsroom).find("b", answer.answer_id) is None
    assert open_turns(newsroom).find("a", "unknown") is None
    assert open_turns(newsroom, days=-1).find("a", answer.answer_id) is None


def test_nothing_is_left_of_an_answer_whose_article_is_removed(newsroom: Shelf) -> None:
    answer = ask(newsroom)
    open_turns(newsroom).share("a", answer.answer_id, "everybody", "c1")
    newsroom.library.archive.remove(answer.citations[0].article_id)
    assert open_turns(newsroom).find("a", answer.answer_id) is None
    assert open_turns(newsroom).find("everybody", answer.answer_id) is None


def test_an_article_that_goes_while_an_answer_is_rebuilt_is_missed(newsroom: Shelf) -> None:
    answer = ask(newsroom)
    kept = open_turns(newsroom).find("a", answer.answer_id)
    assert kept is not None
    newsroom.library.archive.remove(answer.citations[0].article_id)
    assert rebuild_answer(kept, newsroom.library.archive) is None
    (source,) = find_sources(kept, newsroom.library.archive)[:1]
    assert (source.marker, source.citation, source.stands) == (1, None, False)


def test_a_quote_stands_as_long_as_its_article_says_so(newsroom: Shelf) -> None:
    answer = ask(newsroom)
    newsroom.put(make_article(text="Somebody else chaired the talks."))
    kept = open_turns(newsroom).find("a", answer.answer_id)
    assert kept is not None
    assert not find_sources(kept, newsroom.library.archive)[0].stands


def test_an_abstention_is_found_but_not_rebuilt(newsroom: Shelf) -> None:
    turns = open_turns(newsroom)
    declined = make_answer(abstention=Abstention("no_evidence", "No article here answers this."))
    question = replace(build_question(ASKED), owner="a")
    turns.write(question, ASKED, replace(declined, conversation_id="c1"))
    kept = turns.find("a", declined.answer_id)
    assert kept is not None
    assert rebuild_answer(kept, newsroom.library.archive) is None


def test_an_answer_is_shared_once_and_can_be_taken_back(newsroom: Shelf) -> None:
    answer, turns = ask(newsroom), open_turns(newsroom)
    assert turns.share("a", answer.answer_id, "everybody", "c1") is True
    assert turns.share("a", answer.answer_id, "everybody", "c2") is False
    assert turns.share("b", answer.answer_id, "c", "c1") is False
    turns.unshare("everybody", answer.answer_id)
    assert turns.find("everybody", answer.answer_id) is None
    assert turns.find("a", answer.answer_id) is not None
    assert turns.share("a", answer.answer_id, "everybody", "c1") is True


def test_a_shared_answer_is_gone_on_from_where_it_is_moved_to(newsroom: Shelf) -> None:
    answer, turns = ask(newsroom), open_turns(newsroom)
    turns.share("a", answer.answer_id, "everybody", "c1")
    turns.move("everybody", answer.answer_id, "thread")
    assert [turn.question for turn in turns.read("everybody", "thread")] == [ASKED]
    assert turns.read("everybody", "c1") == ()


def test_an_article_that_only_a_note_names_takes_the_answer_along(shelf: Shelf) -> None:
    shelf.put(OLD, NEW)
    question = build_question(
        "How many soldiers does the Lindholm mission have?", asked_at="2026-03-01"
    )
    turns = open_turns(shelf)
    for number in (1, 2):
        llm = ScriptedLLM([f"The Lindholm mission has 4,200 soldiers [{number}]."])
        conversation = Conversation(shelf.build_answerer(llm), turns, None)
        answer = conversation.answer(replace(question, owner="a"))
        if answer.mode == "generative":
            break
    assert any("said 3,100 soldiers" in note for note in answer.notes)
    assert [each.article_id for each in answer.citations] == [NEW.article_id]
    shelf.library.archive.remove(OLD.article_id)
    assert turns.find("a", answer.answer_id) is None
