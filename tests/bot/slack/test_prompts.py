"""Suggested prompts: from the newest stories' headlines, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.serving import build_app
from bot.settings import BotSettings, SlackChannel
from bot.slack.prompts import Prompt, build_prompts
from retrieval.opening import Library
from retrieval.schema import Article
from tests.bot.factories import Shelf, day
from tests.bot.slack.bots import ScriptedService
from tests.factories import make_article, put_article
from tests.slack_server import (
    SlackServer,
    build_event,
    build_home_opened,
    build_request,
    build_thread_started,
    refuse,
)

LONG = "A ship of grain leaves the harbour " * 12


@pytest.fixture
def client(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> Iterator[TestClient]:
    with connect(library, slack_settings) as opened:
        yield opened
    assert slack.refused == []


def connect(library: Library, settings: BotSettings) -> TestClient:
    return TestClient(build_app(library, ScriptedService(), settings))


def deliver(client: TestClient, event: dict[str, Any], event_id: str = "Ev1") -> None:
    body, headers = build_request(build_event(event, event_id))
    assert client.post("/slack/events", content=body, headers=headers).status_code == 200


def put(library: Library, *articles: Article) -> None:
    for article in articles:
        put_article(library.archive, article)


def story(
    number: int,
    title: str | None = None,
    source: str = "Meridian Wire",
    published_at: datetime | None = datetime(2026, 1, 1, tzinfo=UTC),
) -> Article:
    """An article about something else than every other, a day later than the one before."""
    words = " ".join(f"word{number}x{i}" for i in range(60))
    return make_article(
        title=title or f"Headline {number}",
        text=f"{words}.",
        url=f"https://example.org/{number}",
        source=source,
        published_at=published_at and published_at + timedelta(days=number),
    )


def test_who_opens_the_agent_s_tab_is_offered_the_four_newest_stories(
    client: TestClient, library: Library, slack: SlackServer
) -> None:
    put(library, *(story(number) for number in (3, 1, 5, 2, 4)))
    deliver(client, build_home_opened(tab="messages"))
    slack.wait_until(lambda: bool(slack.workspace.prompts))
    shown = slack.workspace.prompts["D1", None]
    assert shown["title"] == "From the newest stories"
    assert shown["prompts"] == [
        {
            "title": f"Headline {number}",
            "message": f"What is known about “Headline {number}”?",
        }
        for number in (5, 4, 3, 2)
    ]


def test_a_thread_with_an_assistant_is_given_them_too(
    client: TestClient, library: Library, slack: SlackServer
) -> None:
    put(library, story(1))
    deliver(client, build_thread_started())
    slack.wait_until(lambda: bool(slack.workspace.prompts))
    assert ("D1", "100.1") in slack.workspace.prompts


def test_the_home_tab_gets_none(client: TestClient, library: Library, slack: SlackServer) -> None:
    put(library, story(1))
    deliver(client, build_home_opened(tab="home"), "Ev1")
    deliver(client, build_home_opened(tab="messages", channel="D2"), "Ev2")
    slack.wait_until(lambda: bool(slack.workspace.prompts))
    assert list(slack.workspace.prompts) == [("D2", None)]


def test_an_empty_archive_is_met_with_what_to_do(client: TestClient, slack: SlackServer) -> None:
    deliver(client, build_home_opened(tab="messages"))
    slack.wait_until(lambda: bool(slack.workspace.messages))
    (message,) = slack.workspace.messages
    assert message.ephemeral_to == "U1"
    assert "dateline ingest" in message.text
    assert slack.workspace.prompts == {}


def test_a_story_that_several_carry_is_offered_once(library: Library) -> None:
    text = make_article().text
    put(
        library,
        make_article(),
        make_article(
            title="The Hague: allies meet",
            text=text,
            url="https://example.net/summit",
            source="Harbour Post",
            published_at=day("2025-06-26"),
        ),
        story(1, published_at=day("2025-01-01")),
    )
    titles = [prompt.title for prompt in build_prompts(library.archive)]
    assert titles == ["The Hague: allies meet", "Headline 1"]


def test_undated_stories_come_last(library: Library) -> None:
    put(library, story(1, published_at=None), story(2))
    assert [prompt.title for prompt in build_prompts(library.archive)] == [
        "Headline 2",
        "Headline 1",
    ]


def test_a_channel_s_sources_are_kept_to(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    put(library, story(1, source="Meridian Wire"), story(2, source="Harbour Post"))
    channels = {
        "D1": SlackChannel(sources=("meridian WIRE",)),
        "D2": SlackChannel(sources=("Nobody",)),
    }
    settings = slack_settings.model_copy(update={"slack_channels": channels})
    with connect(library, settings) as client:
        deliver(client, build_home_opened(tab="messages"), "Ev1")
        deliver(client, build_home_opened(tab="messages", channel="D2"), "Ev2")
        slack.wait_until(lambda: bool(slack.workspace.prompts and slack.workspace.messages))
    offered = slack.workspace.prompts["D1", None]["prompts"]
    assert [prompt["title"] for prompt in offered] == ["Headline 1"]
    (hint,) = slack.workspace.messages
    assert hint.channel == "D2"
    assert "this channel's sources" in hint.text


def test_where_the_bot_may_not_answer_it_offers_nothing(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    put(library, story(1))
    settings = slack_settings.model_copy(update={"slack_channels_denied": ("D1",)})
    with connect(library, settings) as client:
        deliver(client, build_home_opened(tab="messages"), "Ev1")
        deliver(client, build_thread_started(), "Ev2")
        deliver(client, build_home_opened(tab="messages", channel="D2"), "Ev3")
        slack.wait_until(lambda: bool(slack.workspace.prompts))
    assert list(slack.workspace.prompts) == [("D2", None)]


@pytest.mark.parametrize(
    ("headline", "prompt"),
    [
        (
            'He said "never" and “no”',
            Prompt("He said 'never' and ‘no’", "What is known about “He said 'never' and ‘no’”?"),
        ),
        (
            "Now <!channel> <@U1> \u202eread\x07 this",
            Prompt(
                "Now ‹!channel› ‹@U1› read this",
                "What is known about “Now ‹!channel› ‹@U1› read this”?",
            ),
        ),
        ("Wybory w Łodzi", Prompt("Wybory w Łodzi", "What is known about “Wybory w Łodzi”?")),
    ],
)
def test_a_headline_stays_a_headline_whatever_is_in_it(
    library: Library, headline: str, prompt: Prompt
) -> None:
    put(library, story(1, title=headline))
    assert build_prompts(library.archive) == (prompt,)


def test_a_long_headline_is_cut(library: Library) -> None:
    put(library, story(1, title=LONG))
    (prompt,) = build_prompts(library.archive)
    assert len(prompt.title) <= 75
    assert prompt.title.endswith("…")
    assert len(prompt.message) < 330
    assert prompt.message.endswith("…”?")


def test_what_is_offered_can_be_answered(shelf: Shelf) -> None:
    from bot.answering.questions import build_question

    shelf.put(make_article())
    (prompt,) = build_prompts(shelf.library.archive)
    answer = shelf.service.answer(build_question(prompt.message))
    assert answer.answered or answer.abstention.reason != "no_articles"  # type: ignore[union-attr]


def test_prompts_that_slack_refuses_do_not_break_the_bot(
    client: TestClient, library: Library, slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    put(library, story(1))
    slack.faults.plan("assistant.threads.setSuggestedPrompts", refuse("internal_error"), None)
    deliver(client, build_home_opened(tab="messages"), "Ev1")
    deliver(client, build_home_opened(tab="messages"), "Ev2")
    slack.wait_until(lambda: bool(slack.workspace.prompts))
    assert "no suggested prompts: internal_error" in caplog.text
