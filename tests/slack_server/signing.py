"""Requests as Slack signs and sends them to an app's address."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.slack_server.identity import SIGNING_SECRET

_FORM = "application/x-www-form-urlencoded"


def sign(
    body: bytes, timestamp: str | None = None, content_type: str = "application/json"
) -> dict[str, str]:
    """The headers with which Slack signs a body."""
    timestamp = timestamp or str(int(time.time()))
    signed = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(SIGNING_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return {
        "content-type": content_type,
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={digest}",
    }


def build_request(payload: dict[str, Any], retry_num: int = 0) -> tuple[bytes, dict[str, str]]:
    """Body and headers: events as JSON; commands, clicks and modals as forms."""
    body, content_type = _encode(payload)
    headers = sign(body, content_type=content_type)
    if retry_num:
        headers |= {"x-slack-retry-num": str(retry_num), "x-slack-retry-reason": "http_timeout"}
    return body, headers


def post(url: str, payload: dict[str, Any], retry_num: int = 0) -> httpx.Response:
    """Sends it to `…/slack/events`; an app has three seconds for its answer."""
    body, headers = build_request(payload, retry_num)
    return httpx.post(url, content=body, headers=headers, timeout=3.0, trust_env=False)


def kind_of(payload: dict[str, Any]) -> str:
    """The type of a Socket Mode envelope around it."""
    if payload.get("type") == "event_callback":
        return "events_api"
    return "slash_commands" if "command" in payload else "interactive"


def _encode(payload: dict[str, Any]) -> tuple[bytes, str]:
    match kind_of(payload):
        case "slash_commands":
            return urlencode(payload).encode(), _FORM
        case "interactive":
            return urlencode({"payload": json.dumps(payload)}).encode(), _FORM
        case _:
            return json.dumps(payload).encode(), "application/json"
