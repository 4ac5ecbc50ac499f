"""Every route of the API over real indexes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from bot.http.app import create_app
from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.answering.test_wire import ANSWER_KEYS, CITATION_KEYS, PASSAGE_KEYS
from tests.bot.factories import Shelf, day, open_shelf
from tests.factories import SUMMIT, make_article

ASKED = "Who chaired the talks?"
CABLE = "A cable between Finland and Estonia was cut by the anchor of a tanker."


ARTICLES = (
    make_article(),
    make_article(
        title="Cables",
        text=CABLE,
        url="https://example.org/cables",
        source="Northern Ledger",
        published_at=day("2024-12-25"),
    ),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One server for all: nothing here writes."""
    with open_shelf(tmp_path_factory.mktemp("api"), *ARTICLES) as shelf:
        yield TestClient(build_app(shelf.library, shelf.service, BotSettings()))


def ask(client: TestClient, **body: Any) -> Response:
    return client.post("/ask", json={"question": ASKED, **body})


def check_problem(response: Response, status: int) -> str:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert problem["title"]
    assert "Traceback" not in response.text
    detail = problem["detail"]
    assert isinstance(detail, str)
    assert detail
    return detail


def test_ask_gives_the_contract_s_answer(client: TestClient) -> None:
    response = ask(client, conversation_id="c1", asked_at="2025-07-01")
    assert response.status_code == 200
    answer = response.json()
    assert set(answer) == ANSWER_KEYS
    assert answer["answered"] is True
    assert answer["answer"].startswith("Mark Rutte chaired the talks [1].")
    assert set(answer["citations"][0]) == CITATION_KEYS
    citation = answer["citations"][0]
    assert SUMMIT[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["published_at"] == "2025-06-25T16:00:00Z"
    assert answer["conversation_id"] == "c1"


def test_ask_keeps_to_the_dates_and_sources_it_is_given(client: TestClient) -> None:
    early = ask(client, as_of="2025-06-24").json()
    assert early["as_of"] == "2025-06-24T23:59:59Z"
    shown = early["citations"] or early["abstention"]["closest"]
    assert {citation["title"] for citation in shown} == {"Cables"}
    assert ask(client, since="2025-06-26").json()["abstention"]["reason"] == "outside_window"
    elsewhere = ask(client, sources=["northern ledger"]).json()
    shown = elsewhere["citations"] or elsewhere["abstention"]["closest"]
    assert {citation["source"] for citation in shown} == {"Northern Ledger"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"question": "Who?", "as_off": "2025-01-01"}, id="unknown field"),
        pytest.param({"question": ""}, id="empty"),
        pytest.param({"question": " \n\t"}, id="blank"),
        pytest.param({"question": "a" * 2001}, id="too long"),
        pytest.param({"question": 7}, id="not a text"),
        pytest.param({"question": "Who \ud800?"}, id="half a character"),
        pytest.param({"question": "\x00\u200b"}, id="invisible"),
        pytest.param({"question": "Who?", "as_of": "soonish"}, id="no date"),
        pytest.param({"question": "Who?", "since": "2025-02-30"}, id="no such day"),
        pytest.param({"question": "Who?", "until": ""}, id="empty date"),
        pytest.param({"question": "Who?", "asked_at": "9999-12-31T23:59-10:00"}, id="far date"),
        pytest.param({"question": "Who?", "as_of": 20250101}, id="date as a number"),
        pytest.param({"question": "Who?", "sources": "Meridian Wire"}, id="sources not a list"),
        pytest.param({"question": "Who?", "sources": ["x"] * 101}, id="too many sources"),
        pytest.param({"question": "Who?", "conversation_id": "x" * 101}, id="long conversation"),
        pytest.param({}, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param(None, id="null"),
    ],
)
def test_a_body_that_cannot_be_answered_is_refused(client: TestClient, body: object) -> None:
    response = client.post(
        "/ask", content=json.dumps(body), headers={"content-type": "application/json"}
    )
    check_problem(response, 422)


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b'{"question": "Who?"'])
def test_a_body_that_is_not_json_is_refused(client: TestClient, body: bytes) -> None:
    response = client.post("/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    check_problem(response, response.status_code)


def test_a_question_of_the_greatest_length_is_answered(client: TestClient) -> None:
    assert ask(client, question="chair " * 333 + "?").status_code == 200


@pytest.mark.parametrize("question", ["?", "\u202eohw", "AND OR NOT (", "“”", "🙂", '"quoted'])
def test_odd_questions_are_answered_or_declined(client: TestClient, question: str) -> None:
    assert ask(client, question=question).status_code == 200


@pytest.mark.parametrize("text", ["\ud800", "\x00", "\u202eMeridian Wire"])
def test_odd_names_of_sources_name_only_what_is_there(client: TestClient, text: str) -> None:
    """No database keeps every character, and a filter is never dropped for one."""
    body = json.dumps({"question": ASKED, "sources": [text]})
    answer = client.post("/ask", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["answered"] is ("Meridian" in text)


@pytest.mark.parametrize("question", ["What happened on 9999-12-31?", "As of 31 December 9999?"])
def test_a_question_with_a_date_beyond_the_calendar_is_answered_or_declined(
    client: TestClient, question: str
) -> None:
    assert ask(client, question=question).status_code == 200


@pytest.mark.parametrize(
    ("body", "headers"),
    [({"stream": True}, {}), ({}, {"accept": "text/event-stream"})],
    ids=["by its body", "by its header"],
)
def test_a_stream_ends_in_the_whole_answer(
    client: TestClient, body: dict[str, Any], headers: dict[str, str]
) -> None:
    response = client.post("/ask", json={"question": ASKED, **body}, headers=headers)
    assert response.headers["content-type"].startswith("text/event-stream")
    blocks = response.text.strip().split("\n\n")
    events = [read_event(block) for block in blocks if not block.startswith(":")]
    assert [name for name, _ in events] == ["status", "status", "delta", "answer"]
    answer = events[-1][1]
    assert set(answer) == ANSWER_KEYS
    assert events[1][1] == {"stage": "reading", "passages": 2, "stories": 2}
    assert events[2][1]["text"] == answer["answer"]


def test_a_stream_of_a_bad_question_is_refused_before_it_begins(client: TestClient) -> None:
    check_problem(ask(client, stream=True, as_of="soonish"), 422)


def read_event(block: str) -> tuple[str, dict[str, Any]]:
    name, content = block.split("\n")
    loaded: dict[str, Any] = json.loads(content.removeprefix("data: "))
    return name.removeprefix("event: "), loaded


def test_search_gives_ranked_passages(client: TestClient) -> None:
    found = client.get("/search", params={"q": "cable"}).json()
    assert set(found) == {"passages", "window", "timings_ms"}
    assert [passage["rank"] for passage in found["passages"]] == [1, 2]
    assert set(found["passages"][0]) == PASSAGE_KEYS
    assert found["passages"][0]["text"] == CABLE
    assert found["passages"][0]["published_at"] == "2024-12-25T00:00:00Z"


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({}, {"Cables", "Allies meet in The Hague"}),
        ({"as_of": "2025-01-01"}, {"Cables"}),
        ({"since": "2025-01-01"}, {"Allies meet in The Hague"}),
        ({"until": "2024-12-25"}, {"Cables"}),
        ({"source": "Northern Ledger"}, {"Cables"}),
        (
            {"source": ["Northern Ledger", "Meridian Wire"]},
            {"Cables", "Allies meet in The Hague"},
        ),
        ({"source": "Nobody"}, set()),
        ({"top_k": 1}, {"Cables"}),
    ],
)
def test_search_keeps_to_its_filters(
    client: TestClient, filters: dict[str, Any], titles: set[str]
) -> None:
    found = client.get("/search", params={"q": "cable", **filters}).json()
    assert {passage["title"] for passage in found["passages"]} == titles


