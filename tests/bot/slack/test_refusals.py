"""What is not Slack's, or not readable, is refused on a real socket: nothing comes of it."""

from __future__ import annotations

import gzip
import json
import logging
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.tables import slack_events
from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.servers import Running, build_post, read_problem, run_app
from tests.factories import make_article
from tests.slack_server import (
    BOT_TOKEN,
    SIGNING_SECRET,
    SlackServer,
    build_block_actions,
    build_event,
    build_mention,
    build_request,
    build_slash_command,
    sign,
)

EVENT = build_event(build_mention("Who chaired the talks?"))
BODY, HEADERS = json.dumps(EVENT).encode(), {"content-type": "application/json"}
FORM = "application/x-www-form-urlencoded"
COMMAND = urlencode(build_slash_command("Who won?", "https://example.org/r")).encode()
DEEP = 100_000


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackServer]:
    opened = SlackServer()
    try:
        yield opened
    finally:
        opened.stop()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("refusals"), make_article()) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(shelf: Shelf, slack: SlackServer) -> Iterator[Running]:
    settings = BotSettings(
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_api_url=slack.api_url,
    )
    with run_app(build_app(shelf.library, shelf.service, settings)) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_comes_of_it(
    server: Running,
    shelf: Shelf,
    slack: SlackServer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[None]:
    """Slack hears nothing, nothing is claimed, and the log has no stack trace."""
    caplog.set_level(logging.INFO)
    yield
    assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200
    assert slack.calls == []
    with shelf.library.database.read() as connection:
        claims = connection.execute(select(func.count()).select_from(slack_events)).scalar_one()
    assert claims == 0
    assert [record.message for record in caplog.records if record.exc_info] == []
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert "Traceback" not in caplog.text + "".join(capfd.readouterr())


def post(
    server: Running, body: bytes, headers: dict[str, str] | list[tuple[bytes, bytes]]
) -> tuple[int, str]:
    """The status, and the detail of what must be a problem."""
    response = httpx.post(
        f"{server.url}/slack/events", content=body, headers=headers, trust_env=False
    )
    detail = read_problem(response.status_code, dict(response.headers), response.content)
    return response.status_code, detail


def ago(seconds: int) -> str:
    return str(int(time.time()) - seconds)


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


UNSIGNED = {
    "unsigned": (BODY, HEADERS),
    "an unsigned form": (b"ssl_check=1", {"content-type": FORM}),
    "an unsigned command": (COMMAND, {"content-type": FORM}),
    "unsigned nonsense": (b"\xff\xfe{", HEADERS),
    "an unsigned list": (b"[]", HEADERS),
    "unsigned bad JSON": (b"{", HEADERS),
    "nothing": (b"", {}),
    "tampered with": (BODY.replace(b"Who", b"How"), sign(BODY)),
    "one byte more": (BODY + b" ", sign(BODY)),
    "another's signature": (BODY, sign(BODY) | {"x-slack-signature": "v0=" + "0" * 64}),
    "no version": (BODY, sign(BODY) | {"x-slack-signature": "0" * 64}),
    "no signature": (BODY, sign(BODY) | {"x-slack-signature": ""}),
    "a long signature": (BODY, sign(BODY) | {"x-slack-signature": "v0=" + "a" * 10_000}),
    "no timestamp": (BODY, sign(BODY) | {"x-slack-request-timestamp": ""}),
    "another timestamp": (BODY, sign(BODY) | {"x-slack-request-timestamp": ago(5)}),
    "signed and not UTF-8": (b"\xff\xfe", sign(b"\xff\xfe")),
}  # fmt: skip


@pytest.mark.parametrize(("body", "headers"), UNSIGNED.values(), ids=UNSIGNED)
def test_what_slack_did_not_sign_is_refused(
    server: Running, body: bytes, headers: dict[str, str]
) -> None:
    assert post(server, body, headers) == (401, "the request is not signed by Slack")


@pytest.mark.parametrize(
    "timestamp",
    ["301 ago", "301 ahead", "abc", "-1", "1e9", "1.5", "nan", "0x10", "1" * 13, "1" * 5_000],
)
def test_what_was_not_signed_just_now_is_refused(server: Running, timestamp: str) -> None:
    """Signed with the right secret: only the time is wrong, or none."""
    seconds = {"301 ago": 301, "301 ahead": -302}.get(timestamp)
    signed_at = timestamp if seconds is None else ago(seconds)
    assert post(server, BODY, sign(BODY, signed_at))[0] == 401


@pytest.mark.parametrize("name", ["x-slack-signature", "x-slack-request-timestamp"])
@pytest.mark.parametrize(
    "value", ["v0=é".encode(), "v0=é".encode("latin-1"), "²".encode(), "١٢٣".encode(), b"\xff"]
)
def test_headers_that_are_not_ascii_are_refused(server: Running, name: str, value: bytes) -> None:
    others = [(key.encode(), text.encode()) for key, text in sign(BODY).items() if key != name]
    assert post(server, BODY, [*others, (name.encode(), value)])[0] == 401


def test_a_signature_of_a_body_that_never_ends_is_not_waited_for(server: Running) -> None:
    headers = [f"{name}: {value}" for name, value in sign(BODY).items() if name != "content-type"]
    request = build_post("/slack/events", BODY, *headers, f"Content-Length: {len(BODY) + 5}")
    with server.connect() as connection:
        connection.sendall(request)


UNREADABLE = {
    "bad JSON": b"{",
    "no type": json.dumps({"event": EVENT["event"]}).encode(),
    "a type that is a number": json.dumps(EVENT | {"type": 7}).encode(),
    "half of it": BODY[:-10],
    "two objects": b"{}{}",
    "a list": b"[]",
    "a list of an event": b"[" + BODY + b"]",
    "a number": b"7",
    "a text": b'"text"',
    "null": b"null",
    "nothing": b"",
    "a long number": b'{"type": ' + b"1" * 5_000 + b"}",
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a deep list within": b'{"event": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "UTF-16": utf16('{"type": "event_callback"}'),
    "a NUL": b'{"type": "event_callback\x00"}',
    "gzip": gzip.compress(b"{}"),
    "an event that is a text": json.dumps(EVENT | {"event": "app_mention"}).encode(),
    "an event that is a list": json.dumps(EVENT | {"event": [1]}).encode(),
    "a team that is a number": json.dumps(EVENT | {"team": 7}).encode(),
    "authorizations of nothing": json.dumps(EVENT | {"authorizations": [None]}).encode(),
    "authorizations that are a number": json.dumps(EVENT | {"authorizations": 7}).encode(),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_signed_body_that_is_no_object_of_slack_s_is_refused(
    server: Running, body: bytes
) -> None:
    status, detail = post(server, body, sign(body))
    # What is not even text cannot have been signed by Slack.
    assert status in (400, 401)
    assert "JSON" in detail or "signed" in detail


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "json", FORM],
)
def test_an_event_of_another_content_type_is_refused(server: Running, content_type: str) -> None:
    assert post(server, BODY, sign(BODY, content_type=content_type))[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        b"payload=%7B",
        b"payload=[]",
        b"payload=7",
        b"payload=",
        b"payload=%FF",
        b"payload=" + b"[" * DEEP,
        b"payload=" + json.dumps(build_block_actions({"action_id": "a"}) | {"user": 7}).encode(),
        b"text=Who+won%3F",
        b"%",
        b"=",
        b"&&&",
    ],
)
def test_a_form_without_a_payload_of_slack_s_is_refused(server: Running, body: bytes) -> None:
    assert post(server, body, sign(body, content_type=FORM))[0] == 400


def test_a_body_larger_than_any_of_slack_s_is_refused(server: Running) -> None:
    body = json.dumps(EVENT | {"more": "a" * 1_000_001}).encode()
    assert post(server, body, sign(body))[0] == 413


def test_a_request_signed_for_one_address_says_nothing_at_another(server: Running) -> None:
    body, headers = build_request(EVENT)
    response = httpx.post(f"{server.url}/ask", content=body, headers=headers, trust_env=False)
    assert response.status_code == 422
