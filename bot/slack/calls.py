"""Calls of Slack's Web API: told to wait, they wait; broken in mid-call, nobody knows whether they
took effect, so that only those which may happen twice are made again."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

_PAUSES_S = (0.2, 1.0, 3.0)
_PATIENCE_S = 120.0
_DEFAULT_RETRY_AFTER_S = 1.0
# Slack's own failures, which it reports as errors too.
_FAILURES = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
TOKEN_ERRORS = {
    "invalid_auth",
    "not_authed",
    "token_revoked",
    "token_expired",
    "account_inactive",
    "team_access_not_granted",
}
THREAD_ERRORS = {"thread_not_found", "message_not_found"}
BLOCK_ERRORS = {
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
}

# The name of a refusal, as in `{"ok": false, "error": "expired_url"}` or `expired_url`.
_ERROR_NAME = re.compile(r'^\s*([a-z_]+)\s*$|"error":\s*"([a-z_]+)"')

Send = Callable[[], Awaitable[Any]]


class Refused(Exception):
    """Slack said no, by this name."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class RateLimited(Refused):
    def __init__(self, retry_after_s: float) -> None:
        super().__init__("ratelimited")
        self.retry_after_s = retry_after_s


class Broken(Exception):
    """The connection broke, or Slack failed: the call may have taken effect."""


async def attempt(send: Send) -> Any:
    """One call. Raises Refused, RateLimited or Broken."""
    try:
        return await send()
    except SlackApiError as error:
        raise _translate(error) from error
    except (aiohttp.ClientError, OSError) as error:
        raise Broken(type(error).__name__) from error


async def wait_and_attempt(send: Send) -> Any:
    """One call, made when Slack lets us. Raises Refused; Broken too where it never does."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return await attempt(send)
        except RateLimited as limited:
            if time.monotonic() + limited.retry_after_s > deadline:
                raise Broken(limited.error) from limited
            await asyncio.sleep(limited.retry_after_s)


async def repeat(send: Send) -> Any:
    """A call that may happen twice, until it is through. Raises Refused or Broken."""
    for pause_s in _PAUSES_S:
        try:
            return await wait_and_attempt(send)
        except Broken:
            await asyncio.sleep(pause_s)
    return await wait_and_attempt(send)


async def call_once(send: Send, find: Callable[[], Awaitable[str | None]]) -> str:
    """The `ts` of a message that is posted once: after a broken call `find` is asked whether it
    is there. Raises Refused or Broken."""
    for pause_s in _PAUSES_S:
        try:
            return str((await wait_and_attempt(send))["ts"])
        except Broken:
            await asyncio.sleep(pause_s)
            if found := await find():
                return found
    return str((await wait_and_attempt(send))["ts"])


def check_response(status: int, body: str, headers: Any) -> None:
    """Of a `response_url`, which tells an error's name in JSON or bare. Raises as `attempt`."""
    if status != 200:
        found = _ERROR_NAME.search(body)
        raise _name(status, found[found.lastindex or 0] if found else "", headers)


def _translate(error: SlackApiError) -> Exception:
    response = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    content = getattr(response, "data", None)
    name = str(content.get("error", "")) if isinstance(content, dict) else ""
    return _name(status, name, getattr(response, "headers", {}))


def _name(status: int, name: str, headers: Any) -> Exception:
    if status == 429 or name in ("ratelimited", "rate_limited"):
        return RateLimited(_read_retry_after(headers))
    if status >= 500 or name in _FAILURES or not name:
        return Broken(name or f"status {status}")
    return Refused(name)


def _read_retry_after(headers: Any) -> float:
    given = {str(name).lower(): value for name, value in dict(headers).items()}
    try:
        return max(0.0, float(given["retry-after"]))
    except (KeyError, TypeError, ValueError):
        return _DEFAULT_RETRY_AFTER_S
