"""What people do with the app, as Slack delivers it: commands, clicks, modals, shortcuts."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

from tests.slack_server.identity import APP, BOT, TEAM
from tests.slack_server.state import Message

_triggers = itertools.count(1)


def build_slash_command(text: str, response_url: str, **more: Any) -> dict[str, Any]:
    return {
        "token": "verification-token",
        "team_id": TEAM,
        "team_domain": "example",
        "channel_id": "C1",
        "channel_name": "general",
        "user_id": "U1",
        "user_name": "u1",
        "command": "/ask",
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": build_trigger(),
        **more,
    }


def build_block_actions(
    action: dict[str, Any],
    message: Message | None = None,
    response_url: str = "https://example.org/unused",
    **more: Any,
) -> dict[str, Any]:
    """A click: `action` is `{"action_id": …, "type": …, "value": …}` of what stands in a block."""
    channel = message.channel if message else "C1"
    payload = _build_interaction("block_actions") | {
        "actions": [{"block_id": "b1", "action_ts": "100.9"} | action],
        "channel": {"id": channel, "name": "general"},
        "response_url": response_url,
        "state": {"values": {}},
    }
    if message is not None:
        ephemeral = message.ephemeral_to is not None
        place = {"message_ts": message.ts, "channel_id": channel, "is_ephemeral": ephemeral}
        payload["container"] = {"type": "message", **place}
        if message.thread_ts:
            payload["container"]["thread_ts"] = message.thread_ts
        if not ephemeral:
            # Of an ephemeral message Slack tells no more than where it stood.
            payload["message"] = _describe(message)
    return payload | more


def build_view_submission(
    view: dict[str, Any], values: dict[str, Any], view_id: str = "V1", **more: Any
) -> dict[str, Any]:
    """`values` by block_id and action_id, as `view.state.values` has them."""
    submitted = view | {"id": view_id, "hash": "h1", "state": {"values": values}}
    return _build_interaction("view_submission") | {"view": submitted, "response_urls": []} | more


def build_message_shortcut(
    callback_id: str, message: dict[str, Any], response_url: str, channel: str = "C1", **more: Any
) -> dict[str, Any]:
    """`message` is that on which the shortcut was chosen, such as `build_message` makes."""
    return (
        _build_interaction("message_action")
        | {
            "callback_id": callback_id,
            "action_ts": "100.9",
            "message_ts": message["ts"],
            "message": message,
            "channel": {"id": channel, "name": "general"},
            "response_url": response_url,
        }
        | more
    )


def build_trigger() -> str:
    """Good for one modal within three seconds."""
    return f"{int(time.time() * 1000)}.{next(_triggers)}.{'0' * 8}"


def _build_interaction(kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "token": "verification-token",
        "team": {"id": TEAM, "domain": "example"},
        "user": {"id": "U1", "username": "u1", "name": "u1", "team_id": TEAM},
        "api_app_id": APP,
        "is_enterprise_install": False,
        "enterprise": None,
        "trigger_id": build_trigger(),
    }


def _describe(message: Message) -> dict[str, Any]:
    told = {
        "type": "message",
        "user": message.user,
        "bot_id": BOT,
        "text": message.text,
        "ts": message.ts,
        "blocks": json.loads(json.dumps(message.blocks)),
    }
    return told | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
