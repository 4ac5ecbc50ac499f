"""What a workspace holds: messages, streams, statuses, views, tokens."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.slack_server.identity import BOT_TOKEN, SCOPES, TEAM

Blocks = list[dict[str, Any]]


@dataclass
class Message:
    """As it stands now, after edits and what was streamed."""

    channel: str
    ts: str
    user: str
    at: float
    text: str = ""
    blocks: Blocks = field(default_factory=list)
    # Standard Markdown: what was streamed, or sent as `markdown_text`.
    markdown: str = ""
    thread_ts: str | None = None
    metadata: dict[str, Any] | None = None
    is_bots: bool = False
    ephemeral_to: str | None = None
    streaming: bool = False
    edits: int = 0
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    channel: str
    thread_ts: str
    status: str
    at: float
    loading_messages: tuple[str, ...] = ()


@dataclass
class OpenView:
    id: str
    view: dict[str, Any]
    hash: str
    user: str | None = None


@dataclass
class ResponseUrl:
    """Takes five posts within half an hour."""

    channel: str
    user: str
    expires_at: float
    uses_left: int = 5
    message_ts: str | None = None


class Workspace:
    """Changed by the server's thread alone; read by tests."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.statuses: list[Status] = []
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: dict[tuple[str, str | None], dict[str, Any]] = {}
        self.sessions: dict[tuple[str, str | None], str] = {}
        self.views: dict[str, OpenView] = {}
        self.homes: dict[str, dict[str, Any]] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.tokens: dict[str, str] = {BOT_TOKEN: TEAM}
        self.revoked_tokens: set[str] = set()
        # What every token is granted.
        self.scopes: tuple[str, ...] = SCOPES
        self.oauth_codes: dict[str, str] = {}
        self.used_triggers: set[str] = set()
        self.channels_without_bot: set[str] = set()
        self.unknown_channels: set[str] = set()
        self.archived_channels: set[str] = set()
        self.deleted_threads: set[tuple[str, str]] = set()
        self._shown: dict[tuple[str, str], Status] = {}
        self._counter = itertools.count(1)
        self._skipped_s = 0.0
        self._by_ts: dict[tuple[str, str], Message] = {}
        self._lock = threading.Lock()

    def now(self) -> float:
        return time.time() + self._skipped_s

    def skip(self, seconds: float) -> None:
        """As if this long had passed."""
        self._skipped_s += seconds

    def next_ts(self) -> str:
        seconds, fraction = divmod(next(self._counter) * 100, 1_000_000)
        return f"{1_700_000_000 + seconds}.{fraction:06d}"

    def next_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._counter):08d}"

    def add(self, message: Message) -> Message:
        """A message of the bot's in a thread ends the status that is shown there."""
        with self._lock:
            self.messages.append(message)
            self._by_ts[message.channel, message.ts] = message
        if message.is_bots and message.thread_ts:
            self._shown.pop((message.channel, message.thread_ts), None)
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        return self._by_ts.get((channel, ts))

    def remove(self, message: Message) -> None:
        with self._lock:
            self.messages.remove(message)
            del self._by_ts[message.channel, message.ts]

    def thread(self, channel: str, thread_ts: str) -> list[Message]:
        """The message that began it, and the replies, oldest first."""
        with self._lock:
            return [
                message
                for message in self.messages
                if message.channel == channel
                and thread_ts in (message.ts, message.thread_ts)
                and message.ephemeral_to is None
            ]

    def delete_thread(self, channel: str, thread_ts: str) -> None:
        for message in self.thread(channel, thread_ts):
            self.remove(message)
        self.deleted_threads.add((channel, thread_ts))

    def close_streams(self) -> None:
        """As Slack does with a stream that nothing was appended to for a while."""
        for message in self.messages:
            message.streaming = False

    def set_status(self, status: Status) -> None:
        self.statuses.append(status)
        place = (status.channel, status.thread_ts)
        if status.status:
            self._shown[place] = status
        else:
            self._shown.pop(place, None)

    def shown_status(self, channel: str, thread_ts: str) -> str:
        """What is shown in the thread now; empty where nothing is."""
        shown = self._shown.get((channel, thread_ts))
        return "" if shown is None else shown.status
