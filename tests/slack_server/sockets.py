"""Socket Mode: the connections of an app, and what is delivered over them."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

from aiohttp import web

from tests.slack_server.signing import kind_of

# Slack delivers again what is not acknowledged within three seconds, three times at most.
_PATIENCE_S = 3.0
_MOST_RETRIES = 3
_ANSWERED = {"slash_commands", "interactive"}


class Sockets:
    """Lives in the server's loop."""

    def __init__(self) -> None:
        self.connected: list[web.WebSocketResponse] = []
        self.acknowledged: list[str] = []
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._turns = itertools.count()
        self._envelopes: set[str] = set()

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self.connected) + 1})
        self.connected.append(socket)
        try:
            async for message in socket:
                if message.type is web.WSMsgType.TEXT:
                    self._receive(json.loads(message.data))
        finally:
            self.connected.remove(socket)
        return socket

    async def deliver(
        self,
        payload: dict[str, Any],
        to: int | None = None,
        retry_num: int = 0,
        redeliver: bool = False,
    ) -> dict[str, Any] | None:
        """What the app acknowledged with; None where it did not in time.

        `to` is the connection; without it they take turns. With `redeliver` what is not
        acknowledged is sent again, as Slack does.
        """
        for attempt in range(retry_num, _MOST_RETRIES + 1 if redeliver else retry_num + 1):
            answer = await self._send(payload, to, attempt)
            if answer is not None:
                return answer
        return None

    async def _send(
        self, payload: dict[str, Any], to: int | None, attempt: int
    ) -> dict[str, Any] | None:
        if not self.connected:
            return None
        turn = next(self._turns) if to is None else to
        socket = self.connected[turn % len(self.connected)]
        envelope_id = self._name_envelope(payload)
        answered = asyncio.get_running_loop().create_future()
        self._answers[envelope_id] = answered
        try:
            await socket.send_json(_build_envelope(payload, envelope_id, attempt))
            return await asyncio.wait_for(answered, _PATIENCE_S)
        except (TimeoutError, ConnectionError):
            return None
        finally:
            del self._answers[envelope_id]

    def _name_envelope(self, payload: dict[str, Any]) -> str:
        name = f"env-{payload.get('event_id') or payload.get('trigger_id')}"
        if name in self._envelopes:
            name = f"{name}-{len(self._envelopes)}"
        self._envelopes.add(name)
        return name

    def _receive(self, answer: dict[str, Any]) -> None:
        envelope_id = answer["envelope_id"]
        self.acknowledged.append(envelope_id)
        waiting = self._answers.get(envelope_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def close(self) -> None:
        for socket in list(self.connected):
            await socket.close()


def _build_envelope(payload: dict[str, Any], envelope_id: str, attempt: int) -> dict[str, Any]:
    kind = kind_of(payload)
    envelope: dict[str, Any] = {
        "type": kind,
        "envelope_id": envelope_id,
        "accepts_response_payload": kind in _ANSWERED,
        "payload": payload,
    }
    if kind == "events_api":
        envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
    return envelope
