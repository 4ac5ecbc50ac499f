"""Whether the client is still there, for work that can stop when it is not."""

from __future__ import annotations

import threading

from starlette.requests import HTTPConnection

from bot.answering.llm import OnDelta


class ClientLeft(Exception):
    """The client went away; the draft ends with it."""


def get_left(connection: HTTPConnection) -> threading.Event:
    """Set once the client has gone; without the middleware that watches, never."""
    left: threading.Event = getattr(connection.state, "left", None) or threading.Event()
    return left


async def stop_when_left(connection: HTTPConnection) -> OnDelta:
    """For routes. A coroutine, since FastAPI gives a thread to what is none."""
    return build_stop(connection)


def build_stop(connection: HTTPConnection) -> OnDelta:
    """For whoever waits for the whole answer: shows nothing, and ends a draft nobody awaits."""
    left = get_left(connection)

    def on_delta(_text: str) -> None:
        if left.is_set():
            raise ClientLeft

    return on_delta
