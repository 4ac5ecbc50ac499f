"""What every front end calls: answer and search, here or at the server that holds the indexes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from bot.answering.answerer import build_answerer
from bot.answering.conversation import Answering, Conversation
from bot.answering.evidence import Reads
from bot.answering.llm import OnCall, OnDelta, build_llm, ignore_call, ignore_delta
from bot.answering.parts import search
from bot.answering.schema import Answer, Question
from bot.answering.turns import TurnLog
from bot.answering.wire import build_passages
from bot.remote import RemoteService, build_client, find_server
from bot.settings import BotSettings
from ingest.following import follow_archive
from ingest.indexer import Indexer
from retrieval.errors import IndexBusy
from retrieval.indexes import Indexes, hold_indexes
from retrieval.models.reader import Reader
from retrieval.opening import Library, build_retriever
from retrieval.retriever import Retriever


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

    def __init__(self, retriever: Retriever, answerer: Answering, quoting: Answering) -> None:
        self.indexes = retriever.indexes
        self._retriever = retriever
        self._answerer = answerer
        self._quoting = quoting

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        return self._answerer.answer(question, on_delta)

    def answer_by_quotes(self, question: Question) -> Answer:
        """Without a model, and kept nowhere: for questions that nobody asked."""
        return self._quoting.answer(question)

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        started = time.perf_counter()
        found = search(self._retriever, question, top_k)
        elapsed_ms = round(1000 * (time.perf_counter() - started), 1)
        return build_passages(
            found.passages, found.question.filters.window, {"retrieve": elapsed_ms}
        )


class ConversingService:
    """A server forgets whose conversations they are: here they are kept for their owners, in the
    archive that both share. What the server is asked stands alone."""

    def __init__(self, service: Service, turns: TurnLog) -> None:
        self._service = service
        self._conversation = Conversation(_Standalone(service), turns, llm=None)

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        return self._conversation.answer(question, on_delta)

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        return self._service.search(question, top_k)


class _Standalone:
    def __init__(self, service: Service) -> None:
        self._service = service

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        alone = replace(question, conversation_id=None, owner="", earlier=None)
        return self._service.answer(alone, on_delta)


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
                client = build_client(server, settings.llm_timeout_s)
                service = RemoteService(stack.enter_context(client))
        yield service


@contextmanager
def open_following_service(library: Library, settings: BotSettings) -> Iterator[Service]:
    """As `open_service`, for a front end that stays, with owners of its own: without a server it
    follows the archive as one does."""
    with open_service(library, settings) as service:
        if isinstance(service, LocalService):
            indexer = Indexer(library)
            with follow_archive(indexer, service.indexes, leads=settings.index_articles):
                yield service
        else:
            yield ConversingService(service, _open_turns(library, settings))


@contextmanager
def hold_local_service(
    library: Library, settings: BotSettings, timeout_s: float | None = None
) -> Iterator[LocalService]:
    """Raises IndexBusy, IndexMissing, IndexMismatch or SettingsError."""
    with hold_indexes(library.settings, library.generations, timeout_s) as indexes:
        indexes.follow_words(library.archive)
        yield build_local_service(library, indexes, settings)


def build_local_service(
    library: Library,
    indexes: Indexes,
    settings: BotSettings,
    on_call: OnCall = ignore_call,
    reader: Reads | None = None,
) -> LocalService:
    """Raises IndexMissing, IndexMismatch or SettingsError."""
    retriever = build_retriever(library, indexes)
    llm = build_llm(settings, on_call)
    reader = reader or Reader()
    answerer = build_answerer(retriever, llm, settings, reader)
    quoting = build_answerer(retriever, None, settings, reader)
    turns = _open_turns(library, settings)
    return LocalService(retriever, Conversation(answerer, turns, llm), quoting)


def _open_turns(library: Library, settings: BotSettings) -> TurnLog:
    return TurnLog(library.database, timedelta(days=settings.conversation_days))
