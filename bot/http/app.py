"""The HTTP API. Its shapes are the contract's; `/docs` shows them."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query
from fastapi.responses import JSONResponse, Response, StreamingResponse

from bot.answering.questions import build_question
from bot.answering.schema import Question
from bot.answering.wire import build_answer
from bot.http.problems import add_problem_handlers
from bot.http.schemas import MOST_QUESTION_CHARACTERS, AskBody
from bot.service import Service
from retrieval.archive import Archive
from retrieval.errors import DatelineError
from retrieval.wire import build_article

_log = logging.getLogger(__name__)

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
) -> FastAPI:
    """`checks` are what readiness depends on; each returns what is wrong, or None."""
    app = FastAPI(
        title="Dateline",
        description="Answers over dated news articles, every sentence with its source.",
        lifespan=lifespan,
    )
    add_problem_handlers(app)
    _add_questions(app, service)
    _add_articles(app, archive)
    _add_health(app, checks)
    return app


def _add_questions(app: FastAPI, service: Service) -> None:
    @app.post("/ask", response_model=None)
    def ask(body: AskBody, accept: Annotated[str, Header()] = "") -> dict[str, Any] | Response:
        question = body.to_question()
        if body.stream or "text/event-stream" in accept:
            return StreamingResponse(_stream(service, question), media_type="text/event-stream")
        return build_answer(service.answer(question))

    @app.get("/search")
    def search(
        q: Annotated[str, Query(min_length=1, max_length=MOST_QUESTION_CHARACTERS, pattern=r"\S")],
        asked_at: str | None = None,
        as_of: str | None = None,
        since: str | None = None,
        until: str | None = None,
        source: Annotated[list[str] | None, Query()] = None,
        top_k: Annotated[int | None, Query(ge=1, le=100)] = None,
    ) -> dict[str, Any]:
        question = build_question(
            q, asked_at=asked_at, as_of=as_of, since=since, until=until, sources=source or ()
        )
        return service.search(question, top_k)


def _add_articles(app: FastAPI, archive: Archive) -> None:
    @app.get("/articles/{article_id}")
    def get_article(article_id: str) -> dict[str, Any]:
        return build_article(archive.get(article_id))


def _add_health(app: FastAPI, checks: dict[str, Check]) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        wrong = {name: problem for name, check in checks.items() if (problem := check())}
        found = {name: wrong.get(name, "ok") for name in checks}
        return JSONResponse(
            {"status": "not ready" if wrong else "ready", "checks": found},
            status_code=503 if wrong else 200,
        )


def _stream(service: Service, question: Question) -> Iterator[str]:
    """Server-sent events; the last one is always `answer` or `error`."""
    yield _event("status", {"stage": "retrieving"})
    try:
        answer = service.answer(question)
    except DatelineError as error:
        yield _event("error", {"status": 503, "detail": str(error)})
    except Exception:  # noqa: BLE001 - the stream's last event must say so
        _log.exception("a streamed question failed")
        detail = "something went wrong here: the server's log says what"
        yield _event("error", {"status": 500, "detail": detail})
    else:
        yield _event("delta", {"text": answer.text})
        yield _event("answer", build_answer(answer))


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"
