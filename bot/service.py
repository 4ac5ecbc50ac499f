"""What every front end calls: answer and search, here or at the server that holds the indexes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx

from bot.answering.answerer import build_answerer
from bot.answering.conversation import Answering, Conversation
from bot.answering.llm import OnCall, OnDelta, build_llm, ignore_call, ignore_delta
from bot.answering.questions import resolve_question
from bot.answering.schema import Answer, Question
from bot.answering.turns import TurnLog
from bot.answering.wire import build_passages, read_answer
from bot.settings import BotSettings
from retrieval.errors import DatelineError, IndexBusy
from retrieval.indexes import Indexes, hold_indexes
from retrieval.opening import Library, build_retriever
from retrieval.retriever import Retriever
from retrieval.wire import build_moment

_PATIENCE_S = 30.0
_PROBE_S = 2.0


class Service(Protocol):
    """Answers and passages, wherever the indexes are."""

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        """A model's draft is passed to `on_delta` as it comes; what that raises ends it."""
        ...

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        """The contract's search object."""
        ...


class LocalService:
    """Answers with the indexes that this process holds."""

    def __init__(self, retriever: Retriever, answerer: Answering) -> None:
        self._retriever = retriever
        self._answerer = answerer

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        return self._answerer.answer(question, on_delta)

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        started = time.perf_counter()
        filters = resolve_question(question).filters
        passages = self._retriever.retrieve(
            question.text, filters, top_k, asked_at=question.asked_at
        )
        elapsed_ms = round(1000 * (time.perf_counter() - started), 1)
        return build_passages(passages, filters.window, {"retrieve": elapsed_ms})


class RemoteService:
    """Asks the server that holds the indexes of this home."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        """Whole: nobody at a shell watches a draft."""
        del on_delta
        body = {
            "question": question.text,
            "sources": list(question.filters.sources),
            "conversation_id": question.conversation_id,
            **_build_moments(question),
        }
        return read_answer(self._send("POST", "/ask", json=body))

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        query = {
            "q": question.text,
            "source": list(question.filters.sources),
            "top_k": top_k,
            **_build_moments(question),
        }
        given = {name: value for name, value in query.items() if value is not None}
        return self._send("GET", "/search", params=given)

    def _send(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, **arguments)
            body: dict[str, Any] = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise DatelineError(
                f"the server at {self._client.base_url} did not answer: check `dateline serve`"
            ) from error
        if response.is_error:
            raise DatelineError(str(body.get("detail", f"the server said {response.status_code}")))
        return body


@dataclass(frozen=True, slots=True)
class AnnouncedServer:
    """`key` is one that a server with API keys left beside its address, for its own home alone."""

    url: str
    key: str | None = None


@contextmanager
def open_service(library: Library, settings: BotSettings) -> Iterator[Service]:
    """This process's own service; where a running server holds the indexes, that server's."""
    with ExitStack() as stack:
        service: Service
        try:
            service = stack.enter_context(hold_local_service(library, settings, timeout_s=0))
        except IndexBusy:
            server = find_server(library.settings.home)
            if server is None:
                service = stack.enter_context(hold_local_service(library, settings))
            else:
                client = httpx.Client(
                    base_url=server.url,
                    headers={} if server.key is None else {"Authorization": f"Bearer {server.key}"},
                    timeout=settings.llm_timeout_s + _PATIENCE_S,
                    trust_env=False,
                )
                service = RemoteService(stack.enter_context(client))
        yield service


@contextmanager
def hold_local_service(
    library: Library, settings: BotSettings, timeout_s: float | None = None
) -> Iterator[LocalService]:
    """Raises IndexBusy, IndexMissing, IndexMismatch or SettingsError."""
    with hold_indexes(library.settings, library.generations, timeout_s) as indexes:
        yield build_local_service(library, indexes, settings)


def build_local_service(
    library: Library, indexes: Indexes, settings: BotSettings, on_call: OnCall = ignore_call
) -> LocalService:
    """Raises IndexMissing, IndexMismatch or SettingsError."""
    retriever = build_retriever(library, indexes)
    llm = build_llm(settings, on_call)
    answerer = build_answerer(retriever, llm, settings)
    turns = TurnLog(library.database, timedelta(days=settings.conversation_days))
    return LocalService(retriever, Conversation(answerer, turns, llm))


def find_server(home: Path) -> AnnouncedServer | None:
    """The server that left its address in the home, if it still answers there."""
    try:
        announced = json.loads((home / "server.json").read_text(encoding="utf-8"))
        server = AnnouncedServer(str(announced["url"]), announced.get("key"))
        answered = httpx.get(f"{server.url}/healthz", timeout=_PROBE_S, trust_env=False)
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError, httpx.InvalidURL):
        return None
    return server if answered.is_success else None


def _build_moments(question: Question) -> dict[str, str | None]:
    window = question.filters.window
    moments = {
        "asked_at": question.asked_at,
        "as_of": window.as_of,
        "since": window.since,
        "until": window.until,
    }
    return {name: build_moment(moment) for name, moment in moments.items()}
