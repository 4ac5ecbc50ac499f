"""The arguments that each method takes, as the signatures of slack-sdk's client tell."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server.refusal import Refusal

# Structures that are sent as JSON in a form.
_STRUCTURES = (
    "attachments", "blocks", "chunks", "loading_messages", "metadata", "prompts", "view",
)  # fmt: skip
# Sent by the client in its headers.
_IN_HEADERS = {"app_token", "client_id", "client_secret"}
# Sent along by bolt's client with every call.
_ANYWHERE = {"team_id"}


def read_arguments(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, with the JSON in a form's fields parsed."""
    arguments = dict(sent)
    for name in _STRUCTURES:
        if isinstance(arguments.get(name), str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError:
                if name == "blocks":
                    raise Refusal("invalid_blocks_format") from None
                raise Refusal("invalid_arguments", [f"{name} is no JSON"]) from None
    return arguments


def check_arguments(method: str, arguments: Mapping[str, Any]) -> None:
    """Raises Refusal where one is unknown, missing or empty."""
    allowed, required = _read_signature(method)
    faults = [
        f"[ERROR] unknown argument: {name}"
        for name in sorted(arguments.keys() - allowed - _ANYWHERE)
    ]
    faults += [
        f"[ERROR] missing required field: {name}"
        for name in sorted(required)
        # An empty status clears it.
        if arguments.get(name) is None or (arguments[name] == "" and name != "status")
    ]
    faults += [
        f"[ERROR] {name} is not a ts: {arguments[name]!r}"
        for name in ("ts", "thread_ts", "oldest", "latest")
        if name in arguments and not _is_ts(arguments[name])
    ]
    if faults:
        raise Refusal("invalid_arguments", faults)


@cache
def _read_signature(method: str) -> tuple[frozenset[str], frozenset[str]]:
    called = getattr(AsyncWebClient, method.replace(".", "_"))
    given = {
        name: parameter
        for name, parameter in inspect.signature(called).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in _IN_HEADERS
    }
    required = (name for name, one in given.items() if one.default is inspect.Parameter.empty)
    return frozenset(given), frozenset(required)


def _is_ts(value: Any) -> bool:
    whole, point, fraction = str(value).partition(".")
    return isinstance(value, str) and whole.isdigit() and point == "." and fraction.isdigit()
