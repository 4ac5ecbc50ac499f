"""What Prometheus reads, after what happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.http.metrics import Metrics
from bot.service import build_local_service
from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.errors import DatelineError, StorageError
from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.servers import ASKED
from tests.factories import make_article, put_article
from tests.llm_server import run_server, settings_for

Sample = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("metrics"), make_article()) as opened:
        yield opened


def read_metrics(client: TestClient) -> dict[Sample, float]:
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def sample(name: str, **labels: str) -> Sample:
    return f"dateline_{name}", frozenset(labels.items())


def test_questions_stages_and_requests_are_counted(shelf: Shelf) -> None:
    client = TestClient(build_app(shelf.library, shelf.service, BotSettings()))
    for _ in range(2):
        client.post("/ask", json={"question": ASKED})
    client.post("/ask", json={"question": ASKED, "stream": True})
    client.post("/ask", json={"question": ASKED, "since": "2025-06-26"})
    client.post("/ask", json={"question": ""})
    client.get("/search", params={"q": "talks"})
    client.get("/articles/nothing-like-it")
    client.get("/nowhere")
    found = read_metrics(client)
    assert found[sample("questions_total", mode="extractive", outcome="answered")] == 3
    assert found[sample("questions_total", mode="extractive", outcome="outside_window")] == 1
    assert found[sample("stage_seconds_count", stage="total")] == 4
    assert found[sample("stage_seconds_count", stage="answer")] == 4
    assert found[sample("stage_seconds_count", stage="retrieve")] == 5
    requests = {
        ("POST", "/ask", "200"): 4,
        ("POST", "/ask", "422"): 1,
        ("GET", "/search", "200"): 1,
        ("GET", "/articles/{article_id}", "404"): 1,
        ("GET", "unknown", "404"): 1,
    }
    for (method, route, status), count in requests.items():
        labels = {"method": method, "route": route, "status": status}
        assert found[sample("requests_total", **labels)] == count
    assert found[sample("answers_running")] == found[sample("answers_waiting")] == 0
    assert "Rutte" not in str(found)


def test_a_question_that_fails_is_counted(shelf: Shelf) -> None:
    class Failing:
        def answer(self, _question: Question, _on_delta: OnDelta = ignore_delta) -> Answer:
            raise DatelineError("the disk is full")

        def search(self, _question: Question, _top_k: int | None) -> dict[str, object]:
            raise DatelineError("the disk is full")

    client = TestClient(build_app(shelf.library, Failing(), BotSettings()))
    client.post("/ask", json={"question": ASKED})
    assert read_metrics(client)[sample("questions_total", mode="none", outcome="error")] == 1


def test_the_lag_of_the_indexes_is_told(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(build_app(shelf.library, shelf.service, BotSettings()))
    lag = sample("index_lag_revisions")
    assert read_metrics(client)[lag] == 0
    put_article(shelf.library.archive, make_article("New", "It is new.", "https://example.org/n"))
    assert read_metrics(client)[lag] == 1
    shelf.indexer.catch_up(shelf.indexes)
    assert read_metrics(client)[lag] == 0

    def fail() -> int:
        raise StorageError("the database is away")

    monkeypatch.setattr(shelf.library.generations, "active", fail)
    told = read_metrics(client)[lag]
    assert told != told  # not a number


def test_who_is_turned_away_is_counted(shelf: Shelf) -> None:
    settings = {"rate_limit": "2/hour", "api_keys": "read:the-asking,read:the-scraping"}
    app = build_app(shelf.library, shelf.service, BotSettings.model_validate(settings))
    asking = TestClient(app, headers={"X-API-Key": "the-asking"})
    statuses = [asking.get("/search", params={"q": "talks"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 429, 429, 429]
    scraping = TestClient(app, headers={"X-API-Key": "the-scraping"})
    assert read_metrics(scraping)[sample("rejected_total", limit="rate")] == 3


def test_the_model_s_calls_and_tokens_are_counted(shelf: Shelf) -> None:
    with run_server() as model:
        model.usage = (120, 7)
        settings = settings_for(model.url).model_copy(update={"llm": "openai/scripted"})
        metrics = Metrics()
        service = build_local_service(shelf.library, shelf.indexes, settings, metrics.count_call)
        client = TestClient(build_app(shelf.library, service, settings, metrics=metrics))
        for _ in range(2):
            assert client.post("/ask", json={"question": ASKED}).json()["mode"] == "generative"
        model.status, model.content = 500, b"{}"
        assert client.post("/ask", json={"question": ASKED}).json()["mode"] == "extractive"
    found = read_metrics(client)
    assert found[sample("llm_calls_total", outcome="drafted")] == 2
    assert found[sample("llm_calls_total", outcome="failed")] == 1
    assert found[sample("llm_tokens_total", kind="prompt")] == 240
    assert found[sample("llm_tokens_total", kind="completion")] == 14


def test_two_servers_count_apart(shelf: Shelf) -> None:
    first, second = (
        TestClient(build_app(shelf.library, shelf.service, BotSettings())) for _ in range(2)
    )
    first.post("/ask", json={"question": ASKED})
    answered = sample("questions_total", mode="extractive", outcome="answered")
    assert answered in read_metrics(first)
    assert answered not in read_metrics(second)