def test_search_reads_time_words_against_the_day_it_is_asked(client: TestClient) -> None:
    query = {"q": "cable last week", "asked_at": "2025-01-01"}
    assert client.get("/search", params=query).json()["window"] == {
        "since": "2024-12-23T00:00:00Z",
        "until": "2024-12-29T23:59:59Z",
        "from_question": True,
    }


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": "  "},
        {"q": "a" * 2001},
        {"q": "cable", "as_of": "soonish"},
        {"q": "cable", "top_k": 0},
        {"q": "cable", "top_k": 101},
        {"q": "cable", "top_k": "many"},
    ],
)
def test_a_search_that_cannot_be_made_is_refused(client: TestClient, query: dict[str, Any]) -> None:
    check_problem(client.get("/search", params=query), 422)


def test_an_article_is_given_whole(client: TestClient) -> None:
    article_id = make_article().article_id
    article = client.get(f"/articles/{article_id}").json()
    assert set(article) == {
        "article_id",
        "revision",
        "story_id",
        "title",
        "url",
        "path",
        "source",
        "published_at",
        "date_provenance",
        "authors",
        "language",
        "modified_at",
        "text",
    }
    assert article["article_id"] == article_id
    assert article["revision"] == 1
    assert article["text"] == SUMMIT


@pytest.mark.parametrize("article_id", ["nothing", "../etc/passwd", "%00", "a" * 5000])
def test_an_article_that_is_not_there_is_not_found(client: TestClient, article_id: str) -> None:
    check_problem(client.get(f"/articles/{article_id}"), 404)


def test_an_address_that_is_not_there_and_a_method_that_is_not_taken(client: TestClient) -> None:
    assert "/docs" in check_problem(client.get("/nowhere"), 404)
    response = client.get("/ask")
    assert "/docs" in check_problem(response, 405)
    assert response.headers["allow"] == "POST"


def test_a_live_and_ready_server_says_so(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "checks": {"archive": "ok", "indexes": "ok"}}


def test_a_server_without_indexes_is_live_but_not_ready(shelf: Shelf) -> None:
    client = TestClient(build_app(shelf.library, shelf.service, BotSettings()))
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"archive": "ok", "indexes": "nothing is indexed"}


def test_readiness_names_each_part_that_is_wrong(shelf: Shelf) -> None:
    checks = {"archive": lambda: None, "oracle": lambda: "the oracle is silent"}
    client = TestClient(create_app(shelf.service, shelf.library.archive, checks))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "status": "not ready",
        "checks": {"archive": "ok", "oracle": "the oracle is silent"},
    }


def test_the_documentation_shows_every_route(client: TestClient) -> None:
    assert client.get("/docs").status_code == 200
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/ask", "/search", "/articles/{article_id}", "/healthz", "/readyz"} <= set(paths)


def test_questions_put_at_the_same_time_get_their_own_answers(client: TestClient) -> None:
    asked = {ASKED: "Mark Rutte", "What was cut by the anchor of a tanker?": "A cable"}
    questions = list(asked) * 10
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda text: ask(client, question=text), questions))
    for text, response in zip(questions, responses, strict=True):
        assert response.status_code == 200
        assert response.json()["question"] == text
        assert response.json()["answer"].startswith(asked[text])
