"""The workspaces that have installed the app, each with a token of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

from cryptography.fernet import MultiFernet
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from sqlalchemy import ColumnElement, Engine, Select, and_, delete, func, select, update

from bot.slack.encryption import EncryptedText
from bot.slack.forgetting import forget_team
from retrieval.database import Database

_SECRETS = ("bot_token", "bot_refresh_token")
_log = logging.getLogger(__name__)


class Installations(AsyncInstallationStore):
    """Of each workspace the newest bot token, and nothing of who installed it."""

    def __init__(self, database: Database, client_id: str, cipher: MultiFernet) -> None:
        self._database = database
        self._store = _EncryptedStore(client_id, database.writing, cipher)

    def __iter__(self) -> Iterator[Bot]:
        """Raises SettingsError where the key does not fit."""
        bots = self._store.bots
        mine = select(bots).where(bots.c.client_id == self._store.client_id)
        return self._read(mine.order_by(bots.c.installed_at))

    def encrypt_anew(self) -> None:
        """Encrypt every token with the first key, so that the others can go.

        Raises SettingsError where the key does not fit.
        """
        bots = self._store.bots
        with self._database.write() as connection:
            for row in connection.execute(select(bots.c.id, *bots.c[_SECRETS])).mappings().all():
                changed = update(bots).where(bots.c.id == row["id"])
                connection.execute(changed.values({name: row[name] for name in _SECRETS}))

    async def find(self, team: str) -> Bot | None:
        """Raises SettingsError where the key does not fit."""
        newest = self._store.bots.c.installed_at.desc()
        query = select(self._store.bots).where(self._belongs_to(team)).order_by(newest).limit(1)
        found = await asyncio.to_thread(self._read, query)
        return next(found, None)

    async def async_save(self, installation: Installation) -> None:
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """In place of what the workspace had: an old token is of no use."""
        await asyncio.to_thread(self._replace, bot)

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        del enterprise_id
        await asyncio.to_thread(self._delete, self._belongs_to(team_id))

    async def async_delete_installation(self, **_who: Any) -> None:
        """Users' own tokens are neither asked for nor kept."""

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """The workspace has removed the app: what was said there goes too."""
        await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)
        if team_id is not None:
            await asyncio.to_thread(forget_team, self._database, team_id)

    def _read(self, query: Select[Any]) -> Iterator[Bot]:
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return map(self._store.build_bot_entity, rows)

    def _replace(self, bot: Bot) -> None:
        self._store.save_bot(bot)
        bots, of_team = self._store.bots, self._belongs_to(bot.team_id)
        newest = select(func.max(bots.c.installed_at)).where(of_team).scalar_subquery()
        self._delete(of_team & (bots.c.installed_at < newest))

    def _delete(self, which: ColumnElement[bool]) -> None:
        with self._database.write() as connection:
            connection.execute(delete(self._store.bots).where(which))

    def _belongs_to(self, team: str | None) -> ColumnElement[bool]:
        columns = self._store.bots.c
        return and_(columns.client_id == self._store.client_id, columns.team_id == team)


class _EncryptedStore(SQLAlchemyInstallationStore):
    def __init__(self, client_id: str, engine: Engine, cipher: MultiFernet) -> None:
        super().__init__(client_id, engine, logger=_log)
        for name in _SECRETS:
            self.bots.c[name].type = EncryptedText(cipher)
