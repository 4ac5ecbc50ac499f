"""Small talk is answered without a search; what only begins like it is searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Never

import pytest

from bot.answering.answerer import build_answerer
from bot.answering.conversation import Conversation
from bot.answering.follow_ups import make_standalone, retrace
from bot.answering.questions import build_question
from bot.answering.schema import Answer, Question, Turn
from bot.answering.small_talk import SmallTalk, find_small_talk, without_courtesy
from bot.answering.turns import TurnLog
from bot.answering.wire import build_answer, read_answer
from bot.markdown import list_articles, render_markdown
from bot.settings import BotSettings
from retrieval.retriever import Retriever
from tests.bot.factories import ASKED_AT, Shelf, day, open_shelf
from tests.factories import make_article
from tests.fakes import OverlapReader, ScriptedLLM

SMALL_TALK: dict[str, SmallTalk] = {
    "hi": "greeting",
    "Hello!": "greeting",
    "Good morning, everyone": "greeting",
    "¡Hola!": "greeting",
    "Grüß Gott": "greeting",
    "How are you today?": "greeting",
    "thanks": "thanks",
    "thanks, that helps": "thanks",
    "Ok, got it, thanks a lot :)": "thanks",
    "Thank you for your help": "thanks",
    "Danke schön!": "thanks",
    "спасибо!": "thanks",
    "ありがとうございます": "thanks",
    ":+1:": "assent",
    "👍🏽": "assent",
    "OK.": "assent",
    "great job": "assent",
    "What can you do?": "about",
    "Hi, who are you?": "about",
    "Help!": "about",
    "How does this work?": "about",
    "Which articles do you have?": "about",
    "bye": "farewell",
    "See you tomorrow!": "farewell",
}
QUESTIONS = (
    "Thanksgiving: when is it?",
    "Help for Ukraine: how much?",
    "OK Corral fire: who died?",
    "Hello Fresh layoffs",
    "Thanks! And what about Sweden?",
    "hi, when did Finland join NATO?",
    "Bye Bye Birdie revival",
    "Good Friday agreement",
    "Good morning Vietnam: who directed it?",
    "Who are you wearing, the Oscars' question",
    "How does this work in Sweden?",
    "How does it work?",
    "What can you tell me about KFOR?",
    "What do you know about Arctic Sentry?",
    "Thank You for Smoking ban?",
    "Ok Tedi mine",
    "Hi-tech exports",
    "Ciao Bella closure",
    "See you in court, said who?",
    "👍 Finland",
    "How are you funded, BBC?",
    "K2 climb",
    "?",
    "Sure Start centres",
)


class Unsearchable(Retriever):
    """Raises Searched in place of searching."""

    def retrieve(self, *_arguments: Any, **_options: Any) -> Never:
        raise Searched


class Searched(Exception):
    pass


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Tests only read it, or keep turns in conversations of their own."""
    home: Path = tmp_path_factory.mktemp("talk")
    newest = make_article(
        title='Cable "cut" by <b>tanker</b>',
        text="A cable between Finland and Estonia was cut by the anchor of a tanker.",
        url="https://example.org/cable",
        source="Northern Ledger",
        published_at=day("2026-02-03"),
    )
    undated = make_article(
        title="Storks are back",
        text="The storks of the old harbour have come back.",
        url="https://example.org/storks",
        source=None,
        published_at=None,
    )
    with open_shelf(home, make_article(), newest, undated) as shelf:
        yield shelf


def converse(shelf: Shelf, llm: ScriptedLLM | None = None) -> Conversation:
    found = shelf.retriever
    values = {each.name: getattr(found, each.name) for each in fields(found)}
    answerer = build_answerer(Unsearchable(**values), llm, BotSettings(), OverlapReader())
    return Conversation(answerer, TurnLog(shelf.library.database, timedelta(days=1)), llm)


def say(shelf: Shelf, text: str, **given: Any) -> str:
    answer = converse(shelf).answer(build_question(text, **given))
    assert answer.abstention is not None
    return answer.abstention.message


@pytest.mark.parametrize("text", SMALL_TALK)
def test_small_talk_is_told_from_the_whole_text(text: str) -> None:
    assert find_small_talk(text) == SMALL_TALK[text]


@pytest.mark.parametrize("text", QUESTIONS)
def test_what_only_begins_like_small_talk_is_a_question(text: str) -> None:
    assert find_small_talk(text) is None


