"""Our own messages, found again in a thread: after a broken call, and after another's death."""

from __future__ import annotations

import logging
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import Refused, repeat
from bot.slack.keeping import Keeping
from bot.slack.listening import Asked

_EVENT_TYPE = "dateline_answer"
_PAGE, _MOST_PAGES = 100, 5
_log = logging.getLogger(__name__)


def build_metadata(asked: Asked, number: int) -> dict[str, Any]:
    """What tells the reply's message of this number from every other."""
    payload = {"key": f"{asked.key}#{number}"}
    return {"event_type": _EVENT_TYPE, "event_payload": payload}


class Search:
    """Finds nothing where Slack does not let us look. Raises Broken."""

    def __init__(
        self, client: AsyncWebClient, asked: Asked, bot_user: str | None, keeping: Keeping
    ) -> None:
        self._client = client
        self._asked = asked
        self._bot_user = bot_user
        self._keeping = keeping

    async def find(self, number: int) -> str | None:
        """The reply's message of this number."""
        wanted = build_metadata(self._asked, number)["event_payload"]
        for message in await self._read_ours():
            if message.get("metadata", {}).get("event_payload") == wanted:
                return str(message["ts"])
        return None

    async def find_stream(self) -> str | None:
        """A stream that was begun: until it ends Slack takes no metadata for it, so that it is
        known as the one message of ours that belongs to no reply."""
        events = self._keeping.events
        others = await self._keeping.run(events.read_posted, self._asked.conversation_id)
        for message in await self._read_ours():
            if not message.get("metadata") and message["ts"] not in others:
                return str(message["ts"])
        return None

    async def _read_ours(self) -> list[dict[str, Any]]:
        """Our messages in the thread since the question."""
        try:
            found = await self._read_thread()
        except Refused as refused:
            _log.info("Slack does not show the thread (%s)", refused.error)
            return []
        asked = self._asked
        since = asked.ts if "." in asked.ts else str(asked.thread_ts)
        ours = [message for message in found if message.get("user") == self._bot_user]
        return [message for message in ours if _is_later(message["ts"], since)]

    async def _read_thread(self) -> list[dict[str, Any]]:
        if self._asked.thread_ts is None:
            return []
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await repeat(lambda after=cursor: self._read_page(after))  # type: ignore[misc]
            found += page.get("messages") or []
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return found

    async def _read_page(self, cursor: str | None) -> Any:
        return await self._client.conversations_replies(
            channel=self._asked.channel,
            ts=str(self._asked.thread_ts),
            oldest=self._asked.thread_ts,
            include_all_metadata=True,
            limit=_PAGE,
            cursor=cursor,
        )


def _is_later(ts: str, than: str) -> bool:
    try:
        return float(ts) > float(than)
    except ValueError:
        return True
