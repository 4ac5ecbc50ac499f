"""The methods that post, edit and delete messages."""

from __future__ import annotations

from typing import Any

from tests.slack_server.blocks import MOST_MARKDOWN_CHARACTERS, check_blocks, markdown_of
from tests.slack_server.identity import BOT, BOT_USER
from tests.slack_server.refusal import Refusal
from tests.slack_server.state import Message, Workspace

Arguments = dict[str, Any]
Reply = dict[str, Any]

_MOST_TEXT, _MOST_UPDATED_TEXT = 40_000, 4_000


def post_message(workspace: Workspace, arguments: Arguments) -> Reply:
    channel, thread_ts = arguments["channel"], arguments.get("thread_ts")
    check_place(workspace, channel, thread_ts)
    check_content(arguments)
    message = workspace.add(build_message(workspace, arguments))
    return {"channel": channel, "ts": message.ts, "message": describe(message)}


def post_ephemeral(workspace: Workspace, arguments: Arguments) -> Reply:
    check_place(workspace, arguments["channel"], arguments.get("thread_ts"))
    check_content(arguments)
    message = workspace.add(build_message(workspace, arguments, arguments["user"]))
    return {"message_ts": message.ts}


def update(workspace: Workspace, arguments: Arguments) -> Reply:
    channel, ts = arguments["channel"], arguments["ts"]
    check_place(workspace, channel)
    message = _find_own(workspace, channel, ts, "cant_update_message")
    if message.streaming:
        raise Refusal("streaming_state_conflict")
    if len(arguments.get("text") or "") > _MOST_UPDATED_TEXT:
        raise Refusal("msg_too_long", ["the text of an update has 4,000 characters at most"])
    kept = {"blocks": message.blocks} if "text" in arguments else {}
    check_content(kept | arguments)
    edit(message, arguments)
    return {"channel": channel, "ts": ts, "text": message.text, "message": describe(message)}


def delete(workspace: Workspace, arguments: Arguments) -> Reply:
    channel, ts = arguments["channel"], arguments["ts"]
    check_place(workspace, channel)
    message = _find_own(workspace, channel, ts, "cant_delete_message")
    if message.streaming:
        raise Refusal("cant_delete_message")
    workspace.remove(message)
    return {"channel": channel, "ts": ts}


def check_place(workspace: Workspace, channel: Any, thread_ts: Any = None) -> None:
    """Raises Refusal where the bot cannot write there."""
    if not isinstance(channel, str) or channel[:1] not in "CDGU" or not channel:
        raise Refusal("channel_not_found")
    if channel in workspace.unknown_channels:
        raise Refusal("channel_not_found")
    if channel in workspace.channels_without_bot:
        raise Refusal("not_in_channel")
    if channel in workspace.archived_channels:
        raise Refusal("is_archived")
    if (channel, thread_ts) in workspace.deleted_threads:
        raise Refusal("thread_not_found")


def check_content(arguments: Arguments) -> None:
    """Raises Refusal where Slack would not take the text, blocks, Markdown or metadata."""
    text, markdown = arguments.get("text"), arguments.get("markdown_text")
    blocks = arguments.get("blocks") or []
    if not any((text, markdown, blocks, arguments.get("attachments"))):
        raise Refusal("no_text")
    if markdown is not None and (text is not None or blocks):
        raise Refusal("markdown_text_conflict")
    check_markdown(markdown or "")
    if len(text or "") > _MOST_TEXT:
        raise Refusal("msg_too_long")
    check_blocks(blocks)
    check_metadata(arguments.get("metadata"))


def check_markdown(*parts: str) -> None:
    if sum(map(len, parts)) > MOST_MARKDOWN_CHARACTERS:
        raise Refusal("msg_too_long", [f"Markdown over {MOST_MARKDOWN_CHARACTERS} characters"])


def check_metadata(metadata: Any) -> None:
    if not metadata:
        return
    if not isinstance(metadata, dict) or metadata.keys() != {"event_type", "event_payload"}:
        raise Refusal("invalid_metadata_format")
    if not isinstance(metadata["event_type"], str) or not metadata["event_type"]:
        raise Refusal("invalid_metadata_format")
    if not isinstance(metadata["event_payload"], dict):
        raise Refusal("invalid_metadata_schema")


def build_message(
    workspace: Workspace, arguments: Arguments, ephemeral_to: str | None = None
) -> Message:
    message = Message(
        channel=arguments["channel"],
        ts=workspace.next_ts(),
        user=BOT_USER,
        at=workspace.now(),
        thread_ts=arguments.get("thread_ts"),
        is_bots=True,
        ephemeral_to=ephemeral_to,
    )
    edit(message, arguments)
    message.edits = 0
    return message


def edit(message: Message, arguments: Arguments) -> None:
    """Blocks and metadata stay where none are given."""
    if "text" in arguments or "markdown_text" in arguments:
        message.text = arguments.get("text") or ""
        message.markdown = arguments.get("markdown_text") or ""
    if "blocks" in arguments:
        message.blocks = list(arguments["blocks"])
        message.markdown = message.markdown if "markdown_text" in arguments else ""
    if "metadata" in arguments:
        message.metadata = arguments["metadata"] or None
    message.arguments = dict(arguments)
    message.edits += 1


def describe(message: Message, with_metadata: bool = True) -> Reply:
    """The message as the Web API gives it."""
    told: Reply = {
        "type": "message",
        "user": message.user,
        "text": message.text or message.markdown or markdown_of(message.blocks),
        "ts": message.ts,
    }
    if message.thread_ts:
        told["thread_ts"] = message.thread_ts
    if message.is_bots:
        told |= {"bot_id": BOT, "blocks": message.blocks}
    if with_metadata and message.metadata:
        told["metadata"] = message.metadata
    return told


def _find_own(workspace: Workspace, channel: str, ts: str, error: str) -> Message:
    message = workspace.find(channel, ts)
    if message is None or message.ephemeral_to is not None:
        raise Refusal("message_not_found")
    if not message.is_bots:
        raise Refusal(error)
    return message
