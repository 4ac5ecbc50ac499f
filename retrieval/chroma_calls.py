"""Calls to Chroma that may fail: done again, given a time, and told as what people can act on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

import httpx
from tenacity import RetryCallState, retry, retry_if_exception, wait_exponential_jitter

from retrieval.errors import StorageError

_ATTEMPTS = 4
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 2.0
# What a question waits for, and how long it is not asked again where it did not come.
_ANSWER_S = 5.0
_PAUSE_S = 1.0
UNREACHABLE = (OSError, httpx.HTTPError)
# What the calling thread gives each call from now on, where it is less than the client does.
longest_s: ContextVar[float | None] = ContextVar("longest_s", default=None)

P = ParamSpec("P")
T = TypeVar("T")


def _may_pass(error: BaseException) -> bool:
    """A server did not answer; or a search met a record that was being deleted, which embedded
    Chroma takes for a fault of its own."""
    from chromadb.errors import InternalError

    return isinstance(error, (httpx.TransportError, InternalError))


def _gives_up(state: RetryCallState) -> bool:
    """After some attempts; a question has no time for a second one where the first took it all."""
    given_s = longest_s.get()
    has_waited = given_s is not None and (state.seconds_since_start or 0.0) >= given_s
    return has_waited or state.attempt_number >= _ATTEMPTS


def patient(call: Callable[P, T]) -> Callable[P, T]:
    """Done again where it may pass, as all that is done here can be: records are written and
    deleted by their ids. Raises StorageError."""
    attempt = retry(
        retry=retry_if_exception(_may_pass),
        stop=_gives_up,
        wait=wait_exponential_jitter(
            multiplier=_FIRST_PAUSE_S, max=_LONGEST_PAUSE_S, jitter=_FIRST_PAUSE_S
        ),
        reraise=True,
    )(call)

    @wraps(call)
    def call_patiently(*args: P.args, **kwargs: P.kwargs) -> T:
        from chromadb.errors import ChromaError

        try:
            return attempt(*args, **kwargs)
        except Exception as error:
            # What Chroma's client raises of an answer that it has no error for is an Exception.
            if not (type(error) is Exception or isinstance(error, (ChromaError, *UNREACHABLE))):
                raise
            raise StorageError(
                f"the vector index cannot be used ({error}): free some disk space or check the "
                "Chroma server, then try again"
            ) from error

    return call_patiently


class Patience:
    """Of people: little, and for a moment after a server did not answer none at all, so that
    nobody queues up behind those who still wait."""

    def __init__(self) -> None:
        self._silent_at = float("-inf")

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Raises StorageError."""
        if time.monotonic() - self._silent_at < _PAUSE_S:
            raise StorageError(
                "the vector index did not answer a moment ago: check the Chroma server, then try "
                "again"
            )
        try:
            token = longest_s.set(_ANSWER_S)
            try:
                yield
            finally:
                longest_s.reset(token)
        except StorageError as error:
            if isinstance(error.__cause__, httpx.TimeoutException):
                self._silent_at = time.monotonic()
            raise
