"""The Slack bot: the real bolt app, real indexes, and Slack's stand-in on loopback."""

from __future__ import annotations

import asyncio
import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from fastapi.testclient import TestClient
from pydantic import SecretStr
from rich.console import Console

from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.questions import build_question
from bot.answering.schema import Answer, Question
from bot.rendering import render_answer
from bot.service import Service
from bot.serving import build_app
from bot.settings import BotSettings
from bot.slack.app import SlackBot, run_socket_mode
from bot.slack.events import EventLog
from bot.slack.token import find_token_problem
from retrieval.errors import DatelineError, SettingsError
from retrieval.opening import Library
from tests.bot.factories import Shelf, make_answer, make_citation
from tests.factories import make_article
from tests.slack_server import (
    APP_TOKEN,
    SlackServer,
    build_direct_message,
    build_event,
    build_mention,
    sign,
)

ASKED = "Who chaired the talks?"


class ScriptedService:
    """Answers as it is told to and keeps the questions."""

    def __init__(self, reply: Callable[[], Answer] = make_answer) -> None:
        self.questions: list[Question] = []
        self._reply = reply

    def answer(self, question: Question, _on_delta: OnDelta = ignore_delta) -> Answer:
        self.questions.append(question)
        return self._reply()

    def search(self, _question: Question, _top_k: int | None) -> dict[str, Any]:
        raise NotImplementedError


def failing(error: Exception) -> ScriptedService:
    def fail() -> Answer:
        raise error

    return ScriptedService(fail)


@contextmanager
def connect(library: Library, service: Service, settings: BotSettings) -> Iterator[TestClient]:
    """A running server; what is under way is done when it has stopped."""
    with TestClient(build_app(library, service, settings)) as client:
        yield client


def deliver(client: TestClient, payload: dict[str, Any]) -> None:
    body = json.dumps(payload).encode()
    response = client.post("/slack/events", content=body, headers=sign(body))
    assert response.status_code == 200


def text_of(message: dict[str, Any]) -> str:
    """Everything that a reader of the message sees."""
    sections = [block["text"]["text"] for block in message["blocks"] if "text" in block]
    contexts = [e["text"] for block in message["blocks"] for e in block.get("elements", [])]
    return "\n".join([*sections, *contexts])


