"""The methods of the agent's own threads, of modals and home tabs, and of looking things up."""

from __future__ import annotations

import re
from typing import Any

from tests.slack_server.chat import Arguments, Reply, check_place, describe
from tests.slack_server.identity import APP, BOT, TEAM
from tests.slack_server.refusal import Refusal
from tests.slack_server.state import OpenView, Status, Workspace
from tests.slack_server.views import check_view

_MOST_LOADING_MESSAGES, _MOST_PROMPTS = 10, 4
_SESSION_STATES = {"active", "processing", "suspended", "closed"}
_TRIGGER = re.compile(r"(\d+)\.\d+\.[0-9a-f]+")
_TRIGGER_LIFE_S = 3.0


def set_status(workspace: Workspace, arguments: Arguments) -> Reply:
    channel, thread_ts = arguments["channel_id"], arguments["thread_ts"]
    check_place(workspace, channel, thread_ts)
    loading = arguments.get("loading_messages") or []
    if len(loading) > _MOST_LOADING_MESSAGES or not all(isinstance(one, str) for one in loading):
        raise Refusal("invalid_arguments", ["[ERROR] loading_messages: ten texts at most"])
    shown = Status(channel, thread_ts, arguments["status"], workspace.now(), tuple(loading))
    workspace.set_status(shown)
    return {}


def set_title(workspace: Workspace, arguments: Arguments) -> Reply:
    channel, thread_ts = arguments["channel_id"], arguments["thread_ts"]
    check_place(workspace, channel, thread_ts)
    workspace.titles[channel, thread_ts] = arguments["title"]
    return {}


def set_suggested_prompts(workspace: Workspace, arguments: Arguments) -> Reply:
    channel, thread_ts = arguments["channel_id"], arguments.get("thread_ts")
    check_place(workspace, channel, thread_ts)
    prompts = arguments["prompts"]
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= _MOST_PROMPTS:
        raise Refusal("invalid_arguments", ["[ERROR] prompts: one to four"])
    for prompt in prompts:
        full = isinstance(prompt, dict) and prompt.keys() == {"title", "message"}
        if not full or not all(isinstance(text, str) and text for text in prompt.values()):
            raise Refusal("invalid_arguments", ["[ERROR] a prompt is a title and a message"])
    workspace.prompts[channel, thread_ts] = {"title": arguments.get("title"), "prompts": prompts}
    return {}


def set_session_status(workspace: Workspace, arguments: Arguments) -> Reply:
    channel, thread_ts = arguments["channel_id"], arguments.get("thread_ts")
    check_place(workspace, channel, thread_ts)
    if arguments["status"] not in _SESSION_STATES:
        raise Refusal("invalid_arguments", [f"[ERROR] unknown status: {arguments['status']}"])
    workspace.sessions[channel, thread_ts] = arguments["status"]
    return {}


def rename_session(workspace: Workspace, arguments: Arguments) -> Reply:
    channel, thread_ts = arguments["channel_id"], arguments.get("thread_ts")
    check_place(workspace, channel, thread_ts)
    workspace.titles[channel, thread_ts or ""] = arguments["title"]
    return {}


def read_replies(workspace: Workspace, arguments: Arguments) -> Reply:
    channel, ts = arguments["channel"], arguments["ts"]
    check_place(workspace, channel, ts)
    found = workspace.thread(channel, ts)
    if not found:
        raise Refusal("thread_not_found")
    oldest, latest = arguments.get("oldest", "0.0"), arguments.get("latest", "9999999999.0")
    # The message that began the thread is given in any case.
    chosen = [one for one in found if one.ts == ts or float(oldest) <= float(one.ts)]
    chosen = [one for one in chosen if float(one.ts) <= float(latest)]
    with_metadata = str(arguments.get("include_all_metadata", "")).lower() in ("1", "true")
    most = int(arguments.get("limit") or 1_000)
    return {
        "messages": [describe(one, with_metadata) for one in chosen[:most]],
        "has_more": len(chosen) > most,
    }


def describe_channel(workspace: Workspace, arguments: Arguments) -> Reply:
    channel = arguments["channel"]
    if channel in workspace.unknown_channels:
        raise Refusal("channel_not_found")
    direct = channel.startswith("D")
    member = channel not in workspace.channels_without_bot
    told = {"id": channel, "is_im": direct, "is_channel": not direct, "is_private": direct}
    return {"channel": told | {"name": channel.lower(), "is_member": member}}


def describe_user(_workspace: Workspace, arguments: Arguments) -> Reply:
    user = arguments["user"]
    named = {"id": user, "team_id": TEAM, "name": user.lower(), "is_bot": False}
    return {"user": named | {"locale": "en-GB", "tz": "Europe/London", "deleted": False}}


def open_view(workspace: Workspace, arguments: Arguments) -> Reply:
    _spend_trigger(workspace, str(arguments.get("trigger_id", "")))
    check_view(arguments["view"], "modal")
    opened = OpenView(workspace.next_id("V"), arguments["view"], workspace.next_id("h"))
    workspace.views[opened.id] = opened
    return {"view": _describe_view(opened)}


def update_view(workspace: Workspace, arguments: Arguments) -> Reply:
    opened = workspace.views.get(str(arguments.get("view_id", "")))
    if opened is None:
        raise Refusal("not_found")
    if arguments.get("hash") not in (None, opened.hash):
        raise Refusal("hash_conflict")
    check_view(arguments["view"], opened.view["type"])
    opened.view, opened.hash = arguments["view"], workspace.next_id("h")
    return {"view": _describe_view(opened)}


def publish_view(workspace: Workspace, arguments: Arguments) -> Reply:
    check_view(arguments["view"], "home")
    workspace.homes[arguments["user_id"]] = arguments["view"]
    published = OpenView(workspace.next_id("V"), arguments["view"], workspace.next_id("h"))
    return {"view": _describe_view(published)}


def _spend_trigger(workspace: Workspace, trigger: str) -> None:
    """A trigger opens one modal, within three seconds of what the person did."""
    issued = _TRIGGER.fullmatch(trigger)
    if issued is None:
        raise Refusal("invalid_trigger_id")
    if trigger in workspace.used_triggers:
        raise Refusal("trigger_exchanged")
    if workspace.now() - int(issued[1]) / 1000 > _TRIGGER_LIFE_S:
        raise Refusal("trigger_expired")
    workspace.used_triggers.add(trigger)


def _describe_view(opened: OpenView) -> dict[str, Any]:
    given = {"id": opened.id, "team_id": TEAM, "app_id": APP, "bot_id": BOT, "hash": opened.hash}
    return opened.view | given | {"state": {"values": {}}, "root_view_id": opened.id}
