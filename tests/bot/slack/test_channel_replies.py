"""Channels that are answered in their own way, on what Slack received."""

from __future__ import annotations

import pytest

from bot.settings import BotSettings, SlackChannel
from bot.slack.channels import NOT_ALLOWED
from retrieval.opening import Library
from tests.bot.factories import Shelf
from tests.bot.slack.bots import (
    ANSWERED,
    ASKED,
    Held,
    ScriptedService,
    failing,
    read_thread,
    serve,
)
from tests.factories import make_article
from tests.slack_server import (
    SlackServer,
    build_direct_message,
    build_mention,
    build_message,
    build_session_stopped,
    build_slash_command,
    read_shown,
    refuse,
)


def settings_with(settings: BotSettings, **changes: object) -> BotSettings:
    return settings.model_copy(update=changes)


@pytest.fixture
def private(slack_settings: BotSettings) -> BotSettings:
    return settings_with(slack_settings, slack_private=True)


def test_a_private_reply_is_seen_by_its_asker_alone(
    library: Library, slack: SlackServer, private: BotSettings
) -> None:
    service = ScriptedService()
    with serve(library, service, private, slack) as front:
        front.tell(build_mention(ASKED))
    assert slack.visible("C1") == slack.visible("C1", "100.1") == []
    (answer,) = slack.visible("C1", to="U1")
    assert ANSWERED in read_shown(answer)
    assert slack.visible("C1", to="U2") == []
    assert service.questions[0].owner == "slack:T1:C1:U1"
    assert slack.messages == slack.sent("chat.startStream") == []
    assert slack.workspace.shown_status("C1", "100.1") == ""


def test_a_private_reply_to_a_question_in_a_thread_is_in_that_thread(
    library: Library, slack: SlackServer, private: BotSettings
) -> None:
    with serve(library, ScriptedService(), private, slack) as front:
        front.tell(build_mention(ASKED, thread_ts="90.5"))
    assert len(slack.visible("C1", "90.5", to="U1")) == 1


def test_a_direct_message_is_answered_as_ever_where_replies_are_private(
    library: Library, slack: SlackServer, private: BotSettings
) -> None:
    with serve(library, ScriptedService(), private, slack) as front:
        front.tell(build_direct_message(ASKED))
    assert ANSWERED in read_thread(slack, "D1")[0]


def test_what_went_wrong_with_a_private_reply_is_told_privately(
    library: Library, slack: SlackServer, private: BotSettings
) -> None:
    with serve(library, failing(RuntimeError()), private, slack) as front:
        front.tell(build_mention(ASKED))
    assert "(error " in read_shown(slack.visible("C1", to="U1")[0])
    assert read_thread(slack) == []


def test_a_private_reply_that_is_stopped_says_so_privately(
    library: Library, slack: SlackServer, private: BotSettings
) -> None:
    held = Held(drafting=True)
    with serve(library, ScriptedService(held), private, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(held.begun.is_set)
        front.tell(build_session_stopped(channel="C1"), "Ev2")
        slack.wait_until(lambda: bool(slack.visible("C1", to="U1")))
    assert read_shown(slack.visible("C1", to="U1")[0]) == "Stopped."


def test_who_was_answered_privately_is_answered_again_in_the_thread_and_nobody_else_is(
    shelf: Shelf, slack: SlackServer, private: BotSettings
) -> None:
    shelf.put(make_article())
    with serve(shelf.library, shelf.service, private, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(lambda: bool(slack.visible("C1", to="U1")))
        front.tell(build_message("Who else?", ts="101.1", thread_ts="100.1", user="U2"), "Ev2")
        front.tell(build_message("and when?", ts="102.1", thread_ts="100.1"), "Ev3")
    assert len(slack.visible("C1", "100.1", to="U1")) == 1
    assert slack.visible("C1", "100.1", to="U2") == []


def test_where_slack_refuses_the_blocks_of_a_private_reply_it_is_sent_as_text(
    library: Library, slack: SlackServer, private: BotSettings
) -> None:
    slack.faults.plan("chat.postEphemeral", refuse("invalid_blocks"))
    with serve(library, ScriptedService(), private, slack) as front:
        front.tell(build_mention(ASKED))
    (answer,) = slack.visible("C1", to="U1")
    assert "https://example.org/summit" in read_shown(answer)


@pytest.mark.parametrize(
    "changes", [{"slack_channels_denied": ("C1",)}, {"slack_channels_allowed": ("C2",)}]
)
def test_a_channel_that_is_not_allowed_is_refused_to_the_asker_alone(
    library: Library,
    slack: SlackServer,
    slack_settings: BotSettings,
    changes: dict[str, tuple[str, ...]],
) -> None:
    service = ScriptedService()
    with serve(library, service, settings_with(slack_settings, **changes), slack) as front:
        front.tell(build_mention(ASKED))
        told = front.deliver(build_slash_command(ASKED, slack.response_url()))
        front.tell(build_mention(ASKED, channel="C2", ts="200.1"), "Ev2")
    assert [read_shown(one) for one in slack.visible("C1", to="U1")] == [NOT_ALLOWED]
    assert told == NOT_ALLOWED
    assert read_thread(slack) == []
    assert len(read_thread(slack, "C2", "200.1")) == 1
    assert len(service.questions) == 1


def test_a_channel_s_own_sources_and_language_are_its_own(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    shelf.put(make_article())
    channels = {
        "C1": SlackChannel(sources=("Another Paper",)),
        "C2": SlackChannel(dates="de"),
    }
    settings = settings_with(slack_settings, slack_channels=channels)
    with serve(shelf.library, shelf.service, settings, slack) as front:
        front.tell(build_mention(ASKED))
        front.tell(build_mention(ASKED, channel="C2", ts="200.1"), "Ev2")
    assert "No article was published" in read_thread(slack)[0]
    assert "25. Juni 2025" in read_thread(slack, "C2", "200.1")[0]
