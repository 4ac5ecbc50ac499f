"""Is the bot token good? Bolt answers 200 with a revoked one, so that Slack has to be asked."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.settings import BotSettings

_TIMEOUT_S = 5


def find_token_problem(settings: BotSettings) -> str | None:
    """What is wrong with the token, or None."""
    if settings.slack_bot_token is None:
        return "set SLACK_BOT_TOKEN to the bot token (xoxb-…) of your Slack app"
    client = WebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=web_api_url(settings),
        timeout=_TIMEOUT_S,
    )
    try:
        client.auth_test()
    except (SlackApiError, OSError) as error:
        return f"Slack refuses the bot token ({type(error).__name__}): check SLACK_BOT_TOKEN"
    return None


def web_api_url(settings: BotSettings) -> str:
    """With the slash that slack-sdk needs."""
    return settings.slack_api_url.rstrip("/") + "/"
