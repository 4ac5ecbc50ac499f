"""Problems below `/v1/`, whoever found them, with the `error` member that OpenAI's clients read."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.problems import PROBLEM, build_problem

_PATHS = "/v1/"
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class RefusedParameter(Exception):
    """A request of OpenAI's shape asks for what is not done here; `param` names the field."""

    def __init__(self, param: str, detail: str, status: int = 400, code: str | None = None) -> None:
        super().__init__(detail)
        self.param = param
        self.status = status
        self.code = code


def build_error(
    status: int, detail: str, param: str | None = None, code: str | None = None
) -> dict[str, str | None]:
    """OpenAI's error object."""
    other = "invalid_request_error" if status < 500 else "server_error"
    return {"message": detail, "type": _TYPES.get(status, other), "param": param, "code": code}


def add_openai_errors(app: FastAPI) -> None:
    @app.exception_handler(RefusedParameter)
    def _refused(_request: Request, refused: RefusedParameter) -> JSONResponse:
        error = build_error(refused.status, str(refused), refused.param, refused.code)
        return build_problem(refused.status, str(refused), error=error)


class OpenAIErrors:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_PATHS):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_with_error(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                whole = _with_error(json.loads(body))
                # A copy: one response object may answer several requests.
                headers = MutableHeaders(raw=list(start["headers"]))
                headers["content-length"] = str(len(whole))
                await send({**start, "headers": headers.raw})
                await send({"type": "http.response.body", "body": whole})

        await self._app(scope, receive, send_with_error)


def _is_problem(message: Message) -> bool:
    return MutableHeaders(raw=message["headers"]).get("content-type") == PROBLEM


def _with_error(problem: dict[str, Any]) -> bytes:
    error = problem.get("error") or build_error(problem["status"], problem["detail"])
    return json.dumps({**problem, "error": error}, ensure_ascii=False).encode()
