"""A request that Slack signed, read for bolt; what is none of Slack's shapes is unreadable."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from slack_bolt.async_app import AsyncBoltRequest

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
# What a form is sent for: a click or a modal, a command, a look at the certificate.
_FORMS = {"payload", "command", "ssl_check"}
# What each type of payload is about, without which bolt fails.
_PARTS = {
    "event_callback": "event",
    "block_actions": "actions",
    "view_submission": "view",
    "view_closed": "view",
    "message_action": "message",
}
# What bolt finds the listener of a click or a window by.
_NAMES = {
    "block_actions": "action_id",
    "view_submission": "callback_id",
    "view_closed": "callback_id",
    "message_action": "callback_id",
    "shortcut": "callback_id",
}


class UnreadableRequest(ValueError):
    """The body is neither of the two that Slack sends: a JSON object, or a form."""


def read_request(request: Request, body: bytes) -> AsyncBoltRequest:
    """Raises UnreadableRequest.

    Read here and not by bolt, which fails on what is malformed, and which takes every form that
    has the word `payload` in it, a question in `/ask` too, for a click.
    """
    try:
        payload = _read_payload(body.decode(), request.headers.get("content-type", ""))
        _check_shape(payload)
        # Its signature was checked: bolt need not, as in Socket Mode, where it takes read bodies.
        return AsyncBoltRequest(
            body=payload,
            query=dict(request.query_params),
            headers=dict(request.headers),
            mode="socket_mode",
        )
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise UnreadableRequest from error


def _read_payload(body: str, content_type: str) -> dict[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _FORM:
        fields = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
        if "payload" not in fields and _FORMS & fields.keys():
            return fields
        payload = json.loads(fields["payload"])
    elif kind == _JSON:
        payload = json.loads(body)
    else:
        raise UnreadableRequest
    if not isinstance(payload, dict) or not isinstance(payload.get("type"), str):
        raise UnreadableRequest
    return payload


def _check_shape(payload: dict[str, Any]) -> None:
    kind = payload.get("type", "")
    parts: Any = [payload]
    if name := _PARTS.get(kind):
        parts = payload.get(name) if name == "actions" else [payload.get(name)]
        if not (isinstance(parts, list) and parts and all(isinstance(one, dict) for one in parts)):
            raise UnreadableRequest
    if named := _NAMES.get(kind):
        holders = [payload] if kind == "message_action" else parts
        if not all(isinstance(holder.get(named), str) for holder in holders):
            raise UnreadableRequest
