"""One call of the Web API: who asks, with which arguments, and what is answered."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from tests.slack_server import assistant, chat, streams
from tests.slack_server.arguments import check_arguments, read_arguments
from tests.slack_server.identity import (
    APP,
    APP_TOKEN,
    BOT,
    BOT_USER,
    CLIENT_ID,
    CLIENT_SECRET,
    TEAM,
)
from tests.slack_server.refusal import Refusal
from tests.slack_server.state import Workspace

Method = Callable[[Workspace, dict[str, Any]], dict[str, Any]]

_METHODS: Mapping[str, Method] = {
    "agents.sessions.rename": assistant.rename_session,
    "agents.sessions.setStatus": assistant.set_session_status,
    "assistant.threads.setStatus": assistant.set_status,
    "assistant.threads.setSuggestedPrompts": assistant.set_suggested_prompts,
    "assistant.threads.setTitle": assistant.set_title,
    "chat.appendStream": streams.append_stream,
    "chat.delete": chat.delete,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.startStream": streams.start_stream,
    "chat.stopStream": streams.stop_stream,
    "chat.update": chat.update,
    "conversations.info": assistant.describe_channel,
    "conversations.replies": assistant.read_replies,
    "users.info": assistant.describe_user,
    "views.open": assistant.open_view,
    "views.publish": assistant.publish_view,
    "views.update": assistant.update_view,
}


def call(
    workspace: Workspace, method: str, authorization: str, sent: Mapping[str, Any], socket_url: str
) -> dict[str, Any]:
    """The answer, and what it leaves in the workspace."""
    try:
        return {"ok": True} | _call(workspace, method, authorization, sent, socket_url)
    except Refusal as refusal:
        refused: dict[str, Any] = {"ok": False, "error": refusal.error}
        if refusal.messages:
            refused["response_metadata"] = {"messages": refusal.messages}
        return refused


def _call(
    workspace: Workspace, method: str, authorization: str, sent: Mapping[str, Any], socket_url: str
) -> dict[str, Any]:
    arguments = read_arguments(sent)
    if method == "oauth.v2.access":
        return _grant(workspace, authorization, arguments)
    token = str(arguments.pop("token", "")) or authorization.removeprefix("Bearer ")
    if method == "apps.connections.open":
        if token != APP_TOKEN:
            raise Refusal("invalid_auth")
        return {"url": socket_url}
    team = _find_team(workspace, token)
    if method == "auth.test":
        return _tell_who(team)
    if method not in _METHODS:
        raise Refusal("unknown_method", [method])
    check_arguments(method, arguments)
    return _METHODS[method](workspace, arguments)


def _find_team(workspace: Workspace, token: str) -> str:
    if not token:
        raise Refusal("not_authed")
    if token in workspace.revoked_tokens:
        raise Refusal("token_revoked")
    if token not in workspace.tokens:
        raise Refusal("invalid_auth")
    return workspace.tokens[token]


def _tell_who(team: str) -> dict[str, Any]:
    return {
        "url": "https://example.slack.com/",
        "team": "Example",
        "team_id": team,
        "user": "dateline",
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


def _grant(workspace: Workspace, authorization: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A bot token for a code, once."""
    _check_client(authorization, arguments)
    code = str(arguments.get("code", ""))
    if code not in workspace.oauth_codes:
        raise Refusal("invalid_code")
    team = workspace.oauth_codes.pop(code)
    token = f"xoxb-{team}-{workspace.next_id('')}"
    workspace.tokens[token] = team
    return {
        "app_id": APP,
        "authed_user": {"id": "U1"},
        "scope": ",".join(workspace.scopes),
        "token_type": "bot",
        "access_token": token,
        "bot_user_id": BOT_USER,
        "team": {"id": team, "name": "Example" if team == TEAM else team},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _check_client(authorization: str, arguments: dict[str, Any]) -> None:
    client, secret = arguments.get("client_id", ""), arguments.get("client_secret", "")
    if authorization.startswith("Basic "):
        decoded = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        client, _, secret = decoded.partition(":")
    if client != CLIENT_ID:
        raise Refusal("invalid_client_id")
    if secret != CLIENT_SECRET:
        raise Refusal("bad_client_secret")
