"""Are the tokens good? Bolt answers 200 with a revoked one, so that Slack has to be asked."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web import WebClient

from bot.settings import BotSettings
from bot.slack.manifest import read_scopes

_TIMEOUT_S = 5
# What is lost without each: agents exist on some of Slack's plans alone, and not everybody wants
# to send the bot every message of its channels.
_DISPENSABLE = {
    "assistant:write": "no status line, no suggested prompts",
    "channels:history": "replies in public channels' threads must mention it",
    "groups:history": "replies in private channels' threads must mention it",
}


@dataclass(frozen=True, slots=True)
class TokenFinding:
    """`problem` stands in the way of answering; of `lacking` scopes it does without."""

    problem: str | None
    lacking: tuple[str, ...] = ()

    def describe(self) -> str:
        said = (f"{scope} ({_DISPENSABLE[scope]})" for scope in self.lacking)
        return "the bot token is valid" + (f", without {', '.join(said)}" if self.lacking else "")


def find_token_problem(settings: BotSettings) -> str | None:
    """What is wrong with the token, or None."""
    return examine_token(settings).problem


def examine_token(settings: BotSettings) -> TokenFinding:
    if settings.slack_bot_token is None:
        return TokenFinding("set SLACK_BOT_TOKEN to the bot token (xoxb-…) of your Slack app")
    return _try(settings, settings.slack_bot_token.get_secret_value(), "check SLACK_BOT_TOKEN")


def find_app_token_problem(settings: BotSettings) -> str | None:
    """What is wrong with the token for Socket Mode, or None."""
    cure = "the app-level token (xapp-…) of your Slack app, with the scope connections:write"
    if settings.slack_app_token is None:
        return f"set SLACK_APP_TOKEN to {cure}"
    client = _build_client(settings)
    try:
        client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackApiError as error:
        said = error.response.get("error", "no reason given")
        return f"Slack refuses SLACK_APP_TOKEN ({said}): it must be {cure}"
    except OSError as error:
        return _name_silence(error)
    return None


def find_installation_problems(settings: BotSettings, bots: Iterable[Bot]) -> tuple[str, ...]:
    """One for each workspace whose token is not good."""
    cure = "install the app there again, at /slack/install"
    found = ((bot.team_name or bot.team_id, _try(settings, bot.bot_token, cure)) for bot in bots)
    return tuple(f"{team}: {finding.problem}" for team, finding in found if finding.problem)


def web_api_url(settings: BotSettings) -> str:
    """With the slash that slack-sdk needs."""
    return settings.slack_api_url.rstrip("/") + "/"


def _try(settings: BotSettings, token: str, cure: str) -> TokenFinding:
    client = _build_client(settings, token)
    try:
        headers = client.auth_test().headers
    except SlackApiError as error:
        said = error.response.get("error", "no reason given")
        return TokenFinding(f"Slack refuses the bot token ({said}): {cure}")
    except OSError as error:
        return TokenFinding(_name_silence(error))
    missing = _find_missing_scopes(headers)
    lacking = tuple(scope for scope in missing if scope in _DISPENSABLE)
    if needed := [scope for scope in missing if scope not in _DISPENSABLE]:
        return TokenFinding(
            f"the bot token lacks {', '.join(needed)}: give the app the scopes that "
            "`dateline slack manifest` lists, and install it again",
            lacking,
        )
    return TokenFinding(None, lacking)


def _build_client(settings: BotSettings, token: str | None = None) -> WebClient:
    """What goes wrong is told by whoever asks: slack-sdk would log it beside."""
    unheard = logging.Logger("unheard")
    unheard.addHandler(logging.NullHandler())
    base_url = web_api_url(settings)
    return WebClient(token=token, base_url=base_url, timeout=_TIMEOUT_S, logger=unheard)


def _name_silence(error: OSError) -> str:
    return (
        f"Slack cannot be reached ({type(error).__name__}): check the network and bot.slack_api_url"
    )


def _find_missing_scopes(headers: Mapping[str, str]) -> list[str]:
    """None are missing as far as is known where Slack does not list them."""
    granted = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    if granted is None:
        return []
    return sorted(set(read_scopes()) - {scope.strip() for scope in granted.split(",")})
