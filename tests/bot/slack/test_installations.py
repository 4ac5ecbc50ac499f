"""Many workspaces: installed through Slack's stand-in, answered with their own tokens, removed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Bot
from sqlalchemy import func, select, update

from bot.feedback import FeedbackLog
from bot.serving import build_app
from bot.settings import BotSettings
from bot.slack.manifest import read_scopes
from bot.slack.oauth import open_oauth
from bot.slack.opening import open_slack
from retrieval.errors import SettingsError
from retrieval.opening import Library
from retrieval.tables import (
    conversation_turns,
    feedback,
    metadata,
    slack_bots,
    slack_events,
    slack_oauth_states,
)
from tests.bot.factories import Shelf
from tests.bot.slack.bots import ScriptedService, listen
from tests.factories import make_article
from tests.slack_server import (
    BOT_TOKEN,
    BOT_USER,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    SlackServer,
    build_event,
    build_mention,
    build_request,
    build_slash_command,
    build_tokens_revoked,
    build_uninstalled,
    refuse,
    reset,
)

KEY, OTHER_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
# State cookies are for https alone.
SITE = "https://dateline.example.org"


def build_settings(slack: SlackServer, key: str = KEY) -> BotSettings:
    return BotSettings(
        slack_client_id=CLIENT_ID,
        slack_client_secret=SecretStr(CLIENT_SECRET),
        slack_encryption_key=SecretStr(key),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_api_url=slack.api_url,
    )


@pytest.fixture
def client(library: Library, slack: SlackServer) -> Iterator[TestClient]:
    app = build_app(library, ScriptedService(), build_settings(slack))
    with TestClient(app, base_url=SITE, follow_redirects=False) as opened:
        yield opened


def begin(client: TestClient) -> str:
    """Where Slack is asked to install the app; the state that comes back from there."""
    response = client.get("/slack/install")
    assert response.status_code == 302
    return parse_qs(urlsplit(response.headers["location"]).query)["state"][0]


def come_back(client: TestClient, state: str, code: str = "c0de") -> Response:
    return client.get("/slack/oauth_redirect", params={"state": state, "code": code})


def install(client: TestClient, slack: SlackServer, team: str) -> str:
    """The token that the workspace has given."""
    slack.workspace.oauth_codes["c0de"] = team
    response = come_back(client, begin(client))
    assert response.status_code == 200, response.text
    (token,) = (token for token, owner in slack.workspace.tokens.items() if owner == team)
    return token


def mention(client: TestClient, team: str, event_id: str) -> None:
    message = build_mention("Who chaired the talks?", channel=f"C{team}", ts=f"{event_id[2:]}.1")
    deliver(client, build_event(message, event_id, team))


def deliver(client: TestClient, payload: dict[str, object]) -> None:
    body, headers = build_request(payload)
    assert client.post("/slack/events", content=body, headers=headers).status_code == 200


def find_answered(slack: SlackServer) -> set[str]:
    """The channels in which an answer stands, whole."""
    return {
        message.channel
        for message in slack.workspace.messages
        if message.metadata and not message.streaming
    }


def tokens_used(slack: SlackServer, channel: str) -> set[str]:
    return {
        call.token
        for call in slack.log
        if channel in (call.body.get("channel"), call.body.get("channel_id"))
    }


def count_bots(library: Library) -> int:
    with library.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(slack_bots)).scalar_one())


def test_installing_sends_to_slack_alone_with_the_manifest_s_scopes(client: TestClient) -> None:
    response = client.get(
        "/slack/install",
        params={"team": "T9&redirect_uri=https://evil.example", "redirect_uri": "https://evil"},
    )
    address = urlsplit(response.headers["location"])
    assert (address.scheme, address.netloc, address.path) == (
        "https",
        "slack.com",
        "/oauth/v2/authorize",
    )
    asked = parse_qs(address.query)
    assert asked["client_id"] == [CLIENT_ID]
    assert asked["scope"] == [",".join(read_scopes())]
    assert set(asked) == {"client_id", "scope", "state"}
    cookie = response.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("secure", "httponly", "samesite=lax", "max-age=600"))
    assert CLIENT_SECRET not in str(response.headers)


def test_two_workspaces_are_each_answered_with_their_own_token(
    client: TestClient, slack: SlackServer
) -> None:
    first, second = install(client, slack, "T2"), install(client, slack, "T3")
    assert first != second
    mention(client, "T2", "Ev1")
    mention(client, "T3", "Ev2")
    slack.wait_until(lambda: find_answered(slack) == {"CT2", "CT3"})
    assert tokens_used(slack, "CT2") == {first}
    assert tokens_used(slack, "CT3") == {second}


def test_over_socket_mode_each_workspace_is_answered_with_its_own_token_too(
    library: Library, slack: SlackServer
) -> None:
    tokens = {"T2": "xoxb-two", "T3": "xoxb-three"}
    slack.workspace.tokens |= {token: team for team, token in tokens.items()}
    opened = open_slack(library, ScriptedService(), build_settings(slack))
    assert opened.installations is not None
    for team, token in tokens.items():
        asyncio.run(opened.installations.async_save_bot(make_bot(team, token)))
    with listen(opened.bot):
        for number, team in enumerate(tokens, 1):
            message = build_mention("Who chaired the talks?", channel=f"C{team}", ts=f"{number}.1")
            slack.submit(build_event(message, f"Ev{number}", team))
        slack.wait_until(lambda: find_answered(slack) == {"CT2", "CT3"})
    assert tokens_used(slack, "CT2") == {"xoxb-two"}
    assert tokens_used(slack, "CT3") == {"xoxb-three"}


def make_bot(team: str, token: str) -> Bot:
    return Bot(
        app_id="A1",
        team_id=team,
        team_name=team,
        bot_token=token,
        bot_id="B1",
        bot_user_id=BOT_USER,
        installed_at=1.0,
    )


def test_who_has_installed_it_is_told_in_a_page_that_loads_nothing(
    client: TestClient, slack: SlackServer
) -> None:
    slack.workspace.oauth_codes["c0de"] = "<b>T2</b>"
    response = come_back(client, begin(client))
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert "Dateline is installed in &lt;b&gt;T2&lt;/b&gt;" in response.text
    assert "src=" not in response.text


def test_nothing_but_ciphertext_is_in_the_database(
    client: TestClient, slack: SlackServer, library: Library
) -> None:
    token = install(client, slack, "T2")
    mention(client, "T2", "Ev1")
    slack.wait_until(lambda: bool(find_answered(slack)))
    kept = read_kept(library)
    assert b"T2" in kept
    for secret in (token, "xoxb-", CLIENT_SECRET, KEY):
        assert secret.encode() not in kept
    with library.database.read() as connection:
        stored = str(connection.execute(select(slack_bots.c.bot_token)).scalar_one())
    assert Fernet(KEY).decrypt(stored).decode() == token


def read_kept(library: Library) -> bytes:
    """The database's rows, and SQLite's files with what it keeps beside them."""
    with library.database.read() as connection:
        tables = [connection.execute(select(each)).all() for each in metadata.sorted_tables]
    files = library.settings.home.glob("archive.db*")
    return repr(tables).encode() + b"".join(path.read_bytes() for path in files)


def test_an_installation_in_a_workspace_takes_the_place_of_the_one_before(
    client: TestClient, slack: SlackServer, library: Library
) -> None:
    old = install(client, slack, "T2")
    del slack.workspace.tokens[old]
    new = install(client, slack, "T2")
    assert count_bots(library) == 1
    mention(client, "T2", "Ev1")
    slack.wait_until(lambda: bool(find_answered(slack)))
    assert tokens_used(slack, "CT2") == {new}


def test_a_state_is_good_once(client: TestClient, slack: SlackServer, library: Library) -> None:
    slack.workspace.oauth_codes |= {"c0de": "T2", "another": "T3"}
    state = begin(client)
    cookies = dict(client.cookies)
    assert come_back(client, state).status_code == 200
    client.cookies.update(cookies)
    again = come_back(client, state, "another")
    assert again.status_code == 401
    assert "already finished" in again.text
    assert "/slack/install" in again.text
    assert count_bots(library) == 1


def test_of_two_that_come_back_at_once_with_one_state_one_gets_in(
    library: Library, slack: SlackServer
) -> None:
    oauth = open_oauth(build_settings(slack), library.database)
    assert oauth is not None
    states = oauth.flow.settings.state_store

    async def come_at_once() -> list[bool]:
        state = await states.async_issue()
        return list(await asyncio.gather(*(states.async_consume(state) for _ in range(8))))

    assert sorted(asyncio.run(come_at_once())) == [False] * 7 + [True]


def test_a_state_that_has_expired_is_refused_and_cleared_away(
    client: TestClient, slack: SlackServer, library: Library
) -> None:
    slack.workspace.oauth_codes["c0de"] = "T2"
    state = begin(client)
    with library.database.write() as connection:
        connection.execute(update(slack_oauth_states).values(expires_at=1))
    response = come_back(client, state)
    assert response.status_code == 401
    assert "started too long ago" in response.text
    begin(client)
    with library.database.read() as connection:
        states = connection.execute(select(slack_oauth_states.c.state)).scalars().all()
    assert state not in states
    assert len(states) == 1


def test_a_state_that_was_begun_in_another_browser_is_refused(
    client: TestClient, slack: SlackServer, library: Library
) -> None:
    slack.workspace.oauth_codes["c0de"] = "T2"
    state = begin(client)
    client.cookies.clear()
    response = come_back(client, state)
    assert response.status_code == 400
    assert "another browser" in response.text
    assert count_bots(library) == 0


def test_a_state_that_nobody_issued_is_refused(
    client: TestClient, slack: SlackServer, library: Library
) -> None:
    slack.workspace.oauth_codes["c0de"] = "T2"
    client.cookies.set("slack-app-oauth-state", "f0rged")
    assert come_back(client, "f0rged").status_code == 401
    assert "c0de" in slack.workspace.oauth_codes
    assert count_bots(library) == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"error": "access_denied"}, "was cancelled in Slack"),
        ({"error": "invalid_scope"}, "Slack says: invalid_scope"),
        ({"error": "<script>alert(1)</script>"}, "Slack says: an unknown error"),
        ({}, "another browser"),
    ],
)
def test_what_went_wrong_at_slack_is_told_and_nothing_of_the_address_repeated(
    client: TestClient, query: dict[str, str], said: str
) -> None:
    response = client.get("/slack/oauth_redirect", params=query)
    assert response.status_code == 400
    assert said in response.text
    assert "<script" not in response.text
    assert "Start again" in response.text


def test_a_code_that_slack_does_not_know_is_told_and_not_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = come_back(client, begin(client), "kn0wn-to-nobody")
    assert response.status_code == 401
    assert "bot.slack_client_secret" in response.text
    assert "kn0wn-to-nobody" not in caplog.text + response.text
    assert "invalid_code" in caplog.text


@pytest.mark.parametrize("fault", [reset(), refuse("bad_client_secret")], ids=["reset", "refused"])
def test_slack_that_cannot_confirm_is_told(
    client: TestClient, slack: SlackServer, fault: object
) -> None:
    slack.workspace.oauth_codes["c0de"] = "T2"
    slack.faults.always("oauth.v2.access", fault)  # type: ignore[arg-type]
    response = come_back(client, begin(client))
    assert response.status_code == 401
    assert "Slack did not confirm the installation" in response.text


@pytest.mark.parametrize("gone", [build_uninstalled(), build_tokens_revoked()])
def test_a_workspace_that_removes_the_app_is_forgotten_and_the_others_are_not(
    client: TestClient, slack: SlackServer, library: Library, gone: dict[str, object]
) -> None:
    token, other = install(client, slack, "T2"), install(client, slack, "T3")
    slack.workspace.revoked_tokens.add(token)
    deliver(client, build_event(dict(gone), "Ev1", "T2"))
    slack.wait_until(lambda: count_bots(library) == 1)
    mention(client, "T2", "Ev2")
    mention(client, "T3", "Ev3")
    slack.wait_until(lambda: bool(find_answered(slack)))
    assert find_answered(slack) == {"CT3"}
    assert tokens_used(slack, "CT3") == {other}


def test_what_was_said_in_a_workspace_goes_when_it_removes_the_app(
    shelf: Shelf, slack: SlackServer
) -> None:
    shelf.put(make_article())
    library = shelf.library
    app = build_app(library, shelf.service, build_settings(slack))
    with TestClient(app, base_url=SITE, follow_redirects=False) as client:
        for number, team in enumerate(("T2", "T3"), 1):
            install(client, slack, team)
            mention(client, team, f"Ev{number}")
            slack.wait_until(lambda team=team: f"C{team}" in find_answered(slack))  # type: ignore[misc]
            rate_answer(library, f"slack:{team}:C{team}")
        assert find_teams(library) == {"T2", "T3"}
        deliver(client, build_event(build_uninstalled(), "Ev3", "T2"))
        slack.wait_until(lambda: count_bots(library) == 1)
        slack.wait_until(lambda: find_teams(library) == {"T3"})


def rate_answer(library: Library, owner: str) -> None:
    turns = select(conversation_turns.c.answer_id).where(conversation_turns.c.owner == owner)
    with library.database.read() as connection:
        answer_id = str(connection.execute(turns).scalar_one())
    FeedbackLog(library.database).give(owner, answer_id, "up", None)


def find_teams(library: Library) -> set[str]:
    """Those of which anything that was said is kept."""
    owners = (conversation_turns.c.owner, feedback.c.owner, slack_events.c.message)
    with library.database.read() as connection:
        found = [str(row[0]) for column in owners for row in connection.execute(select(column))]
    return {team for team in ("T2", "T3") if any(f"{team}:" in kept for kept in found)}


def test_a_command_where_the_app_is_not_installed_is_told(
    client: TestClient, slack: SlackServer
) -> None:
    command = build_slash_command("Who chaired?", slack.response_url("C1", "U1"))
    body, headers = build_request(command | {"team_id": "T9"})
    response = client.post("/slack/events", content=body, headers=headers)
    assert response.status_code == 200
    told = response.text + "".join(message.text for message in slack.workspace.messages)
    assert "no longer installed in this workspace" in told


def test_an_event_of_a_workspace_that_never_installed_it_is_not_answered(
    client: TestClient, slack: SlackServer
) -> None:
    install(client, slack, "T2")
    mention(client, "T9", "Ev1")
    mention(client, "T2", "Ev2")
    slack.wait_until(lambda: bool(find_answered(slack)))
    assert find_answered(slack) == {"CT2"}


def test_another_key_is_said_at_the_start_without_a_secret(
    client: TestClient, slack: SlackServer, library: Library
) -> None:
    token = install(client, slack, "T2")
    with pytest.raises(
        SettingsError, match="not the key that Slack's tokens were encrypted"
    ) as said:
        build_app(library, ScriptedService(), build_settings(slack, OTHER_KEY))
    assert not {token, KEY, OTHER_KEY} & set(str(said.value).split())


def test_a_key_is_changed_by_naming_the_new_one_before_the_old_one_once(
    client: TestClient, slack: SlackServer, library: Library
) -> None:
    token = install(client, slack, "T2")
    build_app(library, ScriptedService(), build_settings(slack, f"{OTHER_KEY}, {KEY}"))
    oauth = open_oauth(build_settings(slack, OTHER_KEY), library.database)
    assert oauth is not None
    assert [bot.bot_token for bot in oauth.installations] == [token]
    with pytest.raises(SettingsError, match="not the key"):
        open_oauth(build_settings(slack, KEY), library.database)


@pytest.mark.parametrize(
    "key", ["short", f"{KEY},short", "*" * 44], ids=["short", "the second short", "no letters"]
)
def test_what_is_no_key_is_said_without_showing_it(
    slack: SlackServer, library: Library, key: str
) -> None:
    with pytest.raises(
        SettingsError, match="is not a valid key: `dateline slack key` prints one"
    ) as said:
        open_oauth(build_settings(slack, key), library.database)
    assert key not in str(said.value)


@pytest.mark.parametrize(
    "missing", ["slack_client_id", "slack_client_secret", "slack_encryption_key"]
)
def test_settings_that_are_not_whole_are_named(
    slack: SlackServer, library: Library, missing: str
) -> None:
    partial = build_settings(slack).model_copy(update={missing: None})
    with pytest.raises(SettingsError, match=rf"set bot\.{missing} too"):
        open_oauth(partial, library.database)


def test_a_token_beside_many_workspaces_is_an_error(slack: SlackServer, library: Library) -> None:
    both = build_settings(slack).model_copy(update={"slack_bot_token": SecretStr(BOT_TOKEN)})
    with pytest.raises(SettingsError, match=r"either SLACK_BOT_TOKEN.*or bot\.slack_client_id"):
        open_oauth(both, library.database)


def test_with_a_token_there_is_nothing_to_install(
    library: Library, slack_settings: BotSettings
) -> None:
    assert open_oauth(slack_settings, library.database) is None
    client = TestClient(build_app(library, ScriptedService(), slack_settings))
    assert client.get("/slack/install").status_code == 404
    assert client.get("/slack/oauth_redirect").status_code == 404


def test_installing_needs_no_api_key_and_works_under_a_public_name(
    library: Library, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_BOT__API_KEYS", "read:a-key-of-thirty-two-characters-or-so")
    keyed = BotSettings.load().model_copy(
        update=dict(build_settings(slack)) | {"api_keys": BotSettings.load().api_keys}
    )
    client = TestClient(
        build_app(library, ScriptedService(), keyed), base_url=SITE, follow_redirects=False
    )
    assert client.get("/slack/install").status_code == 302
    assert client.get("/articles").status_code == 401


def test_a_fresh_key_can_be_used(slack: SlackServer, library: Library) -> None:
    from bot.slack.encryption import make_key

    key = make_key()
    assert re.fullmatch(r"[\w-]{43}=", key)
    assert open_oauth(build_settings(slack, key), library.database) is not None
