"""Whatever Slack refuses, breaks or takes away: one reply, whole, or a word to the asker."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.settings import BotSettings
from retrieval.opening import Library
from tests.bot.factories import Shelf, make_answer, make_citation
from tests.bot.slack.bots import (
    ASKED,
    TWO_SENTENCES,
    Front,
    Held,
    ScriptedService,
    read_thread,
    serve,
    wait_for_reply,
)
from tests.slack_server import (
    Fault,
    SlackServer,
    build_mention,
    build_message,
    build_slash_command,
    delay,
    drop,
    rate_limit,
    read_shown,
    refuse,
    reset,
)

START, APPEND, STOP = "chat.startStream", "chat.appendStream", "chat.stopStream"
POST, UPDATE = "chat.postMessage", "chat.update"


@pytest.fixture
def front(library: Library, slack: SlackServer, slack_settings: BotSettings) -> Iterator[Front]:
    """Of a bot that answers everything with two sentences."""
    service = ScriptedService(lambda *_: make_answer(TWO_SENTENCES))
    with serve(library, service, slack_settings, slack) as opened:
        yield opened


def read_reply(slack: SlackServer, front: Front) -> str:
    """The one reply, which has both sentences and its source once."""
    wait_for_reply(slack)
    front.finish()
    (message,) = slack.visible("C1", "100.1")
    assert not message.streaming
    shown = read_shown(message)
    for part in ("Mark Rutte chaired", "They ended on Wednesday"):
        assert shown.count(part) >= 1, shown
    assert shown.count("They ended on Wednesday") == 1
    assert shown.count("Allies meet in The Hague") == 1
    assert "Searching" not in shown
    return shown


def test_posting_waits_as_long_as_slack_asks(slack: SlackServer, front: Front) -> None:
    slack.faults.always(START, refuse("missing_scope"))
    slack.faults.plan(POST, rate_limit(1))
    front.tell(build_mention(ASKED))
    read_reply(slack, front)
    first, second = [call.at for call in slack.log if call.method == POST]
    assert second - first >= 1.0


def test_editing_waits_as_long_as_slack_asks(slack: SlackServer, front: Front) -> None:
    slack.faults.always("assistant.threads.setStatus", refuse("missing_scope"))
    slack.faults.plan(UPDATE, rate_limit(1))
    front.tell(build_mention(ASKED))
    slack.wait_until(lambda: len(slack.sent(UPDATE)) == 2)
    slack.wait_until(lambda: "Wednesday" in read_thread(slack)[0])
    read_reply(slack, front)


def test_a_stream_is_not_waited_for(slack: SlackServer, front: Front) -> None:
    slack.faults.always(START, rate_limit(30))
    front.tell(build_mention(ASKED))
    read_reply(slack, front)
    assert len(slack.sent(START)) == 1


@pytest.mark.parametrize("method", [APPEND, STOP])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(rate_limit(1), id="429"),
        pytest.param(refuse("message_not_in_streaming_state"), id="closed"),
        pytest.param(refuse("internal_error"), id="Slack's own failure"),
        pytest.param(refuse("unheard_of"), id="unheard of"),
        pytest.param(reset(), id="broken before"),
        pytest.param(reset(takes_effect=True), id="broken after"),
    ],
)
def test_a_stream_that_ends_early_is_edited_into_the_whole_answer(
    slack: SlackServer, front: Front, method: str, fault: Fault
) -> None:
    slack.faults.plan(method, fault)
    front.tell(build_mention(ASKED))
    slack.wait_until(lambda: bool(slack.sent(UPDATE)))
    slack.wait_until(lambda: "Allies meet" in read_thread(slack)[0])
    read_reply(slack, front)


def test_a_stream_that_slack_has_closed_is_edited(slack: SlackServer, front: Front) -> None:
    slack.faults.plan(APPEND, delay(0.5))
    front.tell(build_mention(ASKED))
    slack.wait_until(lambda: bool(slack.sent(APPEND)))
    slack.workspace.close_streams()
    slack.wait_until(lambda: bool(slack.sent(UPDATE)))
    slack.wait_until(lambda: "Allies meet" in read_thread(slack)[0])
    read_reply(slack, front)


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
def test_where_slack_refuses_the_blocks_the_sources_are_lines(
    slack: SlackServer, front: Front, error: str
) -> None:
    slack.faults.always(START, refuse("missing_scope"))
    slack.faults.plan(POST, refuse(error))
    front.tell(build_mention(ASKED))
    shown = read_reply(slack, front)
    assert "https://example.org/summit" in shown
    assert "Meridian Wire, 25 Jun 2025" in shown
    assert slack.visible("C1", "100.1")[0].blocks == []


def test_where_slack_refuses_the_end_of_a_stream_its_message_is_edited(
    slack: SlackServer, front: Front
) -> None:
    slack.faults.plan(STOP, refuse("invalid_blocks"))
    slack.faults.plan(UPDATE, refuse("msg_blocks_too_long"))
    front.tell(build_mention(ASKED))
    slack.wait_until(lambda: len(slack.sent(UPDATE)) == 2)
    assert "https://example.org/summit" in read_reply(slack, front)


def test_a_long_answer_without_blocks_is_split_and_no_source_is_lost(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    citations = [make_citation(i, title=f"Title {i} " + "word " * 60) for i in range(1, 61)]
    answer = make_answer("Sentence [1]. " * 400, citations=citations)
    slack.faults.always(START, refuse("missing_scope"))
    slack.faults.plan(POST, refuse("invalid_blocks"))
    with serve(library, ScriptedService(lambda *_: answer), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
    shown = read_thread(slack)
    assert len(shown) > 3
    assert max(map(len, shown)) <= 4_000
    for i in range(1, 61):
        assert sum(f"[{i}] Title {i} " in part for part in shown) == 1
    assert sum(part.count("Sentence [1].") for part in shown) == 400


@pytest.mark.parametrize("takes_effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method", [START, POST, UPDATE, "assistant.threads.setStatus"])
def test_a_connection_that_breaks_in_mid_call_costs_nothing_and_doubles_nothing(
    slack: SlackServer, front: Front, method: str, takes_effect: bool
) -> None:
    if method == POST:
        slack.faults.always(START, refuse("missing_scope"))
    if method == UPDATE:
        slack.faults.plan("assistant.threads.setStatus", refuse("missing_scope"))
    slack.faults.plan(method, reset(takes_effect))
    front.tell(build_mention(ASKED))
    slack.wait_until(lambda: any("Allies meet" in shown for shown in read_thread(slack)))
    read_reply(slack, front)


@pytest.mark.parametrize("fault", [rate_limit(30), reset(), refuse("missing_scope")])
def test_an_answer_waits_for_no_session(slack: SlackServer, front: Front, fault: Fault) -> None:
    slack.faults.always("agents.sessions.setStatus", fault)
    began = slack.workspace.now()
    front.tell(build_mention(ASKED))
    read_reply(slack, front)
    assert slack.workspace.now() - began < 3


def test_a_status_that_breaks_is_sent_again(slack: SlackServer, front: Front) -> None:
    slack.faults.plan("assistant.threads.setStatus", reset(), reset())
    front.tell(build_mention(ASKED))
    read_reply(slack, front)
    assert len(slack.workspace.statuses) == 1
    assert slack.messages == []


def test_where_every_status_breaks_one_is_posted(slack: SlackServer, front: Front) -> None:
    slack.faults.always("assistant.threads.setStatus", reset())
    front.tell(build_mention(ASKED))
    slack.wait_until(lambda: bool(slack.sent(UPDATE)))
    read_reply(slack, front)
    assert [body["text"] for body in slack.messages] == ["Searching the archive…"]


@pytest.mark.parametrize("method", [START, POST, "auth.test"])
def test_a_call_that_slack_never_answers_is_given_up(
    library: Library,
    slack: SlackServer,
    slack_settings: BotSettings,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    monkeypatch.setattr("bot.slack.workspaces._TIMEOUT_S", 0.5)
    if method == POST:
        slack.faults.always(START, refuse("missing_scope"))
    slack.faults.plan(method, drop(takes_effect=True))
    service = ScriptedService(lambda *_: make_answer(TWO_SENTENCES))
    with serve(library, service, slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
    read_reply(slack, front)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failure_of_slack_s_is_tried_again(slack: SlackServer, front: Front, status: int) -> None:
    slack.faults.always(START, refuse("missing_scope"))
    slack.failures.append(web.Response(status=status, text="<html>sorry</html>"))
    front.tell(build_mention(ASKED))
    read_reply(slack, front)


def test_where_slack_shows_no_threads_a_broken_call_is_made_again(
    slack: SlackServer, front: Front
) -> None:
    slack.faults.always(START, refuse("missing_scope"))
    slack.faults.always("conversations.replies", refuse("missing_scope"))
    slack.faults.plan(POST, reset())
    front.tell(build_mention(ASKED))
    read_reply(slack, front)


def test_a_stream_of_another_question_in_the_thread_is_not_taken_for_its_own(
    slack: SlackServer, front: Front
) -> None:
    slack.faults.plan(APPEND, delay(1.0))
    front.tell(build_mention(ASKED))
    slack.wait_until(lambda: bool(slack.sent(APPEND)))
    slack.faults.plan(START, reset())
    front.tell(build_mention("And who lost?", ts="101.1", thread_ts="100.1"), "Ev2")
    front.finish()
    shown = read_thread(slack)
    assert len(shown) == 2
    assert [each.count("They ended on Wednesday") for each in shown] == [1, 1]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("channels_without_bot", "/invite"),
        ("unknown_channels", "/invite"),
        ("archived_channels", "archived"),
    ],
)
def test_where_the_bot_cannot_write_its_asker_is_told_directly(
    slack: SlackServer, front: Front, place: str, words: str
) -> None:
    getattr(slack.workspace, place).add("C1")
    front.tell(build_mention(ASKED))
    slack.wait_until(lambda: bool(slack.visible("U1")))
    (told,) = slack.visible("U1")
    assert "<#C1>" in told.text
    assert words in told.text
    assert read_thread(slack) == []


def test_a_bot_that_is_removed_while_it_answers_tells_its_asker(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held()
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(held.begun.is_set)
        slack.workspace.channels_without_bot.add("C1")
        held.released.set()
    assert "/invite" in slack.visible("U1")[0].text


def test_who_cannot_be_told_either_is_left_and_the_log_says_so(
    slack: SlackServer, front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    slack.workspace.channels_without_bot |= {"C1", "U1"}
    front.tell(build_mention(ASKED))
    slack.wait_until(lambda: "nor could its asker be told" in caplog.text)
    assert len([body for body in slack.messages if body["channel"] == "U1"]) == 1


def test_the_answer_to_a_thread_that_is_deleted_is_dropped(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held()
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(held.begun.is_set)
        slack.workspace.delete_thread("C1", "100.1")
        held.released.set()
    assert [message for message in slack.workspace.messages if message.is_bots] == []
    assert len(slack.messages) <= 1


def test_a_revoked_token_is_told_once_in_the_log_and_makes_the_server_not_ready(
    shelf: Shelf,
    slack: SlackServer,
    slack_settings: BotSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = ScriptedService()
    with serve(shelf.library, service, slack_settings, slack) as front:
        assert front.client.get("/readyz").json()["checks"]["slack"] == "ok"
        front.tell(build_mention(ASKED))
        wait_for_reply(slack)
        slack.workspace.revoked_tokens.add("xoxb-good")
        for i in range(3):
            front.tell(build_mention(ASKED, ts=f"20{i}.1"), f"Ev2{i}")
        slack.wait_until(lambda: len(slack.sent("assistant.threads.setStatus")) == 4)
        response = front.client.get("/readyz")
    assert response.status_code == 503
    assert "SLACK_BOT_TOKEN" in response.json()["checks"]["slack"]
    said = [record for record in caplog.records if "SLACK_BOT_TOKEN" in record.getMessage()]
    assert [record.levelno for record in said] == [logging.ERROR]
    assert "install the app again" in said[0].getMessage()
    assert "xoxb-good" not in caplog.text
    assert slack.messages == []


def test_a_token_that_was_never_good_is_told_once_too(
    library: Library,
    slack: SlackServer,
    slack_settings: BotSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong = slack_settings.model_copy(update={"slack_bot_token": SecretStr("xoxb-wrong")})
    with serve(library, ScriptedService(), wrong, slack) as front:
        for i in range(3):
            front.tell(build_mention(ASKED, ts=f"20{i}.1"), f"Ev2{i}")
    assert caplog.text.count("set SLACK_BOT_TOKEN") == 1
    assert "xoxb-wrong" not in caplog.text


def test_a_command_whose_address_has_expired_is_answered_all_the_same(
    slack: SlackServer, front: Front
) -> None:
    command = build_slash_command(ASKED, slack.response_url())
    slack.workspace.skip(31 * 60)
    front.deliver(command)
    slack.wait_until(lambda: bool(slack.visible("C1", to="U1")))
    assert "They ended on Wednesday" in read_shown(slack.visible("C1", to="U1")[0])
    assert slack.visible("C1") == []


def test_messages_to_others_meanwhile_do_not_mix_with_a_reply(
    slack: SlackServer, front: Front
) -> None:
    slack.faults.plan(START, delay(0.3))
    front.tell(build_mention(ASKED))
    front.tell(build_message("Good morning", ts="150.1"), "Ev2")
    read_reply(slack, front)
