"""Chroma's client, embedded or of a server, with the time limits that its own lacks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
from chromadb import HttpClient, PersistentClient
from chromadb.api import ClientAPI
from chromadb.config import Settings

from retrieval.chroma_calls import longest_s
from retrieval.errors import SettingsError
from retrieval.settings import RetrievalSettings

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_BUSY = frozenset({429, 502, 503, 504})


class ServerBusy(httpx.TransportError):
    """The server, or a proxy before it, takes nothing now."""


def connect(settings: RetrievalSettings) -> ClientAPI:
    """Raises SettingsError where the server's address cannot be one, and what httpx and Chroma
    raise where it cannot be reached."""
    if settings.chroma_url is None:
        path = settings.home / "chroma"
        return PersistentClient(path=str(path), settings=Settings(anonymized_telemetry=False))
    host, port, secure = _read_address(settings.chroma_url)
    headers = _build_headers(settings)
    # The client looks for its database when it is made, without a limit to its patience.
    base_url = f"{'https' if secure else 'http'}://{host}:{port}/api/v2"
    with httpx.Client(
        base_url=base_url, headers=headers, timeout=_TIMEOUT, trust_env=False
    ) as session:
        _make_database(session, settings)
    client = HttpClient(
        host=host,
        port=port,
        ssl=secure,
        headers=headers,
        tenant=settings.chroma_tenant,
        database=settings.chroma_database,
        settings=Settings(anonymized_telemetry=False),
    )
    for opened in _find_sessions(client):
        opened.timeout = _TIMEOUT
        opened.event_hooks = {"request": [_limit], "response": [_refuse_busy]}
    return client


def disconnect(client: ClientAPI) -> None:
    """Close what the client has open; its own way leaves connections to a server."""
    client.close()  # type: ignore[attr-defined]
    for opened in _find_sessions(client):
        opened.close()


def _limit(request: httpx.Request) -> None:
    if (seconds := longest_s.get()) is not None:
        request.extensions["timeout"] = httpx.Timeout(seconds).as_dict()


def _find_sessions(client: ClientAPI) -> list[httpx.Client]:
    """Its own, and that of the client which it asks for its database; none where Chroma is
    embedded."""
    clients: list[Any] = [client, getattr(client, "_admin_client", None)]
    servers: list[Any] = [getattr(each, "_server", None) for each in clients]
    return [server._session for server in servers if hasattr(server, "_session")]


def _make_database(session: httpx.Client, settings: RetrievalSettings) -> None:
    tenant = f"/tenants/{settings.chroma_tenant}"
    session.get(tenant).raise_for_status()
    databases = f"{tenant}/databases"
    found = session.get(f"{databases}/{settings.chroma_database}")
    if found.status_code == httpx.codes.NOT_FOUND:
        found = session.post(databases, json={"name": settings.chroma_database})
        if found.status_code == httpx.codes.CONFLICT:
            return  # another process was first
    found.raise_for_status()


def _refuse_busy(response: httpx.Response) -> None:
    if response.status_code in _BUSY:
        raise ServerBusy(f"it answered {response.status_code}", request=response.request)


def _read_address(url: str) -> tuple[str, int, bool]:
    wrong = SettingsError(
        "retrieval.chroma_url must look like http://127.0.0.1:8000 (`chroma run`)"
    )
    try:
        address = urlsplit(url)
        secure = address.scheme == "https"
        port = address.port or (443 if secure else 8000)
    except ValueError:
        raise wrong from None
    if address.scheme not in ("http", "https") or address.hostname is None:
        raise wrong
    host = f"[{address.hostname}]" if ":" in address.hostname else address.hostname
    return host, port, secure


def _build_headers(settings: RetrievalSettings) -> dict[str, str]:
    """Chroma Cloud reads the first, a proxy before a server of one's own the second."""
    if settings.chroma_token is None:
        return {}
    token = settings.chroma_token.get_secret_value()
    return {"X-Chroma-Token": token, "Authorization": f"Bearer {token}"}
