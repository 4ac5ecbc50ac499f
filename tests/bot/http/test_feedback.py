"""Feedback over HTTP, on every kind of answer that is given there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.feedback import FeedbackLog
from bot.http.callers import Caller, get_caller
from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.test_app import check_problem
from tests.factories import make_article

ASKED = "Who chaired the talks?"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("feedback"), make_article()) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(shelf: Shelf) -> FastAPI:
    return build_app(shelf.library, shelf.service, BotSettings())


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    yield TestClient(app)
    app.dependency_overrides.clear()


def ask(client: TestClient, question: str = ASKED) -> str:
    answer_id = client.post("/ask", json={"question": question}).json()["id"]
    assert isinstance(answer_id, str)
    return answer_id


def ask_stream(client: TestClient) -> str:
    events = client.post("/ask", json={"question": ASKED, "stream": True}).text
    last = events.strip().rpartition("data: ")[2]
    return str(json.loads(last)["id"])


def find(shelf: Shelf, answer_id: str) -> list[tuple[str, str | None]]:
    read = FeedbackLog(shelf.library.database).read()
    return [(given.verdict, given.comment) for given in read if given.answer_id == answer_id]


def test_a_verdict_is_kept_and_a_second_one_replaces_it(shelf: Shelf, client: TestClient) -> None:
    body = {"answer_id": ask(client), "verdict": "down", "comment": "It was in June."}
    response = client.post("/feedback", json=body)
    assert (response.status_code, response.json()) == (201, body)
    assert find(shelf, body["answer_id"]) == [("down", "It was in June.")]
    better = {"answer_id": body["answer_id"], "verdict": "up"}
    assert client.post("/feedback", json=better).status_code == 201
    assert find(shelf, body["answer_id"]) == [("up", None)]


def test_streamed_answers_and_refusals_can_be_judged_too(shelf: Shelf, client: TestClient) -> None:
    for answer_id in (ask_stream(client), ask(client, "How do penguins feed their chicks?")):
        response = client.post("/feedback", json={"answer_id": answer_id, "verdict": "up"})
        assert response.status_code == 201
        assert find(shelf, answer_id) == [("up", None)]


def test_another_s_answer_is_as_unknown_as_one_that_never_was(
    app: FastAPI, client: TestClient
) -> None:
    app.dependency_overrides[get_caller] = lambda: Caller("alice", "read")
    answer_id = ask(client)
    app.dependency_overrides[get_caller] = lambda: Caller("bob", "write")
    said = [
        check_problem(client.post("/feedback", json={"answer_id": each, "verdict": "up"}), 404)
        for each in (answer_id, "0" * 32)
    ]
    assert said[0].replace(answer_id, "0" * 32) == said[1]
    app.dependency_overrides[get_caller] = lambda: Caller("alice", "read")
    body = {"answer_id": answer_id, "verdict": "up"}
    assert client.post("/feedback", json=body).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "sideways"},
        {"verdict": None},
        {"comment": "x" * 501},
        {"comment": 7},
        {"answer_id": ""},
        {"answer_id": "a\x00"},
        {"answer_id": "x" * 101},
        {"answer_id": None},
        {"stars": 5},
    ],
)
def test_a_verdict_that_cannot_be_kept_is_refused(
    client: TestClient, change: dict[str, Any]
) -> None:
    body = {"answer_id": "0" * 32, "verdict": "up", **change}
    assert next(iter(change)) in check_problem(client.post("/feedback", json=body), 422)


def test_a_comment_may_be_as_long_as_is_said(client: TestClient) -> None:
    body = {"answer_id": ask(client), "verdict": "up", "comment": "ä" * 500}
    assert client.post("/feedback", json=body).status_code == 201
