"""The HTTP API. Its shapes are the contract's; `/docs` shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Query
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig

from bot.answering.llm import OnDelta
from bot.answering.questions import build_question
from bot.answering.wire import build_answer
from bot.http.articles import add_article_routes
from bot.http.callers import Caller, get_caller
from bot.http.chat_completions import add_chat_completions
from bot.http.leaving import stop_when_left
from bot.http.mcp_tools import add_mcp
from bot.http.problems import PROBLEM_RESPONSES, add_problem_handlers
from bot.http.schemas import MOST_QUESTION_CHARACTERS, AskBody
from bot.http.streaming import EVENT_STREAM, respond_with, stream_answer
from bot.http.tracing import UNTRACED
from bot.service import Service
from bot.web.page import add_page
from retrieval.archive import Archive

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Check = Callable[[], str | None]


@asynccontextmanager
async def _no_lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield


def create_app(
    service: Service,
    archive: Archive,
    checks: dict[str, Check],
    lifespan: Lifespan = _no_lifespan,
    telemetry: TelemetryConfig = UNTRACED,
) -> FastAPI:
    """`checks` are what readiness depends on; each returns what is wrong, or None."""
    app = FastAPI(
        title="Dateline",
        description="Answers questions over dated news articles, with a source for every sentence.",
        lifespan=lifespan,
        # FastAPI's own pages load what shows them from elsewhere; `add_page` has one that does not.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=telemetry,
        responses=PROBLEM_RESPONSES,
    )
    add_problem_handlers(app)
    _add_questions(app, service)
    add_article_routes(app, archive)
    _add_health(app, checks)
    add_chat_completions(app, service)
    add_mcp(app, service, archive)
    add_page(app)
    return app


def _add_questions(app: FastAPI, service: Service) -> None:
    @app.post("/ask", response_model=None, responses={200: {"content": {EVENT_STREAM: {}}}})
    def ask(
        body: AskBody,
        caller: Annotated[Caller, Depends(get_caller)],
        stop: Annotated[OnDelta, Depends(stop_when_left)],
        accept: Annotated[str, Header()] = "",
    ) -> Response:
        question = body.to_question(caller.owner)
        if body.stream or EVENT_STREAM in accept:
            return respond_with(stream_answer(service, question))
        # As JSON at once: FastAPI would look into every value of it first.
        return JSONResponse(build_answer(service.answer(question, stop)))

    @app.get("/search")
    def search(
        q: Annotated[str, Query(min_length=1, max_length=MOST_QUESTION_CHARACTERS, pattern=r"\S")],
        source: Annotated[list[str], Query(default_factory=list)],
        asked_at: str | None = None,
        as_of: str | None = None,
        since: str | None = None,
        until: str | None = None,
        top_k: Annotated[int | None, Query(ge=1, le=100)] = None,
    ) -> dict[str, Any]:
        question = build_question(
            q, asked_at=asked_at, as_of=as_of, since=since, until=until, sources=source
        )
        return service.search(question, top_k)


def _add_health(app: FastAPI, checks: dict[str, Check]) -> None:
    # What watches servers often asks for no more than the head.
    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", responses={503: {"description": "What is wrong, by part."}})
    def readyz() -> JSONResponse:
        wrong = {name: problem for name, check in checks.items() if (problem := check())}
        found = {name: wrong.get(name, "ok") for name in checks}
        return JSONResponse(
            {"status": "not ready" if wrong else "ready", "checks": found},
            status_code=503 if wrong else 200,
        )
