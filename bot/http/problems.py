"""Every failure as `application/problem+json` (RFC 9457): what is wrong and what to do."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.answering.questions import EmptyQuestion
from bot.feedback import AnswerNotFound
from bot.http.jobs import JobNotFound
from bot.http.leaving import ClientLeft
from bot.http.logs import CLIENT_LEFT, SEE_LOG, find_route
from retrieval.errors import ArticleNotFound, DatelineError, InvalidDate

_log = logging.getLogger(__name__)
PROBLEM = "application/problem+json"
_STATUSES = (400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 500, 503)
_HINTS = {
    400: "the request cannot be read: see /docs",
    404: "there is nothing at this address: see /docs",
    405: "this address does not take this method: see /docs",
}
# By then a process has been started again, or a connection been made anew.
_RETRY_S = 5
# What FastAPI says of a body that is not text, or is nested too deep.
_UNREADABLE = "There was an error parsing the body"
_SEND_JSON = "send JSON in UTF-8, as /docs shows it"
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what to do."},
    },
}

PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": {PROBLEM: {"schema": _SCHEMA}}}
    for status in _STATUSES
}


def build_problem(status: int, detail: str, **members: object) -> JSONResponse:
    """`members` are what a problem of a kind has beside those of every problem."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    return JSONResponse(content, status_code=status, media_type=PROBLEM)


def add_problem_handlers(app: FastAPI) -> None:
    _add_refusals(app)
    _add_failures(app)


def _add_refusals(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        if _has_other_type(request, error):
            return build_problem(415, "send the body with `Content-Type: application/json`")
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            reason, at = first["ctx"]["error"], first["loc"][-1]
            return build_problem(422, f"the body is not JSON ({reason} at {at}): {_SEND_JSON}")
        problems = (
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        return build_problem(422, "; ".join(problems) + " (see /docs)")

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        detail = error.detail
        if detail == _UNREADABLE:
            detail = f"the body cannot be read: {_SEND_JSON}"
        elif detail == HTTPStatus(error.status_code).phrase:
            detail = _HINTS.get(error.status_code, detail)
        problem = build_problem(error.status_code, detail)
        problem.headers.update(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            problem.headers["Allow"] = ", ".join(_list_methods(app, request.scope))
        return problem


def _list_methods(app: FastAPI, scope: Scope) -> list[str]:
    """Of every route of an address: the router itself names those of the first alone."""
    routes = [route for route in app.routes if isinstance(route, Route)]
    found = [route for route in routes if route.matches(scope)[0] is not Match.NONE]
    return sorted({method for route in found for method in route.methods or ()})


def _add_failures(app: FastAPI) -> None:
    @app.exception_handler(ClientLeft)
    def _left(_request: Request, _error: ClientLeft) -> Response:
        return Response(status_code=CLIENT_LEFT)

    @app.exception_handler(DatelineError)
    def _dateline(_request: Request, error: DatelineError) -> JSONResponse:
        match error:
            case ArticleNotFound() | AnswerNotFound() | JobNotFound():
                return build_problem(404, str(error))
            case EmptyQuestion() | InvalidDate():
                return build_problem(422, str(error))
            case _:
                _log.error("request failed: %s", error)
                problem = build_problem(503, str(error))
                problem.headers["Retry-After"] = str(_RETRY_S)
                return problem

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        return _report(request.scope, error)


class Failures:
    """What no handler foresaw, as a problem that goes out by way of the other middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except asyncio.CancelledError:
            if begun or scope["type"] != "http":
                raise
            problem = build_problem(503, "the server was stopped before this was done: ask again")
            await problem(scope, receive, send)
        except Exception as error:
            # Once begun, a response can only be broken off: the server does, when it is raised.
            if begun or scope["type"] != "http":
                raise
            await _report(scope, error)(scope, receive, send)


def _report(scope: Scope, error: Exception) -> JSONResponse:
    request_id = scope.get("state", {}).get("request_id", "-")
    _log.error("%s failed in request %s", find_route(scope), request_id, exc_info=error)
    return build_problem(500, f"{SEE_LOG} ({request_id})")


def _has_other_type(request: Request, error: RequestValidationError) -> bool:
    """Whether the body was taken for text, because its type is not JSON's."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = content_type == "application/json" or content_type.endswith("+json")
    loc = tuple(error.errors()[0]["loc"])
    return loc == ("body",) and not is_json and request.headers.get("content-length", "0") != "0"
