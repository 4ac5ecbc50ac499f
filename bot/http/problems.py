"""Every failure as `application/problem+json` (RFC 9457): what is wrong and what to do."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from bot.feedback import AnswerNotFound
from bot.http.callers import WriteNotAllowed
from bot.http.jobs import JobNotFound
from retrieval.errors import ArticleNotFound, DatelineError, InvalidDate

_log = logging.getLogger(__name__)
_MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What every failure looks like."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str = Field(description="What is wrong and what to do next.")


def describe_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route, for its documentation."""
    schema = Problem.model_json_schema()
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {_MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def build_problem(status: int, detail: str) -> JSONResponse:
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JSONResponse(content, status_code=status, media_type=_MEDIA_TYPE)


def add_problem_handlers(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = (
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        return build_problem(422, "; ".join(problems) + " (see /docs)")

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> JSONResponse:
        hints = {
            404: "there is nothing at this address: see /docs",
            405: "this address takes another method: see /docs",
        }
        detail = hints.get(error.status_code, error.detail)
        problem = build_problem(error.status_code, detail)
        problem.headers.update(error.headers or {})
        return problem

    @app.exception_handler(DatelineError)
    def _dateline(_request: Request, error: DatelineError) -> JSONResponse:
        match error:
            case ArticleNotFound() | AnswerNotFound() | JobNotFound():
                return build_problem(404, str(error))
            case InvalidDate():
                return build_problem(422, str(error))
            case WriteNotAllowed():
                return build_problem(403, str(error))
            case _:
                _log.error("request failed: %s", error)
                return build_problem(503, str(error))

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        _log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        return build_problem(500, "something went wrong here: the server's log says what")