def test_a_mention_is_answered_in_its_thread_with_the_sources(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    shelf.put(make_article())
    with connect(shelf.library, shelf.service, slack_settings) as client:
        deliver(client, build_event(build_mention(ASKED)))
    (message,) = slack.messages
    assert message["channel"] == "C1"
    assert message["thread_ts"] == "100.1"
    assert message["unfurl_links"] is False
    assert message["text"].startswith("Mark Rutte chaired the talks [1].")
    shown = text_of(message)
    assert "Mark Rutte chaired the talks [1]." in shown
    assert "The newest evidence is from 25 June 2025" in shown
    assert "*Sources*" in shown
    assert "<https://example.org/summit|Allies meet in The Hague>" in shown
    assert "Meridian Wire, 25 Jun 2025" in shown
    assert ">Mark Rutte chaired the talks." in shown


def test_a_mention_in_a_thread_is_answered_in_that_thread(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    with connect(library, ScriptedService(), slack_settings) as client:
        deliver(client, build_event(build_mention(ASKED, thread_ts="90.5")))
    assert slack.messages[0]["thread_ts"] == "90.5"


def test_a_direct_message_is_answered(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    service = ScriptedService()
    with connect(library, service, slack_settings) as client:
        deliver(client, build_event(build_direct_message("Who won &amp; who lost?")))
    assert slack.messages[0]["channel"] == "D1"
    assert [question.text for question in service.questions] == ["Who won & who lost?"]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(build_direct_message(ASKED, channel_type="channel"), id="in a channel"),
        pytest.param(build_direct_message(ASKED, channel_type="mpim"), id="in a group"),
        pytest.param(build_direct_message(ASKED, bot_id="B9"), id="of another bot"),
        pytest.param(build_direct_message(ASKED, subtype="bot_message", bot_id="B9"), id="a bot's"),
        pytest.param(build_direct_message(ASKED, user="UBOT"), id="its own"),
        pytest.param(build_direct_message(ASKED, subtype="message_changed"), id="an edit"),
        pytest.param(build_direct_message(ASKED, subtype="message_deleted"), id="a deletion"),
        pytest.param({"type": "reaction_added", "user": "U1"}, id="a reaction"),
        pytest.param({"type": "app_home_opened", "user": "U1", "tab": "messages"}, id="a visit"),
        pytest.param({"type": "invented_tomorrow"}, id="something new"),
    ],
)
def test_what_is_no_question_to_the_bot_is_acknowledged_and_left_alone(
    library: Library, slack: SlackServer, slack_settings: BotSettings, event: dict[str, Any]
) -> None:
    service = ScriptedService()
    with connect(library, service, slack_settings) as client:
        deliver(client, build_event(event, "Ev1"))
        deliver(client, build_event(build_mention("Who lost?"), "Ev2"))
    assert [question.text for question in service.questions] == ["Who lost?"]
    assert len(slack.messages) == 1


def test_an_event_that_slack_delivers_twice_is_answered_once(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    with connect(library, ScriptedService(), slack_settings) as client:
        for _ in range(3):
            deliver(client, build_event(build_mention(ASKED), "Ev1"))
        deliver(client, build_event(build_mention(ASKED), "Ev2"))
    assert len(slack.messages) == 2


def test_an_event_is_claimed_once_by_all_processes_of_an_archive(library: Library) -> None:
    first, second = EventLog(library.database), EventLog(library.database)
    assert [first.claim("Ev1"), second.claim("Ev1"), second.claim("Ev2")] == [True, False, True]


def test_a_mention_without_a_question_is_told_to_ask_one(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    service = ScriptedService()
    with connect(library, service, slack_settings) as client:
        deliver(client, build_event(build_mention("")))
    assert "Ask me a question" in slack.messages[0]["text"]
    assert service.questions == []


def test_a_failure_that_people_can_act_on_is_told_as_it_is(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    service = failing(DatelineError("the index is missing: run <it> & wait"))
    with connect(library, service, slack_settings) as client:
        deliver(client, build_event(build_mention(ASKED)))
    (message,) = slack.messages
    assert message["text"] == (
        "I could not answer: the index is missing: run &lt;it&gt; &amp; wait"
    )


def test_an_unforeseen_failure_is_told_by_a_number_that_the_log_has_too(
    library: Library,
    slack: SlackServer,
    slack_settings: BotSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with connect(library, failing(RuntimeError("hunter2")), slack_settings) as client:
        deliver(client, build_event(build_mention(ASKED)))
    (message,) = slack.messages
    assert "hunter2" not in json.dumps(message)
    number = re.search(r"error (\w{8})", message["text"])
    assert number is not None
    assert number[1] in caplog.text


def test_an_article_with_a_broken_address_does_not_cost_the_reader_the_answer(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    answer = make_answer(citations=[make_citation(url="https://[broken")])
    with connect(library, ScriptedService(lambda: answer), slack_settings) as client:
        deliver(client, build_event(build_mention(ASKED)))
    assert len(slack.messages) == 1
    assert "Mark Rutte chaired the talks [1]." in text_of(slack.messages[0])


def test_an_answer_that_slack_refuses_is_not_met_with_silence(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    slack.failures.append(web.json_response({"ok": False, "error": "invalid_blocks"}))
    with connect(library, ScriptedService(), slack_settings) as client:
        deliver(client, build_event(build_mention(ASKED)))
    refused, message = slack.messages
    assert refused["blocks"]
    assert message["text"]
    assert message["thread_ts"] == "100.1"


def test_an_answer_is_posted_again_when_slack_asks_to_slow_down(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    slow_down = {"ok": False, "error": "ratelimited"}
    slack.failures.append(web.json_response(slow_down, status=429, headers={"Retry-After": "1"}))
    with connect(library, ScriptedService(), slack_settings) as client:
        deliver(client, build_event(build_mention(ASKED)))
    assert len(slack.messages) == 2
    assert slack.messages[0] == slack.messages[1]


def test_slack_hears_at_once_and_a_server_that_stops_finishes_its_answers(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    released = threading.Event()

    def wait() -> Answer:
        assert released.wait(10)
        return make_answer()

    with connect(library, ScriptedService(wait), slack_settings) as client:
        started = time.monotonic()
        deliver(client, build_event(build_mention(ASKED)))
        assert time.monotonic() - started < 2.5
        assert slack.messages == []
        threading.Timer(0.3, released.set).start()
    assert len(slack.messages) == 1


def test_slack_gives_the_answer_that_the_command_line_gives(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    title = "Anger <b>& joy</b>"
    text = "R&D spending rose <by a third> in The Hague. Mark Rutte chaired the talks."
    shelf.put(make_article(title=title, text=text))
    with connect(shelf.library, shelf.service, slack_settings) as client:
        for i, asked in enumerate(["How did R&amp;D spending change?", "Do penguins fly?"]):
            deliver(client, build_event(build_mention(asked), f"Ev{i}"))
            slack.wait_until(lambda count=i: len(slack.messages) > count)  # type: ignore[misc]
    for message, asked in zip(
        slack.messages, ["How did R&D spending change?", "Do penguins fly?"], strict=True
    ):
        console = Console(record=True, file=io.StringIO(), width=500)
        render_answer(shelf.service.answer(build_question(asked)), console)
        printed = console.export_text().splitlines()[0]
        shown = message["blocks"][0]["text"]["text"]
        assert printed
        assert unescape(shown) == printed == unescape(message["text"])


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_a_bad_token_makes_the_server_not_ready_and_is_not_shown(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    shelf.put(make_article())
    revoked = slack_settings.model_copy(update={"slack_bot_token": SecretStr("xoxb-revoked")})
    with connect(shelf.library, shelf.service, slack_settings) as client:
        assert client.get("/readyz").json()["checks"]["slack"] == "ok"
    with connect(shelf.library, shelf.service, revoked) as client:
        response = client.get("/readyz")
    assert response.status_code == 503
    assert "SLACK_BOT_TOKEN" in response.json()["checks"]["slack"]
    assert "xoxb-revoked" not in response.text
    assert slack.messages == []


def test_the_token_s_problem_is_said_in_words(slack_settings: BotSettings) -> None:
    assert find_token_problem(slack_settings) is None
    missing = slack_settings.model_copy(update={"slack_bot_token": None})
    assert "set SLACK_BOT_TOKEN" in str(find_token_problem(missing))
    elsewhere = slack_settings.model_copy(update={"slack_api_url": "http://127.0.0.1:1/api"})
    assert find_token_problem(elsewhere) is not None


def test_a_bot_without_a_token_is_a_setting_to_mend(library: Library) -> None:
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
        SlackBot(BotSettings(), ScriptedService(), library)


def test_slack_is_not_listened_to_where_it_is_not_configured(shelf: Shelf) -> None:
    client = TestClient(build_app(shelf.library, shelf.service, BotSettings()))
    body = json.dumps(build_event(build_mention(ASKED))).encode()
    assert client.post("/slack/events", content=body, headers=sign(body)).status_code == 404


def test_socket_mode_acknowledges_and_answers(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    settings = slack_settings.model_copy(update={"slack_signing_secret": None})

    async def listen() -> None:
        bot = SlackBot(settings, ScriptedService(), library)
        listening = asyncio.create_task(run_socket_mode(bot, APP_TOKEN))
        try:
            await asyncio.to_thread(slack.send, build_event(build_mention(ASKED)))
            await asyncio.to_thread(slack.wait_until, lambda: bool(slack.messages))
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    asyncio.run(listen())
    assert slack.acknowledged == ["env-Ev1"]
    (message,) = slack.messages
    assert message["thread_ts"] == "100.1"
