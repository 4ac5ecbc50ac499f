"""Blocks as Slack takes them: slack-sdk's models, and the limits that they do not know."""

from __future__ import annotations

import inspect
import json
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block, Option

from tests.slack_server.refusal import Refusal

Surface = Literal["message", "view"]

MOST_MESSAGE_BLOCKS, MOST_VIEW_BLOCKS = 50, 100
# slackapi/bolt-js#2509: over this the blocks of one message together are refused.
MOST_BLOCKS_CHARACTERS = 13_200
# Of all the Markdown of one payload.
MOST_MARKDOWN_CHARACTERS = 12_000
_MOST_TEXT, _MOST_FIELD = 3_000, 2_000

_MESSAGES_ONLY = {"markdown", "context_actions", "table", "task_card", "plan", "file"}
_CONTEXT = {"mrkdwn", "plain_text", "image"}
_CONTEXT_ACTIONS = {"feedback_buttons", "icon_button"}
_ACTIONS = {
    "button", "checkboxes", "datepicker", "datetimepicker", "overflow", "radio_buttons",
    "timepicker", "workflow_button", "static_select", "external_select", "users_select",
    "conversations_select", "channels_select", "multi_static_select", "multi_external_select",
    "multi_users_select", "multi_conversations_select", "multi_channels_select",
}  # fmt: skip

# The models log what they skip; here it is refused.
logging.getLogger("slack_sdk.models").setLevel(logging.CRITICAL)


def check_blocks(blocks: Any, surface: Surface = "message") -> None:
    """Raises Refusal as Slack would refuse them."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refusal("invalid_blocks_format", ["blocks is no list of objects"])
    most = MOST_MESSAGE_BLOCKS if surface == "message" else MOST_VIEW_BLOCKS
    faults = [*_find_count_faults(blocks, most), *_find_repeats(blocks)]
    for position, block in enumerate(blocks):
        faults += _find_block_faults(block, f"/blocks/{position}", surface)
    if faults:
        raise Refusal("invalid_blocks", faults)
    size = len(json.dumps(blocks, ensure_ascii=False))
    if surface == "message" and size > MOST_BLOCKS_CHARACTERS:
        raise Refusal("msg_blocks_too_long", [f"the blocks are {size} characters together"])


def markdown_of(blocks: Sequence[dict[str, Any]]) -> str:
    return "".join(str(block.get("text")) for block in blocks if block.get("type") == "markdown")


def _find_count_faults(blocks: Sequence[dict[str, Any]], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:/blocks]"
    if len(markdown_of(blocks)) > MOST_MARKDOWN_CHARACTERS:
        yield f"markdown must be no more than {MOST_MARKDOWN_CHARACTERS} characters in all"
    if sum(block.get("type") == "table" for block in blocks) > 1:
        yield "only one table allowed"


def _find_repeats(blocks: Sequence[dict[str, Any]]) -> Iterator[str]:
    ids = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    yield from (f"block_id {name} already exists" for name, count in ids.items() if count > 1)
    for block in blocks:
        actions = Counter(
            part["action_id"]
            for part in block.get("elements") or ()
            if isinstance(part, dict) and part.get("action_id")
        )
        yield from (f"action_id {name} already exists" for name, n in actions.items() if n > 1)


def _find_block_faults(block: dict[str, Any], at: str, surface: Surface) -> Iterator[str]:
    kind = block.get("type")
    if surface == "view" and kind in _MESSAGES_ONLY:
        yield f"{kind} is for messages alone [json-pointer:{at}]"
    try:
        parsed = Block.parse(block)
    except (SlackObjectFormationError, TypeError, KeyError, ValueError, AttributeError) as error:
        yield f"{error} [json-pointer:{at}]"
        return
    if parsed is None:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    yield from _find_model_faults(block, parsed, at)
    yield from _find_kind_faults(block, at)


def _find_model_faults(raw: Any, parsed: Any, at: str) -> Iterator[str]:
    """What the model of each part finds, and the fields that it does not know."""
    if isinstance(raw, list) and isinstance(parsed, (list, tuple)):
        if len(raw) != len(parsed):
            yield f"unsupported item [json-pointer:{at}]"
        for position, (one, other) in enumerate(zip(raw, parsed, strict=False)):
            if isinstance(one, dict) and other is None:
                yield f"unsupported type: {one.get('type')} [json-pointer:{at}/{position}]"
            yield from _find_model_faults(one, other, f"{at}/{position}")
    if not (isinstance(raw, dict) and isinstance(parsed, JsonObject)):
        return
    yield from (
        f"invalid additional property: {name} [json-pointer:{at}]"
        for name in sorted(raw.keys() - _fields_of(parsed) - {"type"})
    )
    try:
        parsed.validate_json()
    except (SlackObjectFormationError, TypeError, AttributeError) as error:
        yield f"{error} [json-pointer:{at}]"
    yield from _find_text_faults(raw, at)
    for name, value in raw.items():
        child = _child_of(parsed, name)
        if isinstance(value, dict) and child is None:
            yield f"unsupported type: {value.get('type')} [json-pointer:{at}/{name}]"
        yield from _find_model_faults(value, child, f"{at}/{name}")


def _fields_of(parsed: JsonObject) -> set[str]:
    """Composition objects have no `attributes`, but their constructor's arguments."""
    arguments = inspect.signature(type(parsed).__init__).parameters
    return set(parsed.attributes or arguments.keys() - {"self", "others"})


def _child_of(parsed: JsonObject, name: str) -> Any:
    """Some models keep a part beside its text, and some keep options as they came."""
    hidden, child = getattr(parsed, f"_{name}", None), getattr(parsed, name, None)
    if name == "options" and isinstance(child, (list, tuple)):
        return Option.parse_all(child)
    return hidden if isinstance(hidden, JsonObject) else child


def _find_text_faults(raw: dict[str, Any], at: str) -> Iterator[str]:
    if raw.get("type") in ("mrkdwn", "plain_text"):
        text = raw.get("text")
        if not isinstance(text, str) or not text:
            yield f"must be more than 0 characters [json-pointer:{at}/text]"
        elif len(text) > (_MOST_FIELD if "/fields/" in at else _MOST_TEXT):
            yield f"must be no more than {_MOST_TEXT} characters [json-pointer:{at}/text]"
    for name in ("url", "image_url"):
        if name in raw and not str(raw[name]).startswith(("http://", "https://", "mailto:")):
            yield f"invalid url [json-pointer:{at}/{name}]"
    # A button's label, and a header, are plain text alone.
    if raw.get("type") in ("button", "header") and _kind_of(raw.get("text")) != "plain_text":
        yield f"unsupported type: {_kind_of(raw.get('text'))} [json-pointer:{at}/text/type]"


def _find_kind_faults(block: dict[str, Any], at: str) -> Iterator[str]:
    """Elements that this kind of block does not take, and too few of them."""
    kind = block.get("type")
    if kind == "markdown" and not block.get("text"):
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    taken = {"context": _CONTEXT, "actions": _ACTIONS, "context_actions": _CONTEXT_ACTIONS}.get(
        str(kind)
    )
    if taken is None:
        return
    elements = block.get("elements") or []
    if not elements:
        yield f"must provide an element [json-pointer:{at}/elements]"
    for position, element in enumerate(elements):
        if _kind_of(element) not in taken:
            yield f"unsupported type: {_kind_of(element)} [json-pointer:{at}/elements/{position}]"


def _kind_of(part: Any) -> str | None:
    return part.get("type") if isinstance(part, dict) else None
