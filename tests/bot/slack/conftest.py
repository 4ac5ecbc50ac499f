"""Settings that point at Slack's stand-in."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from bot.settings import BotSettings
from tests.slack_server import BOT_TOKEN, SIGNING_SECRET, SlackServer


@pytest.fixture
def slack_settings(slack: SlackServer) -> BotSettings:
    return BotSettings(
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_api_url=slack.api_url,
    )
