"""Events as Slack delivers them."""

from __future__ import annotations

import time
from typing import Any

from tests.slack_server.identity import APP, BOT_USER, TEAM


def build_event(event: dict[str, Any], event_id: str = "Ev1", team: str = TEAM) -> dict[str, Any]:
    """What Slack delivers around an event."""
    return {
        "token": "verification-token",
        "type": "event_callback",
        "team_id": team,
        "context_team_id": team,
        "api_app_id": APP,
        "event_id": event_id,
        "event_time": int(time.time()),
        "event_context": f"4-{event_id}",
        "is_ext_shared_channel": False,
        "authorizations": [
            {"enterprise_id": None, "team_id": team, "user_id": BOT_USER, "is_bot": True}
        ],
        "event": event,
    }


def build_mention(text: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "app_mention",
        "user": "U1",
        "text": f"<@{BOT_USER}> {text}",
        "channel": "C1",
        "ts": "100.1",
        **more,
    }


def build_message(text: str, **more: Any) -> dict[str, Any]:
    """In a channel; with `thread_ts` in a thread."""
    return {
        "type": "message",
        "channel_type": "channel",
        "user": "U1",
        "text": text,
        "channel": "C1",
        "ts": "100.1",
        **more,
    }


def build_direct_message(text: str, **more: Any) -> dict[str, Any]:
    return build_message(text, **{"channel_type": "im", "channel": "D1"} | more)


def build_edit(text: str, **more: Any) -> dict[str, Any]:
    """A person changed the message of 100.1 to this text."""
    edited = {"type": "message", "user": "U1", "text": text, "ts": "100.1"}
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": "D1",
        "channel_type": "im",
        "ts": "100.2",
        "message": edited | {"edited": {"user": "U1", "ts": "100.2"}},
        "previous_message": edited | {"text": "before"},
        **more,
    }


def build_deletion(**more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "channel": "D1",
        "channel_type": "im",
        "ts": "100.2",
        "deleted_ts": "100.1",
        **more,
    }


def build_join(user: str = "U2", **more: Any) -> dict[str, Any]:
    text = f"<@{user}> has joined the channel"
    return build_message(text, **{"subtype": "channel_join", "user": user} | more)


def build_bot_message(text: str, **more: Any) -> dict[str, Any]:
    """Of another app's bot: newer ones carry no subtype, but a `bot_id` and a profile."""
    profile = {"id": "B9", "app_id": "A9", "name": "another", "team_id": TEAM}
    given = {"bot_id": "B9", "app_id": "A9", "user": "UBOT9", "bot_profile": profile}
    return build_message(text, **given | more)


def build_home_opened(tab: str = "messages", **more: Any) -> dict[str, Any]:
    return {
        "type": "app_home_opened",
        "user": "U1",
        "channel": "D1",
        "tab": tab,
        "event_ts": "100.1",
        **more,
    }


def build_thread_started(**more: Any) -> dict[str, Any]:
    thread = {"user_id": "U1", "channel_id": "D1", "thread_ts": "100.1", "context": {}}
    return {
        "type": "assistant_thread_started",
        "assistant_thread": thread | more,
        "event_ts": "100.1",
    }


def build_session_stopped(
    streaming: list[str] | None = None, thread_ts: str = "100.1", **more: Any
) -> dict[str, Any]:
    """Somebody pressed Slack's stop button."""
    return {
        "type": "agent_session_stopped",
        "channel": "D1",
        "thread_ts": thread_ts,
        "user": "U1",
        "streaming_message_ts": streaming or [],
        "event_ts": "100.9",
        **more,
    }


def build_uninstalled() -> dict[str, Any]:
    return {"type": "app_uninstalled"}


def build_tokens_revoked() -> dict[str, Any]:
    return {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}}
