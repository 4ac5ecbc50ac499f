"""What serving many workspaces takes: how they install the app, and as whom to answer each."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from sqlalchemy import delete, insert

from bot.settings import BotSettings
from bot.slack.calls import Refused
from bot.slack.encryption import read_cipher
from bot.slack.install_flow import STATE_LIFETIME_S, InstallFlow, build_flow
from bot.slack.installations import Installations
from bot.slack.workspaces import Workspace, build_client
from retrieval.database import Database
from retrieval.errors import SettingsError
from retrieval.tables import slack_oauth_states

_TOGETHER = ("slack_client_id", "slack_client_secret", "slack_encryption_key")


@dataclass(frozen=True, slots=True)
class OAuth:
    """What a bolt app needs to serve many workspaces."""

    flow: InstallFlow
    workspaces: ManyWorkspaces
    installations: Installations


def open_oauth(settings: BotSettings, database: Database) -> OAuth | None:
    """None where one workspace is served by its token.

    Raises SettingsError where the settings are not whole, or the key is not the one that the
    stored tokens were encrypted with.
    """
    if settings.slack_workspaces != "many":
        return None
    client_id, secret, keys = (
        settings.slack_client_id,
        settings.slack_client_secret,
        settings.slack_encryption_key,
    )
    if client_id is None or secret is None or keys is None:
        missing = [f"bot.{name}" for name in _TOGETHER if getattr(settings, name) is None]
        raise SettingsError(
            f"to serve many workspaces set {' and '.join(missing)} too (docs/slack.md)"
        )
    if settings.slack_bot_token is not None:
        raise SettingsError(
            "set either SLACK_BOT_TOKEN, for one workspace, or bot.slack_client_id, for many"
        )
    installations = Installations(database, client_id, read_cipher(keys))
    installations.encrypt_anew()
    return OAuth(
        flow=build_flow(client_id, secret.get_secret_value(), installations, States(database)),
        workspaces=ManyWorkspaces(settings, installations),
        installations=installations,
    )


class ManyWorkspaces(AsyncAuthorize):
    """Each with the token that was stored when it installed the app."""

    def __init__(self, settings: BotSettings, installations: Installations) -> None:
        self._settings = settings
        self._installations = installations

    async def find(self, team: str) -> Workspace:
        """Raises Refused where the team has not installed the app, or removed it."""
        bot = await self._installations.find(team)
        if bot is None:
            raise Refused("account_inactive")
        return Workspace(build_client(self._settings, bot.bot_token), bot.bot_user_id)

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_request: object
    ) -> AuthorizeResult | None:
        """For bolt, before each event: from what is stored, without asking Slack."""
        bot = None if team_id is None else await self._installations.find(team_id)
        if bot is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=bot.bot_user_id,
            bot_id=bot.bot_id,
            bot_token=bot.bot_token,
        )


class States(AsyncOAuthStateStore):
    """Tells a return from Slack that was begun here, once, from every other."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def async_issue(self, *_: Any, **__: Any) -> str:
        return await asyncio.to_thread(self._issue)

    async def async_consume(self, state: str) -> bool:
        return await asyncio.to_thread(self._consume, state)

    def _issue(self) -> str:
        state, now = secrets.token_urlsafe(32), int(time.time())
        row = {"state": state, "expires_at": now + STATE_LIFETIME_S}
        table = slack_oauth_states
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.expires_at <= now))
            connection.execute(insert(table).values(row))
        return state

    def _consume(self, state: str) -> bool:
        """Of two that come at once, one deletes the row."""
        table = slack_oauth_states
        known = (table.c.state == state) & (table.c.expires_at > int(time.time()))
        with self._database.write() as connection:
            return connection.execute(delete(table).where(known)).rowcount == 1
