"""Are the tokens good? Bolt answers 200 with a revoked one, so that Slack has to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web import WebClient

from bot.settings import BotSettings
from bot.slack.manifest import read_scopes

_TIMEOUT_S = 5


def find_token_problem(settings: BotSettings) -> str | None:
    """What is wrong with the token, or None."""
    if settings.slack_bot_token is None:
        return "set SLACK_BOT_TOKEN to the bot token (xoxb-…) of your Slack app"
    return _try(settings, settings.slack_bot_token.get_secret_value(), "check SLACK_BOT_TOKEN")


def find_installation_problems(settings: BotSettings, bots: Iterable[Bot]) -> tuple[str, ...]:
    """One for each workspace whose token is not good."""
    cure = "install the app there again, at /slack/install"
    tried = ((bot.team_name or bot.team_id, _try(settings, bot.bot_token, cure)) for bot in bots)
    return tuple(f"{team}: {problem}" for team, problem in tried if problem)


def web_api_url(settings: BotSettings) -> str:
    """With the slash that slack-sdk needs."""
    return settings.slack_api_url.rstrip("/") + "/"


def _try(settings: BotSettings, token: str, cure: str) -> str | None:
    client = WebClient(token=token, base_url=web_api_url(settings), timeout=_TIMEOUT_S)
    try:
        headers = client.auth_test().headers
    except SlackApiError as error:
        said = error.response.get("error", "no reason given")
        return f"Slack refuses the bot token ({said}): {cure}"
    except OSError as error:
        return (
            f"Slack cannot be reached ({type(error).__name__}): check the network and "
            "bot.slack_api_url"
        )
    if missing := _find_missing_scopes(headers):
        return (
            f"the bot token lacks {', '.join(missing)}: give the app the scopes that "
            "`dateline slack manifest` lists, and install it again"
        )
    return None


def _find_missing_scopes(headers: Mapping[str, str]) -> list[str]:
    """None are missing as far as is known where Slack does not list them."""
    granted = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    if granted is None:
        return []
    return sorted(set(read_scopes()) - {scope.strip() for scope in granted.split(",")})
