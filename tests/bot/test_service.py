"""The same service here and at the server that holds the indexes."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi.testclient import TestClient

from bot.answering.questions import build_question
from bot.answering.schema import Answer
from bot.answering.wire import build_answer
from bot.remote import RemoteService, find_server
from bot.service import LocalService, open_service
from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.errors import DatelineError, IndexBusy
from retrieval.indexes import Indexes
from retrieval.opening import Library
from tests.bot.factories import Shelf
from tests.bot.health import serve_health
from tests.factories import make_article

ASKED = "Who chaired the talks?"


@pytest.fixture
def remote(shelf: Shelf) -> RemoteService:
    """Over the real API, without a socket."""
    shelf.put(make_article())
    app = build_app(shelf.library, shelf.service, BotSettings())
    return RemoteService(cast(httpx.Client, TestClient(app)))


def without_chance(answer: Answer) -> dict[str, Any]:
    return build_answer(replace(answer, answer_id="", conversation_id="", timings_ms={}))


@pytest.mark.parametrize(
    "bounds",
    [
        {},
        {"as_of": "2025-06-25"},
        {"since": "2025-06-25", "until": "2025-06-26"},
        {"as_of": "2025-01-01"},
        {"asked_at": "2026-01-01", "conversation_id": "c1"},
        {"asked_at": "2025-06-25T23:30:00-07:00"},
    ],
)
def test_a_server_gives_the_answer_that_this_process_would_give(
    shelf: Shelf, remote: RemoteService, bounds: dict[str, str]
) -> None:
    told = ("What did the talks in June 2025 say?", "Who chaired the talks yesterday?")
    for text in (ASKED, *told, "Do penguins fly?"):
        question = build_question(text, **{"asked_at": "2025-07-01", **bounds})
        here, there = shelf.service.answer(question), remote.answer(question)
        assert without_chance(there) == without_chance(here)


def test_a_server_gives_the_passages_that_this_process_would_give(
    shelf: Shelf, remote: RemoteService
) -> None:
    asked = f"{ASKED.removesuffix('?')} today?"
    moment = "2025-06-26T01:30:00+09:00"
    question = build_question(asked, asked_at=moment, sources=["Meridian Wire", "B"])
    here, there = shelf.service.search(question, 3), remote.search(question, 3)
    assert there["passages"] == here["passages"] != []
    assert there["window"] == here["window"]


def test_what_a_server_refuses_is_said_in_its_words(remote: RemoteService) -> None:
    with pytest.raises(DatelineError, match="question: String should have at most 2000"):
        remote.answer(build_question("a" * 2001))


def test_without_a_server_this_process_takes_the_indexes(library: Library) -> None:
    with open_service(library, BotSettings()) as service:
        assert isinstance(service, LocalService)


def test_the_address_of_a_server_that_died_is_not_asked(library: Library) -> None:
    with closed_port() as port:
        announce(library, f"http://127.0.0.1:{port}")
        with open_service(library, BotSettings()) as service:
            assert isinstance(service, LocalService)


def test_the_server_that_holds_the_indexes_is_asked(library: Library, indexes: Indexes) -> None:
    del indexes
    with serve_health() as url:
        announce(library, url)
        with open_service(library, BotSettings()) as service:
            assert isinstance(service, RemoteService)


def test_a_server_that_took_over_the_address_of_one_that_died_is_not_asked(
    library: Library,
) -> None:
    """It may be that of another home, which has other articles. Ours holds our indexes."""
    with serve_health() as url:
        announce(library, url)
        with open_service(library, BotSettings()) as service:
            assert isinstance(service, LocalService)


@pytest.mark.parametrize("died", [False, True])
def test_indexes_that_no_server_holds_are_waited_for_and_then_busy(
    library: Library, indexes: Indexes, died: bool
) -> None:
    del indexes
    impatient = replace(
        library, settings=library.settings.model_copy(update={"lock_timeout_s": 0.1})
    )
    with closed_port() as port:
        if died:
            announce(library, f"http://127.0.0.1:{port}")
        with (
            pytest.raises(IndexBusy, match="wait for it to finish"),
            open_service(impatient, BotSettings()),
        ):
            pass


def test_a_server_that_does_not_answer_is_one_error_that_names_it() -> None:
    with (
        closed_port() as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
        pytest.raises(DatelineError, match=f"127.0.0.1:{port}.*dateline serve"),
    ):
        RemoteService(client).answer(build_question(ASKED))


def test_a_server_that_says_something_else_is_one_error_that_names_it() -> None:
    with (
        serve_health() as url,
        httpx.Client(base_url=url) as client,
        pytest.raises(DatelineError, match=f"{url}.*dateline serve"),
    ):
        RemoteService(client).answer(build_question(ASKED))


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", "null", "7", '{"url": ""}', '{"url": "http://a:b"}', '{"url": 7}'],
)
def test_an_announcement_that_cannot_be_read_is_no_server(tmp_path: Path, content: str) -> None:
    (tmp_path / "server.json").write_text(content)
    assert find_server(tmp_path) is None


def test_a_home_without_an_announcement_has_no_server(tmp_path: Path) -> None:
    assert find_server(tmp_path) is None


def announce(library: Library, url: str) -> None:
    library.settings.home.mkdir(exist_ok=True)
    (library.settings.home / "server.json").write_text(json.dumps({"url": url}))


@contextmanager
def closed_port() -> Iterator[int]:
    """Bound and not listened to: nobody else gets it, and nobody answers."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])
