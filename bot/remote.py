"""The server that holds the indexes of a home, found and asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.answering.wire import read_answer
from retrieval.errors import DatelineError
from retrieval.wire import build_bound

_PATIENCE_S = 30.0
_PROBE_S = 2.0


@dataclass(frozen=True, slots=True)
class AnnouncedServer:
    """`key` is one that a server with API keys left beside its address, for its own home alone."""

    url: str
    key: str | None = None


class RemoteService:
    """Asks the server that holds the indexes of this home."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        """Whole where nobody watches the draft."""
        body = {
            "question": question.text,
            "sources": list(question.filters.sources),
            "conversation_id": question.conversation_id,
            **_build_moments(question),
        }
        if on_delta is ignore_delta:
            return read_answer(self._send("POST", "/ask", json=body))
        return read_answer(self._follow(body | {"stream": True}, on_delta))

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        query = {
            "q": question.text,
            "source": list(question.filters.sources),
            "top_k": top_k,
            **_build_moments(question),
        }
        given = {name: value for name, value in query.items() if value is not None}
        return self._send("GET", "/search", params=given)

    def _follow(self, body: dict[str, Any], on_delta: OnDelta) -> dict[str, Any]:
        """The answer, its draft told as it comes; what `on_delta` raises hangs up, which ends the
        draft at the server too."""
        try:
            with self._client.stream("POST", "/ask", json=body) as response:
                if response.is_error:
                    response.read()
                    return _read(response)
                return _listen(response.iter_lines(), on_delta)
        except (httpx.HTTPError, ValueError) as error:
            raise self._silence() from error

    def _send(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        try:
            return _read(self._client.request(method, path, **arguments))
        except (httpx.HTTPError, ValueError) as error:
            raise self._silence() from error

    def _silence(self) -> DatelineError:
        return DatelineError(
            f"the server at {self._client.base_url} did not answer: check `dateline serve`"
        )


def build_client(server: AnnouncedServer, longest_answer_s: float) -> httpx.Client:
    return httpx.Client(
        base_url=server.url,
        headers={} if server.key is None else {"Authorization": f"Bearer {server.key}"},
        timeout=longest_answer_s + _PATIENCE_S,
        trust_env=False,
    )


def find_server(home: Path) -> AnnouncedServer | None:
    """The server that left its address in the home, if it still answers there."""
    try:
        announced = json.loads((home / "server.json").read_text(encoding="utf-8"))
        server = AnnouncedServer(str(announced["url"]), announced.get("key"))
        answered = httpx.get(f"{server.url}/healthz", timeout=_PROBE_S, trust_env=False)
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError, httpx.InvalidURL):
        return None
    return server if answered.is_success else None


def _read(response: httpx.Response) -> dict[str, Any]:
    """Raises DatelineError, or ValueError where it is no JSON."""
    body: dict[str, Any] = response.json()
    if response.is_error:
        raise DatelineError(str(body.get("detail", f"the server answered {response.status_code}")))
    return body


def _listen(lines: Iterator[str], on_delta: OnDelta) -> dict[str, Any]:
    """The answer that ends the events. Raises DatelineError, or ValueError where there is none."""
    drafting = False
    for name, content in _read_events(lines):
        if name == "answer":
            return content
        if name == "error":
            raise DatelineError(str(content["detail"]))
        drafting = drafting or content.get("stage") == "drafting"
        if drafting:
            on_delta(content.get("text", ""))
    raise ValueError("the events ended without an answer")


def _read_events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and content; one without either now and then, while the server keeps a silent stream
    open."""
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)
        elif line.startswith(":"):
            yield "", {}


def _build_moments(question: Question) -> dict[str, str | None]:
    window = question.filters.window
    moments = {"as_of": window.as_of, "since": window.since, "until": window.until}
    return {
        # In the asker's own zone: there "yesterday" is the asker's.
        "asked_at": question.asked_at.isoformat(timespec="seconds"),
        **{name: build_bound(moment) for name, moment in moments.items()},
    }
