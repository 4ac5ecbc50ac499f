"""Who is let in: every refusal, with keys and without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import Depends
from fastapi.testclient import TestClient

from bot.http.callers import Caller, get_caller
from bot.http.keys import hash_key
from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.servers import ASKED, check_problem
from tests.factories import make_article

READER, WRITER, OWN = "the-key-that-reads", "the-key-that-writes", "the-server-s-own"
KEYS = (f"read:{READER}", f"write:sha256:{hash_key(WRITER.encode())}")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("guard"), make_article()) as opened:
        yield opened


def build_client(shelf: Shelf, **settings: object) -> TestClient:
    app = build_app(shelf.library, shelf.service, BotSettings.model_validate(settings), OWN)

    @app.post("/articles")
    @app.get("/whoami")
    @app.get("/")
    def whoami(caller: Annotated[Caller, Depends(get_caller)]) -> dict[str, str]:
        return {"owner": caller.owner, "role": caller.role}

    return TestClient(app)


@pytest.fixture(scope="module")
def guarded(shelf: Shelf) -> TestClient:
    return build_client(shelf, api_keys=KEYS)


@pytest.fixture(scope="module")
def local(shelf: Shelf) -> TestClient:
    return build_client(shelf)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
def test_the_page_and_health_need_no_key(guarded: TestClient, path: str) -> None:
    assert guarded.get(path).status_code == 200
    head = guarded.head(path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=talks",
        "/articles/abc",
        "/articles",
        "/docs",
        "/openapi.json",
        "/metrics",
        "/v1/models",
        "/mcp",
        "/nowhere",
        "/healthz/",
        "/static",
        "/docs/oauth2-redirect",
    ],
)
def test_everything_else_needs_one(guarded: TestClient, path: str) -> None:
    response = guarded.get(path)
    assert response.status_code == 401
    assert "Authorization: Bearer" in response.json()["detail"]
    assert response.headers["www-authenticate"] == "Bearer"
    assert guarded.post("/ask", json={"question": ASKED}).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        bearer(READER),
        {"Authorization": f"bearer   {READER} "},
        {"X-API-Key": READER},
        {"X-API-Key": READER, **bearer(READER)},
    ],
)
def test_a_key_opens_by_either_header(guarded: TestClient, headers: dict[str, str]) -> None:
    assert guarded.get("/search", params={"q": "talks"}, headers=headers).status_code == 200
    answer = guarded.post("/ask", json={"question": ASKED}, headers=headers)
    assert answer.json()["answered"] is True


@pytest.mark.parametrize(
    "headers",
    [
        bearer("wrong"),
        bearer(""),
        bearer(f"{READER}x"),
        bearer(hash_key(READER.encode())),
        bearer(f"sha256:{hash_key(WRITER.encode())}"),
        {"Authorization": READER},
        {"Authorization": f"Basic {READER}"},
        {"Authorization": f"Basic {READER}", "X-API-Key": READER},
        {"X-API-Key": ""},
        {"X-API-Key": WRITER, **bearer(READER)},
        {"X-API-Key": "wrong", **bearer(READER)},
        {"Cookie": f"key={READER}"},
    ],
)
def test_a_wrong_key_or_two_that_differ_are_refused(
    guarded: TestClient, headers: dict[str, str]
) -> None:
    response = guarded.get("/search", params={"q": "talks"}, headers=headers)
    detail = check_problem(response, 401)
    assert READER not in detail
    assert response.headers["www-authenticate"] == "Bearer"


def test_two_headers_of_one_name_that_differ_are_refused(guarded: TestClient) -> None:
    headers = [("X-API-Key", READER), ("X-API-Key", WRITER)]
    check_problem(guarded.get("/search", params={"q": "talks"}, headers=headers), 401)


@pytest.mark.parametrize("name", ["api_key", "key", "token", "access_token", "API_KEY"])
@pytest.mark.parametrize("path", ["/search", "/", "/healthz"])
def test_a_key_in_the_url_is_refused_by_its_name(guarded: TestClient, path: str, name: str) -> None:
    response = guarded.get(path, params={"q": "talks", name: "whatever"}, headers=bearer(READER))
    assert "Authorization: Bearer" in check_problem(response, 400)
    assert "whatever" not in response.text


def test_a_key_in_the_url_is_refused_by_its_value(guarded: TestClient) -> None:
    for key in (READER, WRITER, OWN):
        response = guarded.get("/search", params={"q": key}, headers=bearer(READER))
        assert key not in check_problem(response, 400)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/articles"),
        ("DELETE", "/articles/abc"),
        ("PUT", "/articles/abc"),
        ("POST", "/whatever-comes"),
    ],
)
def test_a_key_that_reads_may_not_write(guarded: TestClient, method: str, path: str) -> None:
    assert "write" in check_problem(guarded.request(method, path, headers=bearer(READER)), 403)
    assert guarded.request(method, path, headers=bearer(WRITER)).status_code != 403


@pytest.mark.parametrize("path", ["/ask", "/feedback", "/v1/chat/completions", "/mcp"])
def test_a_key_that_reads_may_ask_everywhere(guarded: TestClient, path: str) -> None:
    assert guarded.post(path, headers=bearer(READER)).status_code not in (401, 403)


def test_the_caller_is_known_by_the_key(guarded: TestClient) -> None:
    reader = guarded.get("/whoami", headers=bearer(READER)).json()
    writer = guarded.get("/whoami", headers=bearer(WRITER)).json()
    assert (reader["role"], writer["role"]) == ("read", "write")
    assert len({reader["owner"], writer["owner"], ""}) == 3
    assert READER not in reader["owner"]


def test_the_server_s_own_key_is_whoever_uses_this_machine(guarded: TestClient) -> None:
    assert guarded.get("/whoami", headers=bearer(OWN)).json() == {"owner": "", "role": "write"}


def test_the_conversation_of_another_key_is_not_continued(guarded: TestClient) -> None:
    def ask(key: str, text: str) -> str:
        body = {"question": text, "conversation_id": "shared"}
        notes = guarded.post("/ask", json=body, headers=bearer(key)).json()["notes"]
        return " ".join(notes)

    ask(READER, ASKED)
    follow_up = "And where did he chair them?"
    assert "Understood as" in ask(READER, follow_up)
    assert "Understood as" not in ask(WRITER, follow_up)


def test_what_one_key_made_another_does_not_find(guarded: TestClient) -> None:
    given = guarded.post("/ask", json={"question": ASKED}, headers=bearer(READER)).json()
    verdict = {"answer_id": given["id"], "verdict": "down"}
    check_problem(guarded.post("/feedback", json=verdict, headers=bearer(WRITER)), 404)
    assert guarded.post("/feedback", json=verdict, headers=bearer(READER)).status_code == 201
    address = {"url": "http://127.0.0.1:1/"}
    job = guarded.post("/articles", json=address, headers=bearer(WRITER)).json()
    check_problem(guarded.get(job["href"], headers=bearer(READER)), 404)
    assert guarded.get(job["href"], headers=bearer(WRITER)).status_code == 200


def test_slack_is_known_by_its_signature_and_not_by_a_key(shelf: Shelf) -> None:
    slack = {"slack_bot_token": "xoxb-1", "slack_signing_secret": "secret"}
    for settings in ({"api_keys": KEYS, **slack}, slack):
        client = build_client(shelf, **settings)
        headers = {"Host": "example.org", "Origin": "https://example.org"}
        detail = check_problem(client.post("/slack/events", headers=headers), 401)
        assert "Slack" in detail


@pytest.mark.parametrize(
    "path",
    [
        "/articles/..%2f",
        "/articles/..%2F..%2Fetc%2Fpasswd",
        "/articles/%2e%2e/",
        "/static/..%2f",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e%5cpage.py",
    ],
)
def test_a_path_that_climbs_leads_nowhere(local: TestClient, path: str) -> None:
    check_problem(local.get(path, follow_redirects=False), 404)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.9.9.9", "LOCALHOST"],
)
def test_without_keys_this_machine_s_names_are_answered(local: TestClient, host: str) -> None:
    assert local.get("/whoami", headers={"Host": host}).json() == {"owner": "", "role": "write"}


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "attacker.example:8000",
        "127.0.0.1.attacker.example",
        "localhost.attacker.example",
        "attacker@127.0.0.1.example",
        "192.168.1.7",
        "0.0.0.0",
        "[::",
        "",
    ],
)
def test_without_keys_a_name_that_was_rebound_is_refused(local: TestClient, host: str) -> None:
    for path in ("/search?q=talks", "/", "/healthz"):
        assert "127.0.0.1" in check_problem(local.get(path, headers={"Host": host}), 403)


@pytest.mark.parametrize(
    "origin",
    [
        "https://attacker.example",
        "http://127.0.0.1:9999",
        "http://testserver:81",
        "null",
        "",
        "http://testserver.attacker.example",
    ],
)
def test_without_keys_a_page_of_another_site_may_not_ask_or_write(
    local: TestClient, origin: str
) -> None:
    headers = {"Origin": origin}
    asked = local.post("/ask", json={"question": ASKED}, headers=headers)
    assert "other sites" in check_problem(asked, 403)
    for path in ("/articles", "/feedback", "/mcp"):
        check_problem(local.post(path, headers=headers), 403)
    assert local.post("/v1/chat/completions", headers=headers).status_code == 403
    check_problem(local.delete("/articles/abc", headers=headers), 403)
    check_problem(local.get("/search", params={"q": "talks"}, headers=headers), 403)


def test_without_keys_the_own_page_may_ask(local: TestClient) -> None:
    headers = {"Origin": "http://testserver"}
    assert local.post("/ask", json={"question": ASKED}, headers=headers).status_code == 200


def test_with_keys_any_host_and_origin_may_come(guarded: TestClient) -> None:
    headers = {"Host": "news.example", "Origin": "https://desk.example", **bearer(READER)}
    response = guarded.post("/ask", json={"question": ASKED}, headers=headers)
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers
