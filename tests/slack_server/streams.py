"""The methods of messages that are written as a reader looks on."""

from __future__ import annotations

from typing import Any

from slack_sdk.models.messages.chunk import Chunk

from tests.slack_server.blocks import check_blocks
from tests.slack_server.chat import (
    Arguments,
    Reply,
    build_message,
    check_markdown,
    check_metadata,
    check_place,
    describe,
)
from tests.slack_server.refusal import Refusal
from tests.slack_server.state import Message, Workspace

_CHUNKS = {"markdown_text", "task_update", "plan_update", "blocks"}
_TASK_STATES = {"pending", "in_progress", "complete", "error"}
_MOST_TASK_TEXT = 256


def start_stream(workspace: Workspace, arguments: Arguments) -> Reply:
    channel = arguments["channel"]
    check_place(workspace, channel, arguments["thread_ts"])
    if not channel.startswith("D"):
        for name in ("recipient_user_id", "recipient_team_id"):
            if not arguments.get(name):
                raise Refusal(f"missing_{name}")
    markdown, blocks = _read_content(arguments)
    message = build_message(workspace, arguments)
    message.streaming = True
    message.markdown, message.blocks = markdown, blocks
    workspace.add(message)
    return {"channel": channel, "ts": message.ts}


def append_stream(workspace: Workspace, arguments: Arguments) -> Reply:
    message = _find_open(workspace, arguments)
    markdown, blocks = _read_content(arguments)
    if not (arguments.get("markdown_text") or arguments.get("chunks")):
        raise Refusal("no_text")
    _extend(message, markdown, blocks)
    return {"channel": message.channel, "ts": message.ts}


def stop_stream(workspace: Workspace, arguments: Arguments) -> Reply:
    message = _find_open(workspace, arguments)
    markdown, blocks = _read_content(arguments)
    ending = arguments.get("blocks") or []
    check_blocks(ending)
    check_metadata(arguments.get("metadata"))
    _extend(message, markdown, [*blocks, *ending])
    message.metadata = arguments.get("metadata") or message.metadata
    message.streaming = False
    if status := arguments.get("session_status"):
        workspace.sessions[message.channel, message.thread_ts] = status
    return {"channel": message.channel, "ts": message.ts, "message": describe(message)}


def _find_open(workspace: Workspace, arguments: Arguments) -> Message:
    check_place(workspace, arguments["channel"])
    message = workspace.find(arguments["channel"], arguments["ts"])
    if message is None:
        raise Refusal("message_not_found")
    if not message.is_bots:
        raise Refusal("message_not_owned_by_app")
    check_place(workspace, message.channel, message.thread_ts)
    if not message.streaming:
        raise Refusal("message_not_in_streaming_state")
    return message


def _extend(message: Message, markdown: str, blocks: list[dict[str, Any]]) -> None:
    message.markdown += markdown
    message.blocks = [*message.blocks, *blocks]


def _read_content(arguments: Arguments) -> tuple[str, list[dict[str, Any]]]:
    """The Markdown and the blocks of one payload, as text or as chunks."""
    text, chunks = arguments.get("markdown_text"), arguments.get("chunks") or []
    if text and chunks:
        raise Refusal("cannot_provide_both_markdown_text_and_chunks")
    for chunk in chunks:
        _check_chunk(chunk)
    parts = [chunk["text"] for chunk in chunks if chunk["type"] == "markdown_text"]
    blocks = [block for chunk in chunks for block in chunk.get("blocks", ())]
    check_markdown(text or "", *parts)
    check_blocks(blocks)
    return "".join([text or "", *parts]), blocks


def _check_chunk(chunk: Any) -> None:
    if not isinstance(chunk, dict) or chunk.get("type") not in _CHUNKS:
        raise Refusal("invalid_chunks", [f"unknown chunk: {chunk!r:.80}"])
    try:
        parsed = Chunk.parse(chunk)
    except TypeError as error:
        raise Refusal("invalid_chunks", [str(error)]) from None
    assert parsed is not None
    if unknown := chunk.keys() - parsed.attributes:
        raise Refusal("invalid_chunks", [f"unknown fields: {sorted(unknown)}"])
    if chunk["type"] == "task_update" and chunk["status"] not in _TASK_STATES:
        raise Refusal("invalid_chunks", [f"unknown status: {chunk['status']}"])
    for name in ("title", "details", "output"):
        if len(chunk.get(name) or "") > _MOST_TASK_TEXT:
            raise Refusal("invalid_chunks", [f"{name} over {_MOST_TASK_TEXT} characters"])
