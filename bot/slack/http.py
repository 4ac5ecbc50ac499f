"""Slack's routes. `POST /slack/events`: the signature is checked before anything is parsed."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.starlette.async_handler import (
    AsyncSlackRequestHandler,
    to_starlette_response,
)
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.http.problems import build_problem
from bot.slack.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from bot.slack.requests import UnreadableRequest, read_request

_MOST_BODY_BYTES = 1_000_000
_MOST_DIGITS = 12


def add_slack_routes(app: FastAPI, bolt: AsyncApp, signing_secret: str) -> None:
    """Events, commands and clicks; and, where the app serves many workspaces, installing it."""
    _add_events(app, bolt, signing_secret)
    if bolt.oauth_flow is not None:
        handler = AsyncSlackRequestHandler(bolt)
        app.get(INSTALL_PATH, include_in_schema=False)(handler.handle)
        app.get(REDIRECT_PATH, include_in_schema=False)(handler.handle)


def _add_events(app: FastAPI, bolt: AsyncApp, signing_secret: str) -> None:
    verifier = SignatureVerifier(signing_secret)

    @app.post(EVENTS_PATH, include_in_schema=False)
    async def slack_events(request: Request) -> Response:
        body = await request.body()
        if len(body) > _MOST_BODY_BYTES:
            return build_problem(413, "the request is larger than any of Slack's")
        if not _is_signed(verifier, body, request):
            return build_problem(401, "the request is not signed by Slack")
        try:
            read = read_request(request, body)
        except UnreadableRequest:
            return build_problem(400, "the body is neither a JSON object nor a form of Slack's")
        return to_starlette_response(await bolt.async_dispatch(read))


def _is_signed(verifier: SignatureVerifier, body: bytes, request: Request) -> bool:
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    seconds = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MOST_DIGITS
    if not (seconds and signature.isascii()):
        return False
    try:
        return verifier.is_valid(body=body, timestamp=timestamp, signature=signature)
    except UnicodeDecodeError:
        return False
