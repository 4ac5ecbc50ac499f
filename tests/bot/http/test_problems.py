"""Every failure of the API: problem+json, and nothing of the code that failed."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.http.app import create_app
from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.errors import ArticleNotFound, DatelineError, InvalidDate, StorageError
from retrieval.opening import Library

SECRET = "postgresql://user:hunter2@host"


class Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def answer(self, _question: Question, _on_delta: OnDelta = ignore_delta) -> Answer:
        raise self._error

    def search(self, _question: Question, _top_k: int | None) -> dict[str, Any]:
        raise self._error


def client_that_fails(library: Library, error: Exception) -> TestClient:
    app = create_app(Failing(error), library.archive, checks={})
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DatelineError("the disk is full: free some"), 503),
        (StorageError("the disk is full: free some"), 503),
        (InvalidDate("soonish"), 422),
        (ArticleNotFound("abc"), 404),
    ],
)
def test_a_failure_that_the_user_can_act_on_says_what_to_do(
    library: Library, error: DatelineError, status: int
) -> None:
    client = client_that_fails(library, error)
    for response in (
        client.post("/ask", json={"question": "Who?"}),
        client.get("/search", params={"q": "Who?"}),
    ):
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status
        assert response.json()["title"]
        assert response.json()["detail"] == str(error)
        assert ("retry-after" in response.headers) == (status == 503)


def test_an_unforeseen_failure_shows_nothing_of_itself(library: Library) -> None:
    client = client_that_fails(library, RuntimeError(SECRET))
    response = client.post("/ask", json={"question": "Who?"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"] == "Internal Server Error"
    assert "hunter2" not in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    ("error", "status"), [(DatelineError("the disk is full"), 503), (RuntimeError(SECRET), 500)]
)
def test_a_stream_that_fails_ends_in_an_error_event(
    library: Library, error: Exception, status: int
) -> None:
    client = client_that_fails(library, error)
    response = client.post("/ask", json={"question": "Who?", "stream": True})
    assert response.status_code == 200
    *_, last, end = response.text.split("\n\n")
    assert end == ""
    assert last.startswith("event: error\n")
    assert f'"status": {status}' in last
    assert "hunter2" not in response.text


def test_a_method_that_is_not_taken_is_told_all_that_are(library: Library) -> None:
    client = TestClient(build_app(library, Failing(AssertionError()), BotSettings()))
    refused = client.options("/articles")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, POST"
    assert client.put("/articles/unknown").headers["allow"] == "DELETE, GET"
