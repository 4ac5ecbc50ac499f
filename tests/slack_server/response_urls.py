"""What is posted to a `response_url`: five times within half an hour."""

from __future__ import annotations

from typing import Any

from tests.slack_server.chat import build_message, check_content, edit
from tests.slack_server.refusal import Refusal
from tests.slack_server.state import ResponseUrl, Workspace

_LIFE_S = 30 * 60
_FIELDS = {
    "text", "blocks", "attachments", "response_type", "replace_original", "delete_original",
    "unfurl_links", "unfurl_media", "thread_ts", "metadata", "mrkdwn",
}  # fmt: skip


def issue(workspace: Workspace, channel: str, user: str, message_ts: str | None) -> str:
    """The key of a new one."""
    key = workspace.next_id("R")
    workspace.response_urls[key] = ResponseUrl(
        channel, user, workspace.now() + _LIFE_S, message_ts=message_ts
    )
    return key


def respond(workspace: Workspace, key: str, body: dict[str, Any]) -> None:
    """Raises Refusal."""
    url = workspace.response_urls.get(key)
    if url is None or workspace.now() > url.expires_at:
        raise Refusal("expired_url")
    if url.uses_left == 0:
        raise Refusal("used_url")
    given = {name: value for name, value in body.items() if value is not None}
    if unknown := given.keys() - _FIELDS:
        raise Refusal("invalid_payload", [f"unknown fields: {sorted(unknown)}"])
    original = workspace.find(url.channel, url.message_ts) if url.message_ts else None
    if given.get("delete_original"):
        if original is not None:
            workspace.remove(original)
    elif given.get("replace_original") and original is not None:
        check_content(given)
        edit(original, {"blocks": []} | given)
    else:
        check_content(given)
        private = given.get("response_type", "ephemeral") == "ephemeral"
        arguments = given | {"channel": url.channel}
        workspace.add(build_message(workspace, arguments, url.user if private else None))
    url.uses_left -= 1
