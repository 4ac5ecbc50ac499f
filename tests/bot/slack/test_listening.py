"""What is a question to the bot, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import BotSettings
from bot.slack.listening import is_question, read_question
from retrieval.opening import Library
from tests.bot.factories import Shelf
from tests.bot.slack.bots import (
    ANSWERED,
    ASKED,
    Front,
    ScriptedService,
    read_thread,
    serve,
    wait_for_reply,
)
from tests.factories import make_article
from tests.slack_server import (
    SlackServer,
    build_bot_message,
    build_deletion,
    build_direct_message,
    build_edit,
    build_event,
    build_home_opened,
    build_join,
    build_mention,
    build_message,
    build_slash_command,
    read_shown,
)


def test_a_mention_is_answered_in_its_thread_with_the_sources(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    shelf.put(make_article())
    with serve(shelf.library, shelf.service, slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
    (shown,) = read_thread(slack)
    assert ANSWERED in shown
    assert "Newest source: 25 June 2025" in shown
    assert "Allies meet in The Hague" in shown
    assert "Meridian Wire" in shown
    assert slack.refused == []


def test_a_mention_in_a_thread_is_answered_in_that_thread(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        front.tell(build_mention(ASKED, thread_ts="90.5"))
    assert len(read_thread(slack, "C1", "90.5")) == 1


def test_a_direct_message_is_answered_in_a_thread_of_its_own(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    service = ScriptedService()
    with serve(library, service, slack_settings, slack) as front:
        front.tell(build_direct_message("Who won &amp; who lost?"))
    assert ANSWERED in read_thread(slack, "D1")[0]
    assert service.texts == ["Who won & who lost?"]


def test_a_message_in_the_agent_s_own_thread_is_answered_there(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        front.tell(build_direct_message(ASKED, thread_ts="90.5"))
    assert ANSWERED in read_thread(slack, "D1", "90.5")[0]


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_a_question_with_a_file_or_shown_in_the_channel_too_is_a_question(
    library: Library, slack: SlackServer, slack_settings: BotSettings, subtype: str
) -> None:
    service = ScriptedService()
    with serve(library, service, slack_settings, slack) as front:
        front.tell(build_direct_message(ASKED, subtype=subtype, thread_ts="90.5"))
    assert service.texts == [ASKED]


@pytest.mark.parametrize("first", [0, 1], ids=["mention first", "message first"])
def test_the_two_events_of_a_mention_get_one_reply(
    library: Library, slack: SlackServer, slack_settings: BotSettings, first: int
) -> None:
    mention = build_mention(ASKED)
    events = [mention, build_message(mention["text"])]
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        front.tell(events[first], "Ev1")
        front.tell(events[1 - first], "Ev2")
    assert len(read_thread(slack)) == 1


def test_an_event_that_slack_delivers_again_is_answered_once(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        for retry in range(4):
            front.deliver(build_event(build_mention(ASKED), "Ev1"), retry)
        wait_for_reply(slack)
        front.deliver(build_event(build_mention(ASKED), "Ev1"), 1)
    assert len(read_thread(slack)) == 1


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(build_message(ASKED), id="in a channel"),
        pytest.param(build_message(ASKED, channel_type="mpim"), id="in a group"),
        pytest.param(build_message(ASKED, thread_ts="90.5"), id="in a thread of others"),
        pytest.param(build_bot_message(ASKED, channel="D1", channel_type="im"), id="another bot's"),
        pytest.param(build_mention(ASKED, bot_id="B9", user="UBOT9"), id="a mention by a bot"),
        pytest.param(build_direct_message(ASKED, user="UBOT"), id="its own"),
        pytest.param(build_direct_message(ASKED, user="UBOT", bot_id="B1"), id="its own, marked"),
        pytest.param(build_edit(ASKED), id="an edit"),
        pytest.param(build_deletion(), id="a deletion"),
        pytest.param(build_join(), id="a join"),
        pytest.param(build_direct_message(ASKED, subtype="channel_topic"), id="a topic"),
        pytest.param(build_direct_message(ASKED, hidden=True), id="hidden"),
        pytest.param(build_direct_message(ASKED, user=None), id="nobody's"),
        pytest.param({"type": "reaction_added", "user": "U1"}, id="a reaction"),
        pytest.param(build_home_opened("home"), id="a visit"),
        pytest.param({"type": "invented_tomorrow"}, id="something new"),
    ],
)
def test_what_is_no_question_to_the_bot_is_acknowledged_and_left_alone(
    library: Library, slack: SlackServer, slack_settings: BotSettings, event: dict[str, Any]
) -> None:
    service = ScriptedService()
    with serve(library, service, slack_settings, slack) as front:
        front.tell(event, "Ev1")
        front.tell(build_mention("Who lost?", ts="200.1"), "Ev2")
    assert service.texts == ["Who lost?"]
    assert {message.thread_ts for message in slack.workspace.messages if message.is_bots} == {
        "200.1"
    }


class Thread:
    """A thread in which the bot has answered."""

    def __init__(self, front: Front, slack: SlackServer) -> None:
        self._front, self._slack = front, slack
        front.tell(build_mention(ASKED))
        wait_for_reply(slack)
        self._told = 0

    def say(self, text: str, **more: Any) -> None:
        self._told += 1
        ts = f"10{self._told}.1"
        self._front.tell(build_message(text, ts=ts, thread_ts="100.1", **more), f"Ev{ts}")


def test_untagged_questions_in_a_thread_it_has_joined_are_answered_and_nothing_else(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    shelf.put(make_article())
    with serve(shelf.library, shelf.service, slack_settings, slack) as front:
        thread = Thread(front, slack)
        thread.say("Thanks, that is what I needed.")
        thread.say("<@U2> do you know more?")
        thread.say("<!here> who was it?")
        thread.say("<!subteam^S1> who was it?")
        thread.say("Why?", subtype="message_changed")
        thread.say("What did Mark Rutte chair", user="U2")
        wait_for_reply(slack, count=2)
        thread.say("and where was that?")
        wait_for_reply(slack, count=3)
    assert len(read_thread(slack)) == 3
    assert slack.refused == []


def test_what_is_said_in_a_thread_it_has_not_joined_is_not_answered_although_it_is_in_another(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    shelf.put(make_article())
    with serve(shelf.library, shelf.service, slack_settings, slack) as front:
        Thread(front, slack)
        front.tell(build_message("Who was it?", ts="91.1", thread_ts="90.5"), "Ev7")
        front.tell(build_message("Who was it?", ts="101.1", thread_ts="100.1", channel="C2"), "Ev8")
    assert len([message for message in slack.workspace.messages if message.is_bots]) == 1


def test_a_channel_s_thread_ends_with_thanks_and_a_direct_message_gets_a_word(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    shelf.put(make_article())
    with serve(shelf.library, shelf.service, slack_settings, slack) as front:
        thread = Thread(front, slack)
        for said in ("<@UBOT> Thanks!", "<@UBOT> :+1:", "ok?", "Hi, how are you?"):
            thread.say(said)
        front.tell(build_direct_message("thanks, that helps"), "Ev90")
        wait_for_reply(slack, "D1")
    assert len(read_thread(slack)) == 1
    (word,) = read_thread(slack, "D1")
    assert word == "You’re welcome."
    assert slack.refused == []


def test_a_thread_that_begins_with_a_greeting_is_joined(
    shelf: Shelf, slack: SlackServer, slack_settings: BotSettings
) -> None:
    shelf.put(make_article(title="*Allies* meet"))
    with serve(shelf.library, shelf.service, slack_settings, slack) as front:
        front.tell(build_mention("hello"))
        wait_for_reply(slack)
        front.tell(build_message(ASKED, ts="101.1", thread_ts="100.1"), "Ev2")
        wait_for_reply(slack, count=2)
    introduced, answered = read_thread(slack)
    assert "I hold one article" in introduced
    assert "Ask again" not in introduced
    assert ANSWERED in answered


def test_the_command_is_answered_to_its_user_alone(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    service = ScriptedService()
    with serve(library, service, slack_settings, slack) as front:
        told = front.deliver(build_slash_command(ASKED, slack.response_url("C1", "U1")))
    assert "Searching" in str(told)
    assert slack.visible("C1") == []
    (answer,) = slack.visible("C1", to="U1")
    assert ANSWERED in read_shown(answer)
    assert service.questions[0].owner == "slack:T1:C1:U1"


def test_the_command_without_a_question_says_how_to_ask(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    service = ScriptedService()
    with serve(library, service, slack_settings, slack) as front:
        told = front.deliver(build_slash_command("  ", slack.response_url()))
    assert "/ask" in str(told)
    assert service.questions == []
    assert slack.visible("C1", to="U1") == []


def test_a_command_that_is_delivered_twice_is_answered_once(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    command = build_slash_command(ASKED, slack.response_url())
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        assert front.deliver(command)
        assert front.deliver(command, 1) == ""
    assert len(slack.visible("C1", to="U1")) == 1


def test_the_command_works_in_a_channel_without_the_bot(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    slack.workspace.channels_without_bot.add("C1")
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        front.deliver(build_slash_command(ASKED, slack.response_url()))
    assert ANSWERED in read_shown(slack.visible("C1", to="U1")[0])


@pytest.mark.parametrize(
    "text",
    ["Who won?", "who won", "And what of Norway", "So when is it", "Tell me more", "متى؟", "誰？"],
)
def test_a_question_is_known_by_its_mark_or_its_beginning(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize("text", ["Thanks!", "I know who won", "Whoever it was", "ok", "", "Isar"])
def test_a_remark_is_no_question(text: str) -> None:
    assert not is_question(text)


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("<@UBOT> Who won?", "Who won?"),
        ("<@UBOT|dateline> Who won?", "Who won?"),
        ("Who won, <@UBOT>?", "Who won, ?"),
        ("<@UBOT>", ""),
        ("  \n ", ""),
        ("R&amp;D &lt;2 %&gt;?", "R&D <2 %>?"),
        ("What of &amp;lt;?", "What of &lt;?"),
        ("What says <https://example.org|example.org>?", "What says example.org?"),
        ("What says <https://example.org/a>?", "What says https://example.org/a?"),
        ("What of <#C1|general>?", "What of general?"),
        ("Who\nwon?", "Who won?"),
    ],
)
def test_the_question_is_what_was_typed(typed: str, question: str) -> None:
    assert read_question(typed) == question
