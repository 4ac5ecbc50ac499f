"""Who is asking over HTTP: the holder of a key, or whoever uses this machine."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from bot.http.keys import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """`owner` is whose the conversations and the feedback are; "" without keys."""

    owner: str
    role: Role


LOCAL = Caller(owner="", role="write")


def find_caller(connection: HTTPConnection) -> Caller:
    """What the guard found; a server without keys has none, and listens to its machine alone."""
    return getattr(connection.state, "caller", LOCAL)


async def get_caller(connection: HTTPConnection) -> Caller:
    """For routes. A coroutine, since FastAPI gives a thread to what is none."""
    return find_caller(connection)
