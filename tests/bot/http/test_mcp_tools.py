"""MCP's own client against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent, Tool

from bot.http.keys import read_keys
from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.answering.test_wire import ANSWER_KEYS, PASSAGE_KEYS
from tests.bot.factories import Shelf, day, open_shelf
from tests.bot.http.servers import serve
from tests.factories import SUMMIT, make_article

T = TypeVar("T")
ASKED = "Who chaired the talks?"
ARTICLES = (
    make_article(),
    make_article(
        title="Cables",
        text="A cable between Finland and Estonia was cut by the anchor of a tanker.",
        url="https://example.org/cables",
        source="Northern Ledger",
        published_at=day("2024-12-25"),
    ),
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("mcp"), *ARTICLES) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(shelf: Shelf) -> Iterator[str]:
    with serve(build_app(shelf.library, shelf.service, BotSettings())) as url:
        yield url


@pytest.fixture(scope="module")
def keyed(shelf: Shelf) -> Iterator[str]:
    settings = BotSettings(api_keys=read_keys("read:alice,write:bob"))
    with serve(build_app(shelf.library, shelf.service, settings)) as url:
        yield url


def with_client(server: str, work: Callable[[Client], Awaitable[T]], key: str = "reader") -> T:
    async def connect() -> T:
        headers = {"authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(headers=headers, trust_env=False) as http:
            transport = streamable_http_client(f"{server}/mcp", http_client=http)
            async with Client(transport) as client:
                return await work(client)

    return asyncio.run(connect())


def call(server: str, tool: str, key: str = "reader", **arguments: Any) -> CallToolResult:
    return with_client(server, lambda client: client.call_tool(tool, arguments), key)


def text_of(called: CallToolResult) -> str:
    [content] = called.content
    assert isinstance(content, TextContent)
    return content.text


def structured(called: CallToolResult) -> dict[str, Any]:
    assert not called.is_error, text_of(called)
    content = called.structured_content
    assert isinstance(content, dict)
    return content


def test_tools_are_listed_as_reading_only_with_every_parameter_described(server: str) -> None:
    tools: list[Tool] = with_client(server, lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == ["ask", "search", "get_article"]
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.output_schema is not None
        assert tool.output_schema["type"] == "object"
        assert "never an instruction" in (tool.description or "")
        assert all(field["description"] for field in tool.input_schema["properties"].values())
    assert set(tools[0].input_schema["properties"]) == {
        *("question", "as_of", "since", "until", "sources", "asked_at", "conversation_id")
    }
    assert tools[0].input_schema["required"] == ["question"]


def test_ask_gives_the_contract_s_answer_and_a_text_to_read(server: str) -> None:
    called = call(server, "ask", question=ASKED, asked_at="2025-07-01")
    answer = structured(called)
    assert set(answer) == ANSWER_KEYS
    [citation] = answer["citations"]
    assert SUMMIT[citation["start"] : citation["end"]] == citation["quote"]
    assert text_of(called) == (
        "Mark Rutte chaired the talks [1].\n\n**Sources**\n\n"
        "- [1] Allies meet in The Hague — Meridian Wire, 25 Jun 2025 — "
        f"<https://example.org/summit> — article_id {citation['article_id']}: "
        f"“Mark Rutte chaired the talks.”\n\nconversation_id {answer['conversation_id']}"
    )


EMPTY = {"as_of": "", "since": "", "until": "", "sources": [], "conversation_id": ""}


@pytest.mark.parametrize(
    "optional",
    [
        EMPTY,
        {**EMPTY, "asked_at": " ", "sources": ""},
        {"since": None, "sources": [""]},
    ],
)
def test_what_is_sent_empty_counts_as_left_out(server: str, optional: dict[str, Any]) -> None:
    answer = structured(call(server, "ask", question=ASKED, **optional))
    assert answer["answered"]
    assert (answer["as_of"], answer["window"]["since"]) == (None, None)
    searched = {name: value for name, value in optional.items() if name != "conversation_id"}
    found = structured(call(server, "search", query="cable", top_k="", **searched))
    assert len(found["passages"]) == len(ARTICLES)


@pytest.mark.parametrize(
    "sources", ["northern ledger", ["northern ledger"], ["", "Northern Ledger"]]
)
def test_one_publisher_may_be_named_without_a_list(server: str, sources: str | list[str]) -> None:
    found = structured(call(server, "search", query="talks", sources=sources))
    assert [passage["title"] for passage in found["passages"]] == ["Cables"]


def test_an_abstention_is_an_answer_too(server: str) -> None:
    called = call(server, "ask", question="Who won the football match in Ruritania?")
    assert structured(called)["abstention"]["reason"] == "no_evidence"
    assert text_of(called).startswith("No article here answers this.")


def test_search_gives_the_contract_s_passages(server: str) -> None:
    called = call(server, "search", query="cable", top_k=1)
    [passage] = structured(called)["passages"]
    assert set(passage) == PASSAGE_KEYS
    assert passage["title"] == "Cables"
    assert text_of(called).startswith("1. Cables — Northern Ledger — 2024-12-25 — https://")
    assert passage["text"] in text_of(called)
    nothing = call(server, "search", query="cable", sources=["Nobody"])
    assert structured(nothing)["passages"] == []
    assert "No passage was found" in text_of(nothing)


def test_get_article_gives_what_the_api_gives(server: str) -> None:
    article_id = make_article().article_id
    article = structured(call(server, "get_article", article_id=article_id))
    url = f"{server}/articles/{article_id}"
    assert article == httpx.get(url, trust_env=False).json()
    assert article["text"] == SUMMIT


def test_filters_are_kept_to(server: str) -> None:
    answer = structured(call(server, "ask", question=ASKED, as_of="2025-06-24"))
    shown = answer["citations"] or answer["abstention"]["closest"]
    assert {citation["title"] for citation in shown} == {"Cables"}
    found = structured(call(server, "search", query="talks", since="2025-01-01"))
    assert {passage["title"] for passage in found["passages"]} == {"Allies meet in The Hague"}
    found = structured(call(server, "search", query="talks", sources=["northern ledger"]))
    assert {passage["title"] for passage in found["passages"]} == {"Cables"}


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("ask", {"question": ASKED, "as_of": "soonish"}, "write it like 2026-02-12"),
        ("ask", {"question": " "}, "question"),
        ("ask", {"question": "a" * 2001}, "at most 2000 characters"),
        ("ask", {}, "question"),
        ("search", {"query": "cable", "top_k": 0}, "greater than or equal to 1"),
        ("get_article", {"article_id": "nothing"}, "use the article_id of a citation"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_what_to_do(
    server: str, tool: str, arguments: dict[str, Any], told: str
) -> None:
    called = call(server, tool, **arguments)
    assert called.is_error
    assert told in text_of(called)
    assert "Traceback" not in text_of(called)


def test_a_conversation_goes_on_for_its_caller_alone(keyed: str) -> None:
    first = structured(call(keyed, "ask", key="alice", question=ASKED))
    follow_up = {"question": "And when was that?", "conversation_id": first["conversation_id"]}
    own = structured(call(keyed, "ask", key="alice", **follow_up))
    assert "Understood as: When was that (chaired the talks)?" in own["notes"]
    other = structured(call(keyed, "ask", key="bob", **follow_up))
    assert not any(note.startswith("Understood") for note in other["notes"])


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def initialize(server: str, **headers: str) -> httpx.Response:
    accept = {"accept": "application/json, text/event-stream"}
    return httpx.post(
        f"{server}/mcp", json=INITIALIZE, headers={**accept, **headers}, trust_env=False
    )


def test_an_older_client_is_greeted_without_a_redirect(server: str) -> None:
    response = initialize(server)
    assert response.status_code == 200
    assert response.json()["result"]["protocolVersion"] == "2025-06-18"


def test_a_client_that_shakes_hands_first_can_call(server: str) -> None:
    async def converse() -> CallToolResult:
        async with (
            httpx2.AsyncClient(trust_env=False) as http,
            streamable_http_client(f"{server}/mcp", http_client=http) as (read, write),
            ClientSession(read, write) as session,
        ):
            greeted = await session.initialize()
            assert greeted.server_info.name == "dateline"
            return await session.call_tool("ask", {"question": ASKED})

    assert structured(asyncio.run(converse()))["answered"]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_no_stream_is_held_open(server: str, method: str) -> None:
    accept = {"accept": "application/json, text/event-stream"}
    response = httpx.request(method, f"{server}/mcp", headers=accept, trust_env=False)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.headers["content-type"] == "application/problem+json"


def test_behind_keys_a_server_of_any_name_answers_who_holds_one(shelf: Shelf) -> None:
    settings = BotSettings(api_keys=read_keys("read:the-key-that-reads"))
    elsewhere = {"host": "news.example.org", "origin": "https://chat.example.org"}
    with serve(build_app(shelf.library, shelf.service, settings)) as url:
        assert initialize(url, **elsewhere).status_code == 401
        held = initialize(url, **elsewhere, authorization="Bearer the-key-that-reads")
        assert held.status_code == 200


def test_without_keys_another_site_s_page_is_not_answered(server: str) -> None:
    assert initialize(server, origin="https://chat.example.org").status_code == 403
