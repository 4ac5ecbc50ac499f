"""What Prometheus reads at `/metrics`. No label holds what was asked, or by whom."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.answering.llm import Call, OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.http.leaving import ClientLeft
from bot.http.limits import Turns
from bot.http.logs import CLIENT_LEFT, find_method, find_route
from bot.service import Service
from retrieval.errors import DatelineError

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Lag:
    """A gauge of changes that an index waits for."""

    name: str
    description: str


VECTORS = Lag(
    "dateline_index_lag_revisions",
    "Changes to the archive that are not yet in the vector index, which replicas share.",
)
WORDS = Lag(
    "dateline_lexical_lag_revisions",
    "Changes in the vector index that are not yet in this replica's lexical index.",
)


class Metrics:
    """A registry of each server's own, so that two in one process do not add up."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.questions = Counter(
            "dateline_questions_total",
            "Questions by how they were answered: answered, the reason why not, or error.",
            ["mode", "outcome"],
            registry=self.registry,
        )
        self.stages = Histogram(
            "dateline_stage_seconds",
            "Time that a question takes, by stage.",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.requests = Counter(
            "dateline_requests_total",
            "HTTP requests by route and status; 499: the client disconnected.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.rejected = Counter(
            "dateline_rejected_total",
            "Requests refused: over the rate limit, or too many already waiting.",
            ["limit"],
            registry=self.registry,
        )
        self.llm_calls = Counter(
            "dateline_llm_calls_total",
            "Calls to the language model by outcome; stopped: the client disconnected.",
            ["outcome"],
            registry=self.registry,
        )
        self.llm_tokens = Counter(
            "dateline_llm_tokens_total",
            "Tokens used by the language model, where its provider reports them.",
            ["kind"],
            registry=self.registry,
        )

    def count_call(self, call: Call) -> None:
        self.llm_calls.labels(call.outcome).inc()
        if call.usage is not None:
            self.llm_tokens.labels("prompt").inc(call.usage.prompt_tokens)
            self.llm_tokens.labels("completion").inc(call.usage.completion_tokens)

    def watch_turns(self, turns: Turns) -> None:
        running = Gauge(
            "dateline_answers_running", "Requests being answered.", registry=self.registry
        )
        running.set_function(lambda: turns.running)
        waiting = Gauge(
            "dateline_answers_waiting", "Requests waiting for a turn.", registry=self.registry
        )
        waiting.set_function(lambda: turns.waiting)

    def watch_lag(self, lag: Lag, read_lag: Callable[[], int]) -> None:
        """`read_lag` may raise DatelineError: the gauge then is not a number."""

        def read() -> float:
            try:
                return read_lag()
            except DatelineError:
                return float("nan")

        Gauge(lag.name, lag.description, registry=self.registry).set_function(read)


class MeteredService:
    """The service, with every question counted, whichever front end it comes from."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        started = time.perf_counter()
        mode, outcome = "none", "error"
        try:
            answer = self._service.answer(question, on_delta)
            mode = answer.mode
            outcome = "answered" if answer.abstention is None else answer.abstention.reason
        except ClientLeft:
            outcome = "left"
            raise
        finally:
            self._metrics.questions.labels(mode, outcome).inc()
            self._metrics.stages.labels("total").observe(time.perf_counter() - started)
        self._observe(answer.timings_ms)
        return answer

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        found = self._service.search(question, top_k)
        self._observe(found["timings_ms"])
        return found

    def _observe(self, timings_ms: dict[str, float]) -> None:
        for stage, elapsed_ms in timings_ms.items():
            self._metrics.stages.labels(stage).observe(elapsed_ms / 1000)


class RequestCount:
    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = CLIENT_LEFT

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            labels = find_method(scope), find_route(scope), str(status)
            self._metrics.requests.labels(*labels).inc()


def add_metrics(app: FastAPI, metrics: Metrics) -> None:
    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def get_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
