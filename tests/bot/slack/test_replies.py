"""How a question is answered: a status at once, then the answer, whatever becomes of it."""

from __future__ import annotations

import re
import threading
import time

import pytest

from bot.answering.schema import Answer, Question
from bot.settings import BotSettings
from retrieval.errors import DatelineError
from retrieval.opening import Library
from tests.bot.factories import Shelf, make_answer, make_citation
from tests.bot.slack.bots import (
    ANSWERED,
    ASKED,
    TWO_SENTENCES,
    Held,
    ScriptedService,
    failing,
    read_thread,
    serve,
    wait_for_reply,
)
from tests.factories import make_article
from tests.slack_server import (
    SlackServer,
    build_direct_message,
    build_mention,
    build_message,
    build_session_stopped,
    build_slash_command,
    refuse,
)


def test_a_status_is_shown_at_once_and_goes_with_the_answer(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held()
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(held.begun.is_set)
        assert "searching" in slack.workspace.shown_status("C1", "100.1")
        assert slack.workspace.sessions["C1", "100.1"] == "processing"
        assert read_thread(slack) == []
        held.released.set()
        wait_for_reply(slack)
    assert slack.workspace.shown_status("C1", "100.1") == ""
    assert slack.workspace.sessions["C1", "100.1"] == "active"


def test_the_status_follows_the_model(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held(drafting=True)
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(lambda: "writing" in slack.workspace.shown_status("C1", "100.1"))
        held.released.set()
    shown = [status.status for status in slack.workspace.statuses]
    assert shown == ["is searching the archive…", "is writing an answer…"]
    assert len(read_thread(slack)) == 1


def test_a_status_is_shown_again_before_slack_takes_it_away(
    library: Library,
    slack: SlackServer,
    slack_settings: BotSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.slack.asking._SILENCE_S", 0.1)
    held = Held()
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(lambda: len(slack.workspace.statuses) >= 3)
        held.released.set()
        wait_for_reply(slack)
    assert slack.workspace.shown_status("C1", "100.1") == ""


def test_where_slack_takes_no_status_a_message_is_posted_and_edited_into_the_answer(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    slack.faults.always("assistant.threads.setStatus", refuse("missing_scope"))
    held = Held(drafting=True)
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(lambda: len(read_thread(slack)) == 1)
        assert read_thread(slack) == ["Searching the archive…"]
        held.released.set()
    (message,) = slack.visible("C1", "100.1")
    assert message.edits == 1
    assert ANSWERED in read_thread(slack)[0]
    assert slack.sent("chat.startStream") == []


def test_the_answer_is_streamed_sentence_by_sentence_and_ends_with_its_sources(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    service = ScriptedService(lambda *_: make_answer(TWO_SENTENCES))
    with serve(library, service, slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
    (message,) = slack.visible("C1", "100.1")
    assert "They ended on Wednesday" in message.markdown
    assert not message.streaming
    assert "Allies meet in The Hague" in read_thread(slack)[0]
    (started,) = slack.sent("chat.startStream")
    assert (started["recipient_team_id"], started["recipient_user_id"]) == ("T1", "U1")
    assert "Wednesday" not in started["markdown_text"]
    assert slack.sent("chat.appendStream")
    assert slack.messages == []
    assert slack.refused == []


def test_no_word_of_a_draft_is_shown_before_it_is_verified(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    def draft(_question: Question, on_delta: object) -> Answer:
        assert callable(on_delta)
        on_delta("An unverified claim.")
        return make_answer()

    with serve(library, ScriptedService(draft), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
    assert "unverified" not in str(slack.calls)
    assert ANSWERED in read_thread(slack)[0]


@pytest.mark.parametrize(
    "error",
    ["missing_scope", "method_not_supported_for_channel_type", "team_not_found", "ratelimited"],
)
def test_where_slack_does_not_stream_the_answer_is_posted(
    library: Library, slack: SlackServer, slack_settings: BotSettings, error: str
) -> None:
    slack.faults.always("chat.startStream", refuse(error))
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
    (message,) = slack.messages
    assert message["thread_ts"] == "100.1"
    assert message["unfurl_links"] is False
    assert message["unfurl_media"] is False
    assert ANSWERED in read_thread(slack)[0]
    assert len(read_thread(slack)) == 1


def test_a_mention_without_a_question_is_told_to_ask_one(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    service = ScriptedService()
    with serve(library, service, slack_settings, slack) as front:
        front.tell(build_mention(""))
    assert "Ask me a question" in read_thread(slack)[0]
    assert service.questions == []


def test_a_question_of_unseen_characters_alone_is_told_so(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        front.tell(build_direct_message("\u200b"))
    assert "empty" in read_thread(slack, "D1")[0] or "Ask me" in read_thread(slack, "D1")[0]


def test_a_question_that_is_too_long_is_told_how_long_it_may_be(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    service = ScriptedService()
    with serve(library, service, slack_settings, slack) as front:
        front.tell(build_mention("why " * 600))
    assert "2,000 characters" in read_thread(slack)[0]
    assert service.questions == []


def test_a_failure_that_people_can_act_on_is_told_with_an_id(
    library: Library,
    slack: SlackServer,
    slack_settings: BotSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = failing(DatelineError("the index is missing: run <it> & wait"))
    with serve(library, service, slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
    (shown,) = read_thread(slack)
    found = re.fullmatch(
        r"I could not answer: the index is missing: run <it> & wait \(error (\w{8})\)\.", shown
    )
    assert found is not None
    assert found[1] in caplog.text
    assert slack.workspace.sessions["C1", "100.1"] == "active"


def test_an_unforeseen_failure_is_told_by_a_number_that_the_log_has_too(
    library: Library,
    slack: SlackServer,
    slack_settings: BotSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serve(library, failing(RuntimeError("hunter2")), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
    (shown,) = read_thread(slack)
    assert "hunter2" not in str(slack.calls)
    number = re.search(r"error (\w{8})", shown)
    assert number is not None
    assert number[1] in caplog.text


def test_an_article_with_a_broken_address_does_not_cost_the_reader_the_answer(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    answer = make_answer(citations=[make_citation(url="https://[broken")])
    with serve(library, ScriptedService(lambda *_: answer), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
    assert ANSWERED in read_thread(slack)[0]


def test_slack_s_stop_button_stops_the_model_and_ends_the_reply(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held(drafting=True)
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_direct_message(ASKED))
        slack.wait_until(held.begun.is_set)
        front.tell(build_session_stopped(), "Ev2")
        slack.wait_until(held.left.is_set)
        slack.wait_until(lambda: slack.workspace.sessions["D1", "100.1"] == "active")
    assert read_thread(slack, "D1") == ["Stopped."]


def test_an_answer_without_a_model_is_stopped_without_waiting_for_it(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held()
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_direct_message(ASKED))
        slack.wait_until(held.begun.is_set)
        front.tell(build_session_stopped(), "Ev2")
        slack.wait_until(lambda: read_thread(slack, "D1") == ["Stopped."])
        held.released.set()
    assert read_thread(slack, "D1") == ["Stopped."]


def test_a_stream_that_is_stopped_keeps_what_was_shown_and_says_so(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    """Slack closes the stream itself; the event may come after that is noticed."""
    slack.faults.always("chat.appendStream", refuse("message_not_in_streaming_state"))
    service = ScriptedService(lambda *_: make_answer(TWO_SENTENCES))
    with serve(library, service, slack_settings, slack) as front:
        front.tell(build_direct_message(ASKED))
        slack.wait_until(lambda: bool(slack.sent("chat.appendStream")))
        slack.workspace.close_streams()
        front.tell(build_session_stopped([slack.visible("D1", "100.1")[0].ts]), "Ev2")
        slack.wait_until(lambda: "Stopped." in read_thread(slack, "D1")[0])
    (shown,) = read_thread(slack, "D1")
    assert shown.startswith("Mark Rutte chaired")
    assert shown.endswith("Stopped.")
    assert "Wednesday" not in shown


def test_a_stop_in_another_thread_stops_nothing(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held(drafting=True)
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_direct_message(ASKED))
        slack.wait_until(held.begun.is_set)
        front.tell(build_session_stopped(thread_ts="99.9"), "Ev2")
        held.released.set()
    assert ANSWERED in read_thread(slack, "D1")[0]


def test_slack_hears_at_once_and_a_server_that_stops_finishes_its_answers(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held()
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        started = time.monotonic()
        front.tell(build_mention(ASKED))
        assert time.monotonic() - started < 2.5
        assert read_thread(slack) == []
        threading.Timer(0.3, held.released.set).start()
    assert ANSWERED in read_thread(slack)[0]


def test_who_asks_too_much_is_told_when_to_ask_again_and_nobody_else_is(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    settings = slack_settings.model_copy(update={"slack_rate_limit": 2})
    service = ScriptedService()
    with serve(library, service, settings, slack) as front:
        for i in range(4):
            front.tell(build_mention(ASKED, ts=f"10{i}.1"), f"Ev{i}")
        front.tell(build_mention(ASKED, ts="200.1", user="U2"), "Ev9")
        told = front.deliver(build_slash_command(ASKED, slack.response_url()))
    assert len(service.questions) == 3
    assert told == ""
    refusals = slack.sent("chat.postEphemeral")
    assert [refusal["user"] for refusal in refusals] == ["U1", "U1"]
    found = re.search(r"Try again in (\d+) second", refusals[0]["text"])
    assert found is not None
    assert 1 <= int(found[1]) <= 60
    assert len(slack.visible("C1", to="U1")) == 3


def test_fifty_questions_at_once_get_their_status_within_a_second_while_answers_are_slow(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    settings = slack_settings.model_copy(update={"slack_rate_limit": 0, "answers_at_once": 4})
    held = Held()
    sent: dict[str, float] = {}
    with serve(library, ScriptedService(held), settings, slack) as front:
        for i in range(50):
            sent[f"{i + 1}.5"] = slack.workspace.now()
            front.tell(build_mention(ASKED, ts=f"{i + 1}.5"), f"Ev{i}")
        slack.wait_until(lambda: len(slack.workspace.statuses) == 50)
        held.released.set()
    waits = sorted(status.at - sent[status.thread_ts] for status in slack.workspace.statuses[:50])
    assert waits[47] < 1.0, waits
    assert all(len(read_thread(slack, "C1", thread_ts)) == 1 for thread_ts in sent)


def test_a_follow_up_is_understood_by_its_thread_and_the_owner_is_the_channel(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    shelf.put(make_article())
    with serve(shelf.library, shelf.service, slack_settings, slack) as front:
        front.tell(build_mention("Who chaired the talks in The Hague?"))
        wait_for_reply(slack)
        front.tell(build_message("and when?", ts="101.1", thread_ts="100.1", user="U2"), "Ev2")
        wait_for_reply(slack, count=2)
    assert "Understood as: " in read_thread(slack)[1]
