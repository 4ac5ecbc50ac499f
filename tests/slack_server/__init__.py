"""A stand-in for Slack on loopback: its Web API and Socket Mode, as strict as Slack is."""

from tests.slack_server.blocks import check_blocks
from tests.slack_server.events import (
    build_bot_message,
    build_deletion,
    build_direct_message,
    build_edit,
    build_event,
    build_home_opened,
    build_join,
    build_mention,
    build_message,
    build_session_stopped,
    build_thread_started,
    build_tokens_revoked,
    build_uninstalled,
)
from tests.slack_server.faults import Fault, delay, drop, rate_limit, refuse, reset
from tests.slack_server.identity import (
    APP_TOKEN,
    BOT_TOKEN,
    BOT_USER,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    TEAM,
)
from tests.slack_server.interactions import (
    build_block_actions,
    build_message_shortcut,
    build_slash_command,
    build_trigger,
    build_view_submission,
)
from tests.slack_server.markup import Link, find_links, find_mentions, read_shown
from tests.slack_server.refusal import Refusal
from tests.slack_server.server import SlackServer, find_fault
from tests.slack_server.signing import build_request, sign
from tests.slack_server.state import Message, Status, Workspace
from tests.slack_server.views import check_view

__all__ = [
    "APP_TOKEN", "BOT_TOKEN", "BOT_USER", "CLIENT_ID", "CLIENT_SECRET", "SIGNING_SECRET", "TEAM",
    "Fault", "Link", "Message", "Refusal", "SlackServer", "Status", "Workspace",
    "build_block_actions", "build_bot_message", "build_deletion", "build_direct_message",
    "build_edit", "build_event", "build_home_opened", "build_join", "build_mention",
    "build_message", "build_message_shortcut", "build_request", "build_session_stopped",
    "build_slash_command", "build_thread_started", "build_tokens_revoked", "build_trigger",
    "build_uninstalled", "build_view_submission", "check_blocks", "check_view", "delay", "drop",
    "find_fault", "find_links", "find_mentions", "rate_limit", "read_shown", "refuse", "reset",
    "sign",
]  # fmt: skip
