"""What `/readyz` and `dateline doctor` say of Slack, with one workspace and with many."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Bot

from bot.doctor import examine_slack
from bot.serving import build_app
from bot.settings import BotSettings
from bot.slack.manifest import read_scopes
from bot.slack.oauth import open_oauth
from bot.slack.token import find_token_problem
from retrieval.errors import DatelineError
from retrieval.opening import Library
from tests.bot.slack.bots import ScriptedService
from tests.slack_server import BOT_TOKEN, CLIENT_ID, SlackServer

KEY = Fernet.generate_key().decode()


@pytest.fixture
def many(slack_settings: BotSettings) -> BotSettings:
    return slack_settings.model_copy(
        update={
            "slack_bot_token": None,
            "slack_client_id": CLIENT_ID,
            "slack_client_secret": SecretStr("a-client-s3cret"),
            "slack_encryption_key": SecretStr(KEY),
        }
    )


def install(library: Library, settings: BotSettings, team: str, token: str) -> None:
    oauth = open_oauth(settings, library.database)
    assert oauth is not None
    bot = Bot(
        app_id="A1",
        team_id=team,
        team_name=f"Team {team}",
        bot_token=token,
        bot_id="B1",
        bot_user_id="UBOT",
        installed_at=1.0,
    )
    asyncio.run(oauth.installations.async_save_bot(bot))


def read_check(library: Library, settings: BotSettings) -> str:
    with TestClient(build_app(library, ScriptedService(), settings)) as client:
        checks: dict[str, Any] = client.get("/readyz").json()["checks"]
    return str(checks["slack"])


def test_a_good_token_with_every_scope_is_well(
    library: Library, slack_settings: BotSettings
) -> None:
    assert read_check(library, slack_settings) == "ok"
    assert examine_slack(slack_settings) == "the bot token is valid"


def grant_without(slack: SlackServer, *missing: str) -> None:
    slack.workspace.scopes = tuple(scope for scope in read_scopes() if scope not in missing)


def test_scopes_that_are_missing_are_named_with_the_cure(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    grant_without(slack, "im:history", "commands", "assistant:write")
    problem = read_check(library, slack_settings)
    assert "lacks commands, im:history" in problem
    assert "dateline slack manifest" in problem
    with pytest.raises(DatelineError, match="lacks commands, im:history"):
        examine_slack(slack_settings)


def test_scopes_that_the_bot_does_without_are_doctor_s_to_tell_and_hold_nothing_up(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    grant_without(slack, "assistant:write", "groups:history")
    assert read_check(library, slack_settings) == "ok"
    assert examine_slack(slack_settings) == (
        "the bot token is valid, without assistant:write (no status line, no suggested prompts), "
        "groups:history (replies in private channels' threads must mention it)"
    )


def test_more_scopes_than_needed_are_well(slack: SlackServer, slack_settings: BotSettings) -> None:
    slack.workspace.scopes = (*read_scopes(), "users:read")
    assert find_token_problem(slack_settings) is None


def test_a_token_that_slack_refuses_is_told_apart_from_a_slack_that_is_not_there(
    slack: SlackServer, slack_settings: BotSettings
) -> None:
    slack.workspace.revoked_tokens.add(BOT_TOKEN)
    assert find_token_problem(slack_settings) == (
        "Slack refuses the bot token (token_revoked): check SLACK_BOT_TOKEN"
    )
    nowhere = slack_settings.model_copy(update={"slack_api_url": "http://127.0.0.1:1/api"})
    problem = find_token_problem(nowhere)
    assert problem is not None
    assert "cannot be reached" in problem
    assert "bot.slack_api_url" in problem


def test_many_workspaces_are_well_before_the_first_has_installed_the_app(
    library: Library, many: BotSettings
) -> None:
    assert read_check(library, many) == "ok"
    assert examine_slack(many) == "not installed in any workspace yet: open /slack/install"


def test_a_workspace_whose_token_is_gone_is_doctor_s_to_name_and_does_not_stop_the_others(
    library: Library, slack: SlackServer, many: BotSettings
) -> None:
    slack.workspace.tokens["xoxb-two"] = "T2"
    install(library, many, "T1", BOT_TOKEN)
    install(library, many, "T2", "xoxb-two")
    assert examine_slack(many) == "installed in 2 workspaces, every token is valid"
    slack.workspace.revoked_tokens.add("xoxb-two")
    with pytest.raises(DatelineError) as told:
        examine_slack(many)
    assert str(told.value) == (
        "Team T2: Slack refuses the bot token (token_revoked): install the app there again, at "
        "/slack/install"
    )
    assert read_check(library, many) == "ok"


def test_another_key_is_doctor_s_to_name(library: Library, many: BotSettings) -> None:
    install(library, many, "T1", BOT_TOKEN)
    other = SecretStr(Fernet.generate_key().decode())
    with pytest.raises(DatelineError, match=r"bot\.slack_encryption_key is not the key"):
        examine_slack(many.model_copy(update={"slack_encryption_key": other}))


def test_a_language_that_is_not_one_is_doctor_s_to_name(slack_settings: BotSettings) -> None:
    with pytest.raises(DatelineError, match=r"bot\.slack_dates"):
        examine_slack(slack_settings.model_copy(update={"slack_dates": "klingon"}))
