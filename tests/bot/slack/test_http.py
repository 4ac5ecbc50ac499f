"""`POST /slack/events`: only what Slack signed gets through, and nothing makes it fail."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf
from tests.slack_server import SlackServer, build_event, build_mention, sign

BODY = json.dumps(build_event(build_mention("Who chaired the talks?"))).encode()


@pytest.fixture
def client(shelf: Shelf, slack_settings: BotSettings) -> Iterator[TestClient]:
    with TestClient(build_app(shelf.library, shelf.service, slack_settings)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_is_posted(client: TestClient, slack: SlackServer) -> Iterator[None]:
    del client
    yield
    assert slack.messages == []


def seconds_ago(seconds: int) -> str:
    return str(int(time.time()) - seconds)


UNSIGNED = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "build_headers"),
    [
        pytest.param(BODY, lambda: UNSIGNED, id="unsigned"),
        pytest.param(BODY + b" ", lambda: sign(BODY), id="tampered with"),
        pytest.param(BODY, lambda: sign(BODY) | {"x-slack-signature": ""}, id="no signature"),
        pytest.param(BODY, lambda: sign(BODY) | {"x-slack-signature": "v0="}, id="empty"),
        pytest.param(BODY, lambda: UNSIGNED | {"x-slack-signature": "v0=0"}, id="no timestamp"),
        pytest.param(BODY, lambda: sign(BODY, seconds_ago(301)), id="301 s old"),
        pytest.param(BODY, lambda: sign(BODY, seconds_ago(-310)), id="from the future"),
        pytest.param(BODY, lambda: sign(BODY, "abc"), id="timestamp of letters"),
        pytest.param(BODY, lambda: sign(BODY, "-1"), id="negative timestamp"),
        pytest.param(BODY, lambda: sign(BODY, "1" * 5000), id="timestamp of 5,000 digits"),
        pytest.param(b"\xff\xfe", lambda: UNSIGNED, id="unsigned, not UTF-8"),
        pytest.param(b"\xff\xfe", lambda: sign(b"\xff\xfe"), id="signed, not UTF-8"),
        pytest.param(b"{", lambda: UNSIGNED, id="unsigned, not JSON"),
        pytest.param(b"[]", lambda: UNSIGNED, id="unsigned list"),
        pytest.param(b"ssl_check=1", dict, id="unsigned form"),
        pytest.param(b"", dict, id="nothing"),
    ],
)
def test_what_slack_did_not_sign_is_refused(
    client: TestClient, body: bytes, build_headers: Callable[[], dict[str, str]]
) -> None:
    response = client.post("/slack/events", content=body, headers=build_headers())
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "the request is not signed by Slack"


@pytest.mark.parametrize("name", ["x-slack-signature", "x-slack-request-timestamp"])
@pytest.mark.parametrize(
    "value", ["v0=é".encode("latin-1"), "v0=é".encode(), "²".encode("latin-1")]
)
def test_headers_that_are_not_ascii_are_refused(
    client: TestClient, name: str, value: bytes
) -> None:
    headers = [(key.encode(), text.encode()) for key, text in sign(BODY).items() if key != name]
    response = client.post(
        "/slack/events", content=BODY, headers=[*headers, (name.encode(), value)]
    )
    assert response.status_code == 401


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"7", b"null", b'"text"', b"", b"[" * 100_000, b'{"type": '],
    ids=["cut", "list", "number", "null", "text", "empty", "deep", "half"],
)  # fmt: skip
def test_a_signed_body_that_is_no_object_is_refused(client: TestClient, body: bytes) -> None:
    response = client.post("/slack/events", content=body, headers=sign(body))
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_a_body_larger_than_any_of_slack_s_is_refused(client: TestClient) -> None:
    body = b'{"a": "' + b"a" * 1_000_001 + b'"}'
    response = client.post("/slack/events", content=body, headers=sign(body))
    assert response.status_code == 413


def test_slack_s_check_of_the_address_is_answered(client: TestClient) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c4t", "token": "x"}).encode()
    response = client.post("/slack/events", content=body, headers=sign(body))
    assert response.status_code == 200
    assert response.json() == {"challenge": "c4t"}


@pytest.mark.parametrize(
    "event",
    [{"type": "invented_tomorrow"}, {"type": "app_uninstalled"}, {"type": "tokens_revoked"}],
)
def test_events_that_are_not_known_are_acknowledged(
    client: TestClient, event: dict[str, str]
) -> None:
    body = json.dumps(build_event(event)).encode()
    response = client.post("/slack/events", content=body, headers=sign(body))
    assert response.status_code == 200


def test_the_address_is_not_part_of_the_documented_api(client: TestClient) -> None:
    assert "/slack/events" not in client.get("/openapi.json").json()["paths"]
