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
# What each type of payload is about, and the text in it by which bolt finds its listener.
_PARTS = {
    "event_callback": ("event", "type"),
    "block_actions": ("actions", "action_id"),
    "view_submission": ("view", "callback_id"),
    "view_closed": ("view", "callback_id"),
    "message_action": ("message", "ts"),
}
_SHORTCUTS = {"message_action", "shortcut"}


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
    if kind in _SHORTCUTS and not isinstance(payload.get("callback_id"), str):
        raise UnreadableRequest
    if kind in _PARTS:
        name, known_by = _PARTS[kind]
        parts = payload.get(name) if name == "actions" else [payload.get(name)]
        if not (isinstance(parts, list) and parts):
            raise UnreadableRequest
        for part in parts:
            if not (isinstance(part, dict) and isinstance(part.get(known_by), str)):
                raise UnreadableRequest
