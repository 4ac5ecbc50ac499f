"""Who may come in: whoever holds a key, or without keys whoever uses this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.http.callers import LOCAL, Caller
from bot.http.keys import ApiKey, find_key, hash_key
from bot.http.problems import build_problem
from bot.web.page import ARCHIVE_PATH, STATIC_PATH

_OPEN = frozenset({"/", ARCHIVE_PATH, "/healthz", "/readyz"})
# Slack signs what it sends, and its route checks the signature; installing sends a browser there
# and back, with a state that the route checks.
_SLACK = frozenset({"/slack/events", "/slack/install", "/slack/oauth_redirect"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ASKS = frozenset({"/ask", "/search", "/feedback", "/mcp"})
_ASKS_BELOW = ("/v1/", "/mcp/")
_KEY_NAMES = frozenset(
    {"key", "token", "api_key", "apikey", "api-key", "x-api-key", "access_token", "authorization"}
)
_HOW = "send the key as `Authorization: Bearer KEY` or as `X-API-Key: KEY`"


def is_open(path: str) -> bool:
    """What needs no key: the page, what it is made of, health, and what Slack and its
    users come to."""
    return path in _OPEN or path in _SLACK or path.startswith(STATIC_PATH)


class KeyGuard:
    """Lets in who holds a key, and says who that is in `connection.state.caller`.

    `own_key` is this server's own, for the command line of the same home.
    """

    def __init__(self, app: ASGIApp, keys: Sequence[ApiKey], own_key: str | None) -> None:
        self._app = app
        own = ApiKey("write", hash_key(own_key.encode())) if own_key else None
        self._callers = {key.digest: Caller(key.owner, key.role) for key in keys}
        self._keys = tuple(keys)
        if own is not None:
            self._keys += (own,)
            self._callers[own.digest] = LOCAL

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if refused := self._refuse(scope):
            status, detail = refused
            problem = build_problem(status, detail)
            if status == 401:
                problem.headers["WWW-Authenticate"] = "Bearer"
            await problem(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refuse(self, scope: Scope) -> tuple[int, str] | None:
        if self._has_key_in_url(scope["query_string"]):
            return 400, f"a key in the URL ends up in logs and histories: {_HOW}, and replace it"
        if is_open(scope["path"]):
            return None
        presented = _read_presented(Headers(scope=scope))
        if not presented:
            return 401, f"this needs an API key: {_HOW}"
        key = find_key(presented.pop(), self._keys)
        if key is None or presented:
            return 401, f"unknown API key, or more than one: {_HOW}, once"
        caller = self._callers[key.digest]
        if caller.role != "write" and _writes(scope["method"], scope["path"]):
            return 403, "this key may only read: use one with the role `write`"
        scope.setdefault("state", {})["caller"] = caller
        return None

    def _has_key_in_url(self, query: bytes) -> bool:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        return any(
            name.lower() in _KEY_NAMES or find_key(value.encode(), self._keys)
            for name, value in pairs
        )


class LocalGuard:
    """Without keys, only this machine's own pages and programs are listened to.

    A web site that names itself by this machine's address (DNS rebinding) shows in `Host`, and a
    page of another site in `Origin`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in _SLACK:
            headers = Headers(scope=scope)
            host, origin = headers.get("host", ""), headers.get("origin")
            detail = None
            if not _is_own_host(host, scope):
                detail = (
                    "without API keys this server answers only to 127.0.0.1 and localhost: "
                    "use one of these as the host, or set bot.api_keys"
                )
            elif origin is not None and urlsplit(origin).netloc != host:
                detail = (
                    "without API keys this server takes no requests from pages of other sites: "
                    "set bot.api_keys, and send a key"
                )
            if detail:
                await build_problem(403, detail)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _read_presented(headers: Headers) -> set[bytes]:
    """Every key that the headers give; what is no bearer token counts as a wrong one."""
    presented = {value.strip().encode("latin-1") for value in headers.getlist("x-api-key")}
    for value in headers.getlist("authorization"):
        scheme, _, token = value.strip().partition(" ")
        presented.add(token.strip().encode("latin-1") if scheme.lower() == "bearer" else b"")
    return presented


def _writes(method: str, path: str) -> bool:
    """Whatever is not known to ask only."""
    return method not in _READS and path not in _ASKS and not path.startswith(_ASKS_BELOW)


def _is_own_host(host: str, scope: Scope) -> bool:
    """A loopback name, or the very address that the request came in at."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name == (scope.get("server") or ("",))[0]:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
