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
    SlackServer,
    build_event,
    build_mention,
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

    body = json.dumps(build_event(build_mention(f"<@UBOT> {ASKED}"))).encode()
    for _ in range(2):
        delivered = httpx.post(
            f"{url}/slack/events", content=body, headers=sign(body), trust_env=False
        )
        assert delivered.status_code == 200
    slack.wait_until(lambda: bool(slack.messages))
    (message,) = slack.messages
    assert message["text"].replace("&amp;", "&") == alone["answer"]
    assert alone["citations"][0]["quote"] in str(message["blocks"])
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
        slack.send(build_event(build_mention(f"<@UBOT> {ASKED}"), "Ev-of-the-socket"))
        slack.wait_until(lambda: bool(slack.messages), timeout_s=30)
    finally:
        process.terminate()
        _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (0, "")
    assert slack.messages[0]["text"].replace("&amp;", "&") == alone["answer"]
    assert slack.messages[0]["thread_ts"]