def test_small_talk_is_answered_without_a_search_and_without_a_model(filled: Shelf) -> None:
    llm = ScriptedLLM([])
    conversation = converse(filled, llm)
    for text in SMALL_TALK:
        answer = conversation.answer(build_question(text))
        assert answer.abstention is not None
        assert answer.abstention.reason == "small_talk"
        assert answer.abstention.message
        assert answer.abstention.closest == answer.citations == ()
        assert answer.notes == ()
        assert answer.conversation_id
    assert llm.prompts == []


def test_a_question_that_begins_like_small_talk_is_searched(filled: Shelf) -> None:
    conversation = converse(filled)
    for text in QUESTIONS:
        with pytest.raises(Searched):
            conversation.answer(build_question(text))


def test_a_greeting_is_told_what_the_bot_does_and_what_it_holds(filled: Shelf) -> None:
    assert say(filled, "hello") == (
        "Hello! I answer questions about the news articles that I hold. Every sentence of an "
        "answer points at the exact words of a dated article, and where no article answers, I say "
        "so. I hold 3 articles from 25 June 2025 to 3 February 2026 (1 undated), published by "
        "Meridian Wire and Northern Ledger. Ask me, for example, about “Cable 'cut' by "
        "<b>tanker</b>”, “Allies meet in The Hague” or “Storks are back”."
    )
    assert say(filled, "who are you?").startswith("I answer questions")


def test_nothing_is_told_of_what_the_filters_leave_out(filled: Shelf) -> None:
    told = say(filled, "hello", as_of="2025-12-31")
    assert "I hold one article of 25 June 2025, published by Meridian Wire." in told
    assert "Cable" not in told
    assert "Storks" not in told
    assert say(filled, "hello", as_of="2020-01-01").endswith(
        "I hold no articles from these dates and publishers."
    )


def test_thanks_an_assent_and_a_farewell_get_a_short_word(filled: Shelf) -> None:
    assert say(filled, "Thanks!") == "You’re welcome."
    assert say(filled, ":+1:") == "All right. Ask whenever you like."
    assert say(filled, "bye bye") == "Goodbye!"


def test_an_empty_archive_says_so(shelf: Shelf) -> None:
    assert "I hold no articles yet" in say(shelf, "hello")


def test_small_talk_is_not_a_turn_that_a_follow_up_leans_on(shelf: Shelf) -> None:
    shelf.put(make_article())
    turns = TurnLog(shelf.library.database, timedelta(days=1))
    conversation = Conversation(shelf.build_answerer(), turns, None)

    def ask(text: str) -> Answer:
        return conversation.answer(build_question(text, conversation_id="c"))

    ask("Who chaired the talks of the allies in The Hague?")
    assert ask("Thanks!").conversation_id == "c"
    assert len(turns.read("", "c")) == 1
    assert any("talks of the allies" in note for note in ask("And when was that?").notes)


def test_small_talk_between_a_chat_s_questions_is_passed_over() -> None:
    said = [("When did Finland join NATO?", "In April 2023 [1]."), ("Thanks!", "You’re welcome.")]
    assert [turn.question for turn in retrace(said, ASKED_AT)] == ["When did Finland join NATO?"]


@pytest.mark.parametrize(
    "text",
    ["Thanks! And what about Sweden?", "ok, thanks. What about Sweden?", "👍! what about Sweden?"],
)
def test_a_follow_up_may_begin_with_thanks(text: str) -> None:
    joined = Turn("When did Finland join NATO?", "When did Finland join NATO?", "In 2023 [1].")
    assert make_standalone(text, [joined], ASKED_AT) == "When did Sweden join NATO?"


@pytest.mark.parametrize(
    "text", ["Thanksgiving: when is it?", "Hello Fresh: who left?", "Help: how?"]
)
def test_a_name_that_begins_like_a_courtesy_is_kept(text: str) -> None:
    assert without_courtesy(text) == text


def test_a_long_run_of_courtesies_is_read_at_once() -> None:
    assert find_small_talk("thanks a lot " * 150 + "x") is None
    assert without_courtesy("ok, " * 500 + "who?") == "who?"


def test_the_reply_is_plain_in_json_and_in_markdown(filled: Shelf) -> None:
    question: Question = build_question("hello")
    answer = converse(filled).answer(question)
    wire = build_answer(answer)
    assert (wire["answered"], wire["answer"], wire["citations"]) == (False, "", [])
    assert wire["abstention"]["reason"] == "small_talk"
    assert read_answer(wire) == answer
    shown = render_markdown(answer, list_articles)
    assert "Closest" not in shown
    assert r"\<b\>tanker\</b\>" in shown
