"""Put the parts of the Slack bot together, for Socket Mode and for HTTP alike."""

from __future__ import annotations

from dataclasses import dataclass

from bot.service import Service
from bot.settings import BotSettings
from bot.slack.app import SlackBot
from bot.slack.channels import ChannelPolicy
from bot.slack.installations import Installations
from bot.slack.oauth import open_oauth
from bot.slack.token import find_token_problem
from retrieval.errors import DatelineError
from retrieval.opening import Library


@dataclass(frozen=True, slots=True)
class Slack:
    bot: SlackBot
    settings: BotSettings
    installations: Installations | None

    def find_problem(self) -> str | None:
        """What stands in the way of answering. One workspace of many does not, for the others."""
        if self.installations is None:
            return find_token_problem(self.settings)
        try:
            list(self.installations)
        except DatelineError as error:
            return str(error)
        return None


def open_slack(library: Library, service: Service, settings: BotSettings) -> Slack:
    """Raises SettingsError."""
    oauth = open_oauth(settings, library.database)
    policy = ChannelPolicy.of(settings)
    bot = SlackBot(settings, service, library, policy=policy, oauth=oauth)
    return Slack(bot, settings, None if oauth is None else oauth.installations)
