"""One question, every way of asking it: the same cited answer, from one running server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.journeys.conftest import CommandLine
from tests.slack_server import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    Message,
    SlackServer,
    build_event,
    build_mention,
    read_shown,
    sign,
)

pytestmark = pytest.mark.integration

ASKED = "How many soldiers does NATO's force in Kosovo have?"


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    server = SlackServer()
    try:
        yield server
    finally:
        server.stop()


def wait_for_answer(slack: SlackServer) -> list[Message]:
    """What was said, once it is whole."""

    def said() -> list[Message]:
        return [message for message in slack.workspace.messages if message.is_bots]

    slack.wait_until(
        lambda: bool(said()) and not any(message.streaming for message in said()), timeout_s=30
    )
    return said()


def test_shell_http_and_slack_give_the_same_cited_answer(
    newsroom: CommandLine, start_server: Callable[[dict[str, str]], str], slack: SlackServer
) -> None:
    alone = newsroom.json("ask", ASKED)
    url = start_server(
        {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "DATELINE_BOT__SLACK_API_URL": slack.api_url,
        }
    )
    beside = newsroom.json("ask", ASKED)
    over_http = httpx.post(f"{url}/ask", json={"question": ASKED}, trust_env=False).json()
    for answer in (beside, over_http):
        assert (answer["answer"], answer["citations"]) == (alone["answer"], alone["citations"])

    body = json.dumps(build_event(build_mention(ASKED))).encode()
    for _ in range(2):
        delivered = httpx.post(
            f"{url}/slack/events", content=body, headers=sign(body), trust_env=False
        )
        assert delivered.status_code == 200
    (message,) = wait_for_answer(slack)
    shown = read_shown(message)
    assert alone["answer"] in shown
    assert all(cited["title"] in shown for cited in alone["citations"])
    assert httpx.get(f"{url}/readyz", trust_env=False).json()["status"] == "ready"


def test_socket_mode_answers_a_mention_from_a_process_of_its_own(
    newsroom: CommandLine, slack: SlackServer
) -> None:
    listening = CommandLine(
        newsroom.home,
        {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "DATELINE_BOT__SLACK_API_URL": slack.api_url,
        },
    )
    alone = newsroom.json("ask", ASKED)
    process = listening.start("slack")
    try:
        # The newsroom is one for all tests: this is another message than theirs.
        slack.send(build_event(build_mention(ASKED, ts="200.1"), "Ev-of-the-socket"))
        (message,) = wait_for_answer(slack)
    finally:
        process.terminate()
        _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (0, "")
    assert alone["answer"] in read_shown(message)
    assert message.thread_ts == "200.1"
