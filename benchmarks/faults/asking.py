"""People who ask the API replicas, as a proxy before them would pass it on: in turn, and to the
other where one cannot be connected to."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, Literal

import httpx

from benchmarks.faults.articles import KnownArticle

# Longer than a browser's user waits; what takes longer is an error.
_TIMEOUT_S = 60.0
_LONGEST_REST_S = 5.0
Kind = Literal["known", "too early"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came of it; `status` is 0 where there was no response. `kind` "too
    early" is asked as of the day before its article was published."""

    at: float
    took_s: float
    article: KnownArticle
    kind: Kind
    status: int
    answer: dict[str, Any] | None = None
    problem: str = ""

    @property
    def ended(self) -> float:
        return self.at + self.took_s

    @property
    def is_answer(self) -> bool:
        return self.status == httpx.codes.OK

    @property
    def has_fact(self) -> bool:
        """In its first quote."""
        first = self.answer["citations"][:1] if self.answer is not None else ()
        return any(self.article.fact in citation["quote"] for citation in first)

    @property
    def declined(self) -> bool:
        return self.answer is not None and not self.answer["answered"]


@dataclass(slots=True)
class Crowd:
    """`askers` people; what they saw is appended to `asked` as it comes."""

    addresses: Sequence[str]
    articles: Sequence[KnownArticle]
    askers: int
    think_s: float
    asked: list[Asked] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def asking(self) -> AbstractContextManager[None]:
        people = (partial(self._ask_on, number) for number in range(self.askers))
        return at_work(self._stopped, *people)

    def _ask_on(self, asker: int) -> None:
        chance = random.Random(asker)
        with httpx.Client(timeout=_TIMEOUT_S, trust_env=False) as client:
            for turn in count(asker):
                if self._stopped.wait(self.think_s * chance.uniform(0.5, 1.5)):
                    return
                kind: Kind = "too early" if chance.random() < 0.2 else "known"
                asked = ask(client, self.addresses, turn, chance.choice(self.articles), kind)
                self.asked.append(asked)


@contextmanager
def at_work(stopped: threading.Event, *work: Callable[[], None]) -> Iterator[None]:
    """Each in a thread of its own, which ends when `stopped` is set."""
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def ask(
    client: httpx.Client, addresses: Sequence[str], turn: int, article: KnownArticle, kind: Kind
) -> Asked:
    body = {"question": article.question}
    if kind == "too early":
        body["as_of"] = f"{article.published_at - timedelta(days=1):%Y-%m-%d}"
    at, started = time.time(), time.monotonic()
    try:
        response = post(client, addresses, turn, "/ask", body)
    except httpx.HTTPError as error:
        took_s = time.monotonic() - started
        return Asked(at, took_s, article, kind, 0, problem=repr(error))
    took_s = time.monotonic() - started
    if response.is_success:
        return Asked(at, took_s, article, kind, response.status_code, response.json())
    told = f"retry after {response.headers.get('retry-after')}: {response.text}"
    return Asked(at, took_s, article, kind, response.status_code, problem=told)


def post(
    client: httpx.Client, addresses: Sequence[str], turn: int, path: str, body: Any
) -> httpx.Response:
    """At the replica whose turn it is; at the other where that one takes no connection."""
    first, second = (addresses[(turn + shift) % len(addresses)] for shift in (0, 1))
    try:
        return client.post(first + path, json=body)
    except httpx.ConnectError:
        return client.post(second + path, json=body)
