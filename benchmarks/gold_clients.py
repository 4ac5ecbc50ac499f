"""Clients of a running server: some ask the gold questions, others put in and remove articles."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from eval.dataset import GoldItem
from retrieval.schema import Article

# The addresses of the articles that the writers put in begin so.
WRITTEN = "https://restores.example/"
# What every answer has of its own.
_CHANGING = ("id", "conversation_id", "timings_ms")
_PLACES = ("Kestrel", "Torby", "Malham", "Brinton", "Wenwick", "Almouth", "Fosley", "Garsdale")
_MOST_KEPT = 12
_PAUSE_S = 0.1

Answers = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Observed:
    """What the clients saw; of each question when it was asked and when answered."""

    questions: list[tuple[float, float]] = field(default_factory=list)
    writes: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Clients:
    """`observed` is what they see until `stopped`."""

    url: str
    items: Sequence[GoldItem]
    observed: Observed = field(default_factory=Observed)
    stopped: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self, askers: int, writers: int) -> Iterator[Observed]:
        with ThreadPoolExecutor(askers + writers) as pool:
            running = [pool.submit(self._keep_asking, asker) for asker in range(askers)]
            running += [pool.submit(self._keep_writing, writer) for writer in range(writers)]
            try:
                yield self.observed
            finally:
                self.stopped.set()
        for each in running:
            each.result()

    def _keep_asking(self, asker: int) -> None:
        """Each begins elsewhere among the questions."""
        order = (*self.items[asker * 50 :], *self.items[: asker * 50])
        with _connect(self.url) as client:
            for item in itertools.cycle(order):
                if self.stopped.is_set():
                    return
                started = time.monotonic()
                try:
                    ask(client, item)
                except httpx.HTTPError as error:
                    self.observed.errors.append(f"{item.id}: {error}")
                else:
                    self.observed.questions.append((started, time.monotonic()))

    def _keep_writing(self, writer: int) -> None:
        """Whoever has put in enough removes one for each that it puts in."""
        kept: list[str] = []
        with _connect(self.url) as client:
            for number in itertools.count():
                if self.stopped.is_set():
                    return
                article = _tell(writer, number)
                kept.append(article["url"])
                self._write(client.post("/articles", json=article))
                if len(kept) > _MOST_KEPT:
                    article_id = Article(title="", text="", url=kept.pop(0)).article_id
                    self._write(client.delete(f"/articles/{article_id}"))
                time.sleep(_PAUSE_S)

    def _write(self, response: httpx.Response) -> None:
        self.observed.writes += response.is_success
        if not response.is_success:
            self.observed.errors.append(f"{response.request.method}: {response.text}")


def ask_all(url: str, items: Sequence[GoldItem]) -> Answers:
    """Answers by the questions' ids."""
    with _connect(url) as client:
        return {item.id: ask(client, item) for item in items}


def ask(client: httpx.Client, item: GoldItem) -> dict[str, Any]:
    """The answer in the conversation that leads to it. Raises httpx.HTTPError."""
    answer: dict[str, Any] = {"conversation_id": None}
    for question in (*item.previous, item.question):
        body = {
            "question": question,
            "asked_at": item.asked_at,
            "as_of": item.as_of,
            "since": item.since,
            "until": item.until,
            "sources": list(item.sources),
            "conversation_id": answer["conversation_id"],
        }
        response = client.post("/ask", json=body)
        response.raise_for_status()
        answer = response.json()
    return answer


def find_differences(expected: Answers, found: Answers) -> list[str]:
    """The ids of the questions that are answered otherwise."""
    return [item_id for item_id in expected if _strip(expected[item_id]) != _strip(found[item_id])]


def _strip(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Batches are padded otherwise, which moves the 16-bit vectors and the confidence a little."""
    kept = {name: value for name, value in answer.items() if name not in _CHANGING}
    return kept | {"confidence": round(kept["confidence"], 1)}


def _connect(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, trust_env=False)


def _tell(writer: int, number: int) -> dict[str, Any]:
    """An article of long ago about nothing that is asked about."""
    place = _PLACES[number % len(_PLACES)]
    return {
        "url": f"{WRITTEN}{writer}/{number}",
        "title": f"{place} counts bicycle {number}",
        "text": f"Bicycle number {number} of counter {writer} passed the granite ferry of {place}. "
        f"Its lanterns were of copper, and {number + 100} painters had waited for it.",
        "source": "The Restorer",
        "published_at": "2015-03-04",
    }
