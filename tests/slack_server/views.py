"""Modals and home tabs as Slack takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.views import View

from tests.slack_server.blocks import check_blocks
from tests.slack_server.refusal import Refusal

_FIELDS = {
    "type", "title", "blocks", "close", "submit", "private_metadata", "callback_id",
    "clear_on_close", "notify_on_close", "external_id", "submit_disabled",
}  # fmt: skip


def check_view(view: Any, kind: str) -> None:
    """Raises Refusal as Slack would refuse it."""
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments", ["view is no object"])
    if faults := list(_find_faults(view, kind)):
        raise Refusal("invalid_arguments", faults)
    check_blocks(view["blocks"], "view")


def _find_faults(view: dict[str, Any], kind: str) -> Iterator[str]:
    yield from (f"invalid additional property: {name}" for name in sorted(view.keys() - _FIELDS))
    if view.get("type") != kind:
        yield f"the view must be of type {kind} [json-pointer:/view/type]"
    if not view.get("blocks"):
        yield "missing required field: blocks [json-pointer:/view/blocks]"
    if kind == "modal" and not view.get("title"):
        yield "missing required field: title [json-pointer:/view/title]"
    for name in ("title", "submit", "close"):
        part = view.get(name)
        if part is not None and (not isinstance(part, dict) or part.get("type") != "plain_text"):
            yield f"must be plain_text [json-pointer:/view/{name}]"
    inputs = any(
        isinstance(block, dict) and block.get("type") == "input"
        for block in view.get("blocks") or ()
    )
    if kind == "modal" and inputs and not view.get("submit"):
        yield "missing required field: submit [json-pointer:/view/submit]"
    try:
        View(**view).validate_json()
    except (SlackObjectFormationError, TypeError, KeyError, ValueError, AttributeError) as error:
        yield str(error)
