"""The workspaces that have installed the app, each with a token of its own, and how they do so."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import MultiFernet
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from sqlalchemy import Engine, delete, insert, select, update

from bot.settings import BotSettings
from bot.slack.calls import Refused
from bot.slack.encryption import EncryptedText, read_cipher
from bot.slack.install_flow import STATE_LIFETIME_S, InstallFlow, build_flow
from bot.slack.workspaces import Workspace, build_client
from retrieval.database import Database
from retrieval.errors import SettingsError
from retrieval.tables import slack_oauth_states

_SECRETS = ("bot_token", "bot_refresh_token")
_TOGETHER = ("slack_client_id", "slack_client_secret", "slack_encryption_key")
_log = logging.getLogger(__name__)


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


class Installations(AsyncInstallationStore):
    """Of each workspace the newest bot token, and nothing of who installed it."""

    def __init__(self, database: Database, client_id: str, cipher: MultiFernet) -> None:
        self._reading = _EncryptedStore(client_id, database.reading, cipher)
        self._writing = _EncryptedStore(client_id, database.writing, cipher)

    def __iter__(self) -> Iterator[Bot]:
        """Raises SettingsError where the key does not fit."""
        bots = self._reading.bots
        with self._reading.engine.connect() as connection:
            rows = connection.execute(select(bots).order_by(bots.c.installed_at)).mappings().all()
        return map(self._reading.build_bot_entity, rows)

    def encrypt_anew(self) -> None:
        """Encrypt every token with the first key, so that the others can go.

        Raises SettingsError where the key does not fit.
        """
        bots = self._writing.bots
        with self._writing.engine.begin() as connection:
            for row in connection.execute(select(bots.c.id, *bots.c[_SECRETS])).mappings().all():
                changed = update(bots).where(bots.c.id == row["id"])
                connection.execute(changed.values({name: row[name] for name in _SECRETS}))

    async def find(self, team: str) -> Bot | None:
        """Raises SettingsError where the key does not fit."""
        return await asyncio.to_thread(self._find, team)

    def _find(self, team: str) -> Bot | None:
        bots = self._reading.bots
        newest = select(bots).where(bots.c.team_id == team).order_by(bots.c.installed_at.desc())
        with self._reading.engine.connect() as connection:
            row = connection.execute(newest.limit(1)).mappings().one_or_none()
        return None if row is None else self._reading.build_bot_entity(row)

    async def async_save(self, installation: Installation) -> None:
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """In place of what the workspace had: an old token is of no use."""
        await self.async_delete_bot(enterprise_id=bot.enterprise_id, team_id=bot.team_id)
        await asyncio.to_thread(self._writing.save_bot, bot)

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await asyncio.to_thread(
            self._writing.delete_bot, enterprise_id=enterprise_id, team_id=team_id
        )

    async def async_delete_installation(self, **_who: Any) -> None:
        """Users' own tokens are neither asked for nor kept."""


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


class _EncryptedStore(SQLAlchemyInstallationStore):
    def __init__(self, client_id: str, engine: Engine, cipher: MultiFernet) -> None:
        super().__init__(client_id, engine, logger=_log)
        for name in _SECRETS:
            self.bots.c[name].type = EncryptedText(cipher)
