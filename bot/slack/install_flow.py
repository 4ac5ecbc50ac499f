"""`/slack/install` and `/slack/oauth_redirect`: to Slack and back, and what is said then."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from html import escape

from aiohttp import ClientError
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth import OAuthStateUtils
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.slack.manifest import INSTALL_PATH, REDIRECT_PATH, read_scopes
from retrieval.errors import DatelineError

STATE_LIFETIME_S = 600

_log = logging.getLogger(__name__)
# Bolt would write the code that Slack sent along with what is wrong with it.
_bolt_log = logging.getLogger(f"{__name__}.bolt")
_bolt_log.setLevel(logging.ERROR)

_CODE = re.compile(r"[a-z_]{1,40}")
_AGAIN = f'Start again at <a href="{INSTALL_PATH.rpartition("/")[2]}">{INSTALL_PATH}</a>.'
_REASONS = {
    "access_denied": f"The installation was cancelled in Slack; nothing was stored. {_AGAIN}",
    "invalid_browser": "The installation started in another browser, or without https://, or its "
    f"cookie is gone. {_AGAIN}",
    "invalid_state": f"The installation has already finished, or started too long ago. {_AGAIN}",
    "missing_code": f"Slack sent no code. {_AGAIN}",
    "invalid_code": f"Slack did not confirm the installation. {_AGAIN} If that does not help, "
    "whoever runs this server should check bot.slack_client_id, bot.slack_client_secret and the "
    "redirect URL in the app's settings.",
    "storage_error": "The installation could not be saved: the server's log says why.",
}


class InstallFlow(AsyncOAuthFlow):
    """Bolt's, with nothing of the address taken over into Slack's, and every failure told."""

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        del request
        return str(self.settings.authorize_url_generator.generate(state=state))

    async def run_installation(self, code: str) -> Installation | None:
        """None where Slack does not take the code, or cannot be asked."""
        try:
            return await super().run_installation(code)
        except (ClientError, TimeoutError, OSError) as error:
            _log.error("Slack cannot be asked to confirm an installation: %r", error)
            return None

    async def store_installation(
        self, request: AsyncBoltRequest, installation: Installation
    ) -> None:
        """Raises BoltError."""
        try:
            await super().store_installation(request, installation)
        except DatelineError as error:
            _log.error("an installation could not be kept: %s", error)
            raise BoltError("storage") from error


def build_flow(
    client_id: str,
    client_secret: str,
    installations: AsyncInstallationStore,
    states: AsyncOAuthStateStore,
) -> InstallFlow:
    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=read_scopes(),
        user_scopes=(),
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        install_page_rendering_enabled=False,
        installation_store=installations,
        installation_store_bot_only=True,
        state_store=states,
        state_expiration_seconds=STATE_LIFETIME_S,
        callback_options=AsyncCallbackOptions(success=_succeed, failure=_fail),
        logger=_bolt_log,
    )
    return InstallFlow(settings=settings, logger=_bolt_log)


async def _succeed(args: AsyncSuccessArgs) -> BoltResponse:
    team = escape(args.installation.team_name or "the workspace")
    return _respond(
        200,
        f"Dateline is installed in {team}",
        "Mention it in a channel that it was invited to, send it a direct message, or use /ask.",
    )


async def _fail(args: AsyncFailureArgs) -> BoltResponse:
    reason = args.reason if _CODE.fullmatch(args.reason) else "an unknown error"
    _log.warning("an installation in Slack failed: %s", reason)
    told = _REASONS.get(reason, f"Slack says: {reason}. {_AGAIN}")
    return _respond(max(args.suggested_status_code, 400), "Dateline is not installed", told)


def _respond(status: int, heading: str, html: str) -> BoltResponse:
    """A page without styles or scripts, none of which it may load."""
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{heading}</title>'
        f"<h1>{heading}</h1><p>{html}</p></html>"
    )
    headers: dict[str, str | Sequence[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Set-Cookie": OAuthStateUtils().build_set_cookie_for_deletion(),
    }
    return BoltResponse(status=status, headers=headers, body=page)
