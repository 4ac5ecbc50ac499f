"""What people press, against Slack's stand-in: the real bot, archive and indexes."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.feedback import Feedback, FeedbackLog
from bot.settings import BotSettings
from bot.slack.modals import today
from tests.bot.factories import Shelf, day
from tests.bot.slack.bots import ASKED, Front, serve, wait_for_reply
from tests.factories import make_article
from tests.slack_server import (
    Message,
    SlackServer,
    build_block_actions,
    build_event,
    build_mention,
    build_message,
    build_message_shortcut,
    build_slash_command,
    build_view_submission,
    delay,
    find_mentions,
    rate_limit,
    read_shown,
    refuse,
    reset,
)

QUOTE = "Mark Rutte chaired the talks."
STALE = "This answer is no longer available"


class Desk:
    """A person at Slack, who asks, presses and fills in."""

    def __init__(self, front: Front, slack: SlackServer, shelf: Shelf) -> None:
        self.front = front
        self.slack = slack
        self.shelf = shelf

    def ask(self, text: str = ASKED) -> Message:
        """The answer in the thread of a mention."""
        self.front.tell(build_mention(text))
        return wait_for_reply(self.slack)[0]

    def ask_privately(self, text: str = ASKED) -> Message:
        """The answer to `/ask`, which one user alone sees."""
        self.front.deliver(build_slash_command(text, self.slack.response_url()))
        self.slack.wait_until(lambda: any("Quotes" in text for text in self.whispers()))
        return self.slack.visible("C1", to="U1")[-1]

    def press(self, label: str, message: Message, **more: Any) -> None:
        self.front.deliver(self.build_press(label, message, **more))

    def build_press(self, label: str, message: Message, **more: Any) -> dict[str, Any]:
        action = _find_button(message.blocks, label)
        url = self.slack.response_url(message.channel, "U1", message_ts=message.ts)
        return build_block_actions(action, message, url, **more)

    def opened(self, title: str) -> dict[str, Any]:
        """The window of this title, once it is open."""

        def find() -> list[dict[str, Any]]:
            views = [call["view"] for call in self.slack.sent("views.open")]
            return [view for view in views if view["title"]["text"] == title]

        self.slack.wait_until(lambda: bool(find()))
        return find()[-1]

    def fill(self, view: dict[str, Any], block_id: str, **values: Any) -> Any:
        """What Slack is answered: errors to show in the window, or nothing."""
        action_id = "date" if "selected_date" in values else "text"
        state = {block_id: {action_id: values}}
        return self.front.deliver(build_view_submission(view, state))

    def whispers(self, user: str = "U1", channel: str = "C1") -> list[str]:
        """What this user alone is shown, in whatever thread."""
        return [
            read_shown(message)
            for message in list(self.slack.workspace.messages)
            if message.ephemeral_to == user and message.channel == channel
        ]

    def wait_for_whisper(self, words: str, user: str = "U1") -> str:
        self.slack.wait_until(lambda: any(words in text for text in self.whispers(user)))
        return next(text for text in self.whispers(user) if words in text)

    def feedback(self) -> tuple[Feedback, ...]:
        return FeedbackLog(self.shelf.library.database).read()


def _find_button(blocks: Any, label: str) -> dict[str, Any]:
    for block in blocks:
        for element in block.get("elements", ()):
            for part in (element, element.get("positive_button"), element.get("negative_button")):
                if part and part.get("text", {}) and _label(part) == label:
                    action = {"type": element["type"], "action_id": element["action_id"]}
                    return action | {"value": part["value"]}
    raise AssertionError(f"nothing here says {label}")


def _label(part: dict[str, Any]) -> str:
    text = part.get("text")
    return str(text.get("text")) if isinstance(text, dict) else ""


@pytest.fixture
def desk(shelf: Shelf, slack: SlackServer, slack_settings: BotSettings) -> Iterator[Desk]:
    shelf.put(make_article())
    with serve(shelf.library, shelf.service, slack_settings, slack) as front:
        yield Desk(front, slack, shelf)
    unexpected = [call for call in slack.refused if call.fault is None]
    assert [(call.method, call.reply) for call in unexpected] == []


def test_a_good_answer_is_noted_and_only_who_pressed_is_thanked(desk: Desk) -> None:
    desk.press("Good answer", desk.ask())
    told = desk.wait_for_whisper("marked as good")
    assert told == "Thank you. This answer is marked as good."
    (given,) = desk.feedback()
    assert (given.verdict, given.comment, given.question) == ("up", None, ASKED)
    assert len(desk.slack.visible("C1", "100.1")) == 1


def test_a_bad_answer_is_noted_at_once_and_a_word_on_why_is_asked_for(desk: Desk) -> None:
    desk.press("Bad answer", desk.ask())
    view = desk.opened("Bad answer")
    assert [(given.verdict, given.comment) for given in desk.feedback()] == [("down", None)]
    desk.fill(view, "comment", value=" It was in June. ")
    desk.wait_for_whisper("marked as bad")
    assert [(each.verdict, each.comment) for each in desk.feedback()] == [
        ("down", "It was in June.")
    ]


def test_the_word_on_why_may_be_left_out(desk: Desk) -> None:
    desk.press("Bad answer", desk.ask())
    desk.fill(desk.opened("Bad answer"), "comment", value=None)
    desk.wait_for_whisper("marked as bad")
    assert [(given.verdict, given.comment) for given in desk.feedback()] == [("down", None)]


@pytest.mark.parametrize("label", ["Good answer", "Bad answer", "Quotes", "Ask again as of…"])
@pytest.mark.parametrize("who", ["somebody else", "from another channel"])
def test_who_cannot_see_an_answer_can_do_nothing_with_it(desk: Desk, label: str, who: str) -> None:
    private = desk.ask_privately()
    if who == "somebody else":
        desk.press(label, private, user={"id": "U2", "team_id": "T1"})
        desk.wait_for_whisper(STALE, "U2")
    else:
        desk.press(label, replace(private, channel="C2"))
        desk.slack.wait_until(lambda: bool(desk.whispers(channel="C2")))
        assert STALE in desk.whispers(channel="C2")[0]
    assert desk.feedback() == ()
    assert desk.slack.sent("views.open") == []


def test_the_quotes_are_shown_on_demand(desk: Desk) -> None:
    answer = desk.ask()
    assert read_shown(answer).count(QUOTE) == 0
    desk.press("Quotes", answer)
    shown = _read_view(desk.opened("Quotes"))
    assert shown == [
        "*Allies meet in The Hague*",
        "Meridian Wire, 25 Jun 2025 (by its markup)",
        "[1] ",
        QUOTE,
    ]


def _read_view(view: dict[str, Any]) -> list[str]:
    return read_shown(Message("C1", "1.1", "UBOT", 0.0, blocks=view["blocks"])).split("\n")


def test_the_quotes_of_an_article_that_was_changed_say_so(desk: Desk) -> None:
    answer = desk.ask()
    desk.shelf.put(make_article(title="Allies met", text="Somebody else chaired the talks."))
    desk.press("Quotes", answer)
    shown = _read_view(desk.opened("Quotes"))
    assert shown[0] == "*Allies met*"
    assert "The article has changed since: it no longer has these words." in shown


def test_the_quotes_of_an_article_that_was_removed_are_gone(desk: Desk) -> None:
    answer = desk.ask()
    desk.shelf.library.archive.remove(make_article().article_id)
    desk.press("Quotes", answer)
    told = desk.wait_for_whisper(STALE)
    assert "an article that it quotes was removed" in told
    assert QUOTE not in json.dumps(desk.slack.sent("views.open"))


def test_a_question_is_asked_again_as_of_a_day_in_the_same_thread(desk: Desk) -> None:
    asked = desk.ask()
    desk.shelf.put(
        make_article(
            title="Talks in Vilnius",
            text="Jens Stoltenberg chaired the talks.",
            url="https://example.org/vilnius",
            published_at=day("2023-07-12"),
        )
    )
    desk.press("Ask again as of…", asked)
    view = desk.opened("Ask again as of…")
    assert view["blocks"][0]["text"]["text"] == f"*{ASKED}*"
    assert view["blocks"][1]["element"]["initial_date"] == "2025-06-25"
    assert desk.fill(view, "as_of", selected_date="2024-01-01") == ""
    _, again = wait_for_reply(desk.slack, count=2)
    shown = read_shown(again)
    assert shown.startswith("Jens Stoltenberg chaired the talks [1].")
    assert "As of 1 Jan 2024" in shown
    desk.press("Ask again as of…", again)
    desk.slack.wait_until(lambda: len(desk.slack.sent("views.open")) == 2)
    view = desk.slack.sent("views.open")[-1]["view"]
    assert view["blocks"][1]["element"]["initial_date"] == "2024-01-01"


def test_a_window_that_slack_submits_twice_asks_once(desk: Desk) -> None:
    desk.press("Ask again as of…", desk.ask())
    view = desk.opened("Ask again as of…")
    for _ in range(3):
        desk.fill(view, "as_of", selected_date="2025-12-31")
    wait_for_reply(desk.slack, count=2)
    desk.front.tell(build_mention("Who chaired?", ts="300.1"), "Ev2")
    wait_for_reply(desk.slack, thread_ts="300.1")
    assert len(desk.slack.visible("C1", "100.1")) == 2


def test_a_private_answer_is_asked_again_privately(desk: Desk) -> None:
    desk.press("Ask again as of…", desk.ask_privately())
    desk.fill(desk.opened("Ask again as of…"), "as_of", selected_date="2025-12-31")
    desk.wait_for_whisper("As of 31 Dec 2025")
    assert desk.slack.visible("C1") == []


def test_a_day_to_come_is_refused_in_the_window(desk: Desk) -> None:
    desk.press("Ask again as of…", desk.ask())
    view = desk.opened("Ask again as of…")
    tomorrow = (today() + timedelta(days=1)).isoformat()
    assert desk.fill(view, "as_of", selected_date=tomorrow) == {
        "response_action": "errors",
        "errors": {"as_of": "This day is in the future: choose today or an earlier day."},
    }
    assert "Choose a date." in str(desk.fill(view, "as_of", selected_date=None))
    assert len(desk.slack.visible("C1", "100.1")) == 1


def test_an_answer_that_went_stale_in_an_open_window_is_said_to_be_there(desk: Desk) -> None:
    desk.press("Ask again as of…", desk.ask())
    view = desk.opened("Ask again as of…")
    desk.shelf.library.archive.remove(make_article().article_id)
    refused = desk.fill(view, "as_of", selected_date="2025-12-31")
    assert refused["errors"]["as_of"].startswith(STALE)


def test_a_private_answer_is_shared_as_it_was_and_is_everybody_s_then(desk: Desk) -> None:
    private = desk.ask_privately()
    desk.press("Share with channel", private)
    desk.slack.wait_until(lambda: bool(desk.slack.visible("C1")))
    desk.slack.wait_until(lambda: desk.whispers() == [])
    (shared,) = desk.slack.visible("C1")
    shown = read_shown(shared)
    assert shown.startswith(f"@U1 asked: {ASKED}\n{QUOTE[:-1]} [1].")
    assert find_mentions(shared) == ("<@U1>",)
    assert "Share with channel" not in shown
    assert read_shown(private).split("\n")[1:-5] == shown.split("\n")[2:-4]
    arguments = desk.slack.sent("chat.postMessage")[-1]
    assert (arguments["unfurl_links"], arguments["unfurl_media"]) == (False, False)
    desk.press("Good answer", shared, user={"id": "U2", "team_id": "T1"})
    desk.wait_for_whisper("marked as good", "U2")


def test_a_shared_answer_is_the_first_of_its_thread_s_conversation(desk: Desk) -> None:
    desk.press("Share with channel", desk.ask_privately())
    desk.slack.wait_until(lambda: bool(desk.slack.visible("C1")) and not desk.whispers())
    (shared,) = desk.slack.visible("C1")
    reply = build_message("Where did he chair them?", thread_ts=shared.ts, ts="400.1")
    desk.front.tell(reply, "Ev9")
    (answer,) = wait_for_reply(desk.slack, thread_ts=shared.ts)
    assert "Understood as:" in read_shown(answer)


def test_a_second_press_shares_nothing(desk: Desk) -> None:
    private = desk.ask_privately()
    presses = [desk.build_press("Share with channel", private) for _ in range(3)]
    for press in presses:
        desk.front.deliver(press)
    desk.wait_for_whisper("already been shared")
    desk.slack.wait_until(lambda: len(desk.whispers()) >= 2)
    assert len(desk.slack.visible("C1")) == 1
    assert len(desk.slack.sent("chat.postMessage")) == 1


def test_sharing_where_the_app_is_not_says_what_to_do_and_can_be_done_again(desk: Desk) -> None:
    private = desk.ask_privately()
    desk.slack.workspace.channels_without_bot.add("C1")
    desk.press("Share with channel", private)
    told = desk.wait_for_whisper("I am not in this channel")
    assert told == "I am not in this channel: invite me to it, then press again."
    desk.slack.workspace.channels_without_bot.clear()
    desk.press("Share with channel", private)
    desk.slack.wait_until(lambda: len(desk.slack.visible("C1")) == 1)
    _forgive(desk.slack, "not_in_channel")


def _forgive(slack: SlackServer, error: str) -> None:
    """Refusals that the test itself brought about."""
    for call in [call for call in slack.log if call.refused and error in str(call.reply)]:
        slack.log.remove(call)


@pytest.mark.parametrize("takes_effect", [True, False])
def test_sharing_that_breaks_in_the_middle_is_not_tried_again(
    desk: Desk, takes_effect: bool
) -> None:
    private = desk.ask_privately()
    desk.slack.faults.plan("chat.postMessage", reset(takes_effect=takes_effect))
    desk.press("Share with channel", private)
    desk.wait_for_whisper("Slack did not confirm the message")
    desk.press("Share with channel", private)
    desk.wait_for_whisper("already been shared")
    assert len(desk.slack.visible("C1")) == takes_effect


def test_sharing_waits_where_slack_says_so(desk: Desk) -> None:
    private = desk.ask_privately()
    desk.slack.faults.plan("chat.postMessage", rate_limit(1))
    desk.press("Share with channel", private)
    desk.slack.wait_until(lambda: len(desk.slack.visible("C1")) == 1)


def test_an_answer_whose_article_was_removed_is_not_shared(desk: Desk) -> None:
    private = desk.ask_privately()
    desk.shelf.library.archive.remove(make_article().article_id)
    desk.press("Share with channel", private)
    desk.wait_for_whisper(STALE)
    assert desk.slack.sent("chat.postMessage") == []


def test_an_answer_whose_article_was_changed_is_shared_with_a_note(desk: Desk) -> None:
    private = desk.ask_privately()
    desk.shelf.put(make_article(title="Allies met", text="Somebody else chaired the talks."))
    desk.press("Share with channel", private)
    desk.slack.wait_until(lambda: bool(desk.slack.visible("C1")))
    assert "An article has changed since this answer" in read_shown(desk.slack.visible("C1")[0])


def test_the_shortcut_asks_about_a_message_in_its_thread(desk: Desk) -> None:
    said = build_message("Who chaired the talks &amp; where? <@U7>", ts="500.1")
    url = desk.slack.response_url()
    desk.slack.note(build_event(said))
    desk.front.deliver(build_message_shortcut("ask_about_message", said, url))
    view = desk.opened("Ask Dateline")
    assert view["blocks"][0]["element"]["initial_value"] == "Who chaired the talks & where?"
    assert desk.fill(view, "question", value=ASKED) == ""
    (answer,) = wait_for_reply(desk.slack, thread_ts="500.1")
    assert read_shown(answer).startswith("Mark Rutte chaired the talks [1].")


def test_the_shortcut_asks_in_the_thread_that_the_message_is_of(desk: Desk) -> None:
    said = build_message("They met.", ts="500.2", thread_ts="500.1")
    desk.slack.note(build_event(build_message("Well?", ts="500.1")))
    desk.front.deliver(build_message_shortcut("ask_about_message", said, desk.slack.response_url()))
    desk.fill(desk.opened("Ask Dateline"), "question", value=ASKED)
    wait_for_reply(desk.slack, thread_ts="500.1")


@pytest.mark.parametrize("text", ["", "x" * 5_000])
def test_the_shortcut_takes_messages_of_any_length_and_wants_a_question(
    desk: Desk, text: str
) -> None:
    said = build_message(text, ts="500.1")
    desk.front.deliver(build_message_shortcut("ask_about_message", said, desk.slack.response_url()))
    view = desk.opened("Ask Dateline")
    assert view["blocks"][0]["element"].get("initial_value", "") == text[:2_000]
    refused = desk.fill(view, "question", value=" ")
    assert refused["errors"] == {"question": "Type a question."}


def test_a_press_is_acknowledged_before_anything_is_done(desk: Desk) -> None:
    answer = desk.ask()
    desk.slack.faults.plan("views.open", delay(1.0))
    desk.press("Quotes", answer)
    assert desk.slack.workspace.views == {}
    desk.slack.wait_until(lambda: len(desk.slack.workspace.views) == 1)


def test_a_window_that_slack_does_not_open_is_told_of(desk: Desk) -> None:
    answer = desk.ask()
    desk.slack.faults.plan("views.open", refuse("expired_trigger_id"))
    desk.press("Quotes", answer)
    desk.wait_for_whisper("Slack rejected this (expired_trigger_id). Press the button again.")


def test_what_nobody_foresaw_is_told_by_a_number_that_the_log_has_too(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    press = desk.build_press("Quotes", desk.ask())
    del press["actions"][0]["value"]
    with caplog.at_level(logging.ERROR):
        desk.front.deliver(press)
        told = desk.wait_for_whisper("Something went wrong")
    number = re.search(r"error (\w{8})", told)
    assert number is not None
    assert number[1] in caplog.text
