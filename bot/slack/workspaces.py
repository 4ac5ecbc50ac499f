"""The workspaces that the bot is in: with which token it speaks there, and as whom."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import BotSettings
from bot.slack.calls import Refused, repeat
from bot.slack.token import web_api_url
from retrieval.errors import SettingsError

INSTALL_AGAIN = (
    "install the app again, set SLACK_BOT_TOKEN to its new token (xoxb-…) and start again"
)
INSTALL_THERE_AGAIN = "install the app there again, at /slack/install"
_TIMEOUT_S = 10
_log = logging.getLogger(__name__)


class TokenReport:
    """Says once what is wrong with a workspace's token: whatever is asked there from then on fails
    the same way."""

    def __init__(self, cure: str) -> None:
        self._cure = cure
        self._said: set[tuple[str, str]] = set()

    def say(self, team: str, error: str) -> None:
        if (team, error) not in self._said:
            self._said.add((team, error))
            _log.error(
                "Slack refuses the bot token of workspace %s (%s), and nothing can be answered "
                "there: %s",
                team,
                error,
                self._cure,
            )


@dataclass(frozen=True, slots=True)
class Workspace:
    client: AsyncWebClient
    bot_user: str | None


class Workspaces(Protocol):
    async def find(self, team: str) -> Workspace:
        """Raises Refused where the token is not good, or Broken."""
        ...


class OneWorkspace(AsyncAuthorize):
    """The workspace of the one token in the settings. Raises SettingsError without it."""

    def __init__(self, settings: BotSettings, report: TokenReport) -> None:
        if settings.slack_bot_token is None:
            raise SettingsError("set SLACK_BOT_TOKEN to the bot token (xoxb-…) of your Slack app")
        token = settings.slack_bot_token.get_secret_value()
        self._client = build_client(settings, token)
        self._report = report
        self._identity: AuthorizeResult | None = None

    async def find(self, team: str) -> Workspace:
        del team
        identity = await self._identify()
        return Workspace(self._client, identity.bot_user_id)

    async def __call__(
        self, *, team_id: str | None = None, **_request: object
    ) -> AuthorizeResult | None:
        """For bolt, before each event. It is asked of Slack once: bolt would ask blindly, and
        drop the event where the connection breaks."""
        try:
            return await self._identify()
        except Refused as refused:
            self._report.say(str(team_id), refused.error)
            return None

    async def _identify(self) -> AuthorizeResult:
        if self._identity is None:
            told = await repeat(self._client.auth_test)
            self._identity = AuthorizeResult(
                enterprise_id=told.get("enterprise_id"),
                team_id=told.get("team_id"),
                bot_user_id=told.get("user_id"),
                bot_id=told.get("bot_id"),
                bot_token=self._client.token,
            )
        return self._identity


def build_client(settings: BotSettings, token: str | None) -> AsyncWebClient:
    """Retries nothing by itself: a call that broke may have taken effect."""
    return AsyncWebClient(
        token=token,
        base_url=web_api_url(settings),
        timeout=_TIMEOUT_S,
        retry_handlers=[],
    )
