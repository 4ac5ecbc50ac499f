"""Who is asking over HTTP: the holder of a key, or whoever uses this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends
from starlette.requests import HTTPConnection

from retrieval.errors import DatelineError

Role = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Caller:
    """`owner` is whose the conversations and the feedback are; "" without keys."""

    owner: str
    role: Role


LOCAL = Caller(owner="", role="write")


def get_caller(connection: HTTPConnection) -> Caller:
    """What the guard found; a server without keys has none, and listens to its machine alone."""
    return getattr(connection.state, "caller", LOCAL)


class WriteNotAllowed(DatelineError):
    """Who asks may read and nothing else."""

    def __init__(self) -> None:
        super().__init__("this key may only read: ask with one whose role is write")


def require_write(caller: Annotated[Caller, Depends(get_caller)]) -> Caller:
    """For routes that change what the archive holds. Raises WriteNotAllowed."""
    if caller.role != "write":
        raise WriteNotAllowed
    return caller
