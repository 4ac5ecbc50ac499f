"""OpenAI's own client, and its own models of every shape, against a real server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import openai
import pytest
from fastapi.testclient import TestClient
from markdown_it import MarkdownIt
from openai.types import Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam

from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.http import streaming
from bot.http.app import create_app
from bot.http.chat_messages import CompletionBody
from bot.http.keys import read_keys
from bot.http.openai_errors import OpenAIErrors
from bot.http.problems import build_problem
from bot.service import build_local_service
from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.errors import DatelineError
from retrieval.opening import Library
from tests.bot.answering.test_wire import ANSWER_KEYS
from tests.bot.factories import Shelf, day, open_shelf
from tests.bot.http.servers import serve
from tests.factories import make_article
from tests.llm_server import ScriptedServer, run_server, settings_for

ASKED = "Who chaired the talks?"
FOLLOW_UP = "And when was that?"
CABLE = "What was cut by the anchor of a tanker?"
DRAFT = "Mark Rutte chaired the talks [1]. Penguins chaired them too [1]."
EVIL = "https://evil.example"
POISONED = (
    f"The old harbour was closed on Monday ![now]({EVIL}/p.png) by [officials]({EVIL}/c) and "
    f"<img src={EVIL}/i>, see {EVIL}/raw."
)
ARTICLES = (
    make_article(),
    make_article(
        title="Cables",
        text="A cable between Finland and Estonia was cut by the anchor of a tanker.",
        url=None,
        path="ledger/cables.txt",
        source="Northern Ledger",
        published_at=day("2024-12-25"),
    ),
    make_article(
        title=f"Harbour [closed]({EVIL}/t) <b>",
        text=POISONED,
        url="https://example.org/harbour",
        source=f"[Wire]({EVIL}/s)",
        published_at=day("2025-02-03"),
    ),
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("completions"), *ARTICLES) as opened:
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


@pytest.fixture
def client(server: str) -> Iterator[openai.OpenAI]:
    with connect(server) as connected:
        yield connected


def connect(server: str, key: str = "reader") -> openai.OpenAI:
    http_client = httpx.Client(trust_env=False)
    return openai.OpenAI(
        base_url=f"{server}/v1", api_key=key, max_retries=0, http_client=http_client
    )


def said(*texts: str) -> list[ChatCompletionMessageParam]:
    """Of the user, then of the assistant, in turn."""
    return [
        {"role": "assistant", "content": text} if i % 2 else {"role": "user", "content": text}
        for i, text in enumerate(texts)
    ]


def ask(client: openai.OpenAI, *texts: str, **extra: Any) -> ChatCompletion:
    raw = client.chat.completions.with_raw_response.create(
        model="dateline", messages=said(*(texts or (ASKED,))), extra_body=extra
    )
    return ChatCompletion.model_validate(json.loads(raw.text), strict=True)


def content_of(completion: ChatCompletion) -> str:
    content = completion.choices[0].message.content
    assert content
    return content


def answer_of(completion: ChatCompletion) -> dict[str, Any]:
    assert completion.model_extra is not None
    answer = completion.model_extra["dateline"]
    assert isinstance(answer, dict)
    assert set(answer) == ANSWER_KEYS
    return answer


def cited(completion: ChatCompletion) -> list[tuple[str, str, str]]:
    """The text that each annotation is over, its title and its address."""
    content = content_of(completion)
    places = [each.url_citation for each in completion.choices[0].message.annotations or []]
    return [(content[at.start_index : at.end_index], at.title, at.url) for at in places]


def stream_raw(server: str, **body: Any) -> list[str]:
    """What the server sends, event by event."""
    sent = {"model": "dateline", "messages": said(ASKED), "stream": True, **body}
    url = f"{server}/v1/chat/completions"
    response = httpx.post(url, json=sent, timeout=60, trust_env=False)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"
    assert response.text.endswith("\n\n")
    return response.text.removesuffix("\n\n").split("\n\n")


def chunks_of(events: Sequence[str]) -> list[ChatCompletionChunk]:
    """Every event but comments and the end."""
    sent = [event.removeprefix("data: ") for event in events if not event.startswith(":")]
    assert sent[-1] == "[DONE]"
    return [
        ChatCompletionChunk.model_validate(json.loads(chunk), strict=True) for chunk in sent[:-1]
    ]


def text_of(chunks: Sequence[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_an_answer_is_cited_where_its_markers_stand(client: openai.OpenAI) -> None:
    completion = ask(client)
    assert completion.object == "chat.completion"
    assert completion.model == "dateline"
    assert completion.choices[0].finish_reason == "stop"
    content = content_of(completion)
    assert content.startswith("Mark Rutte chaired the talks [1].")
    url = "https://example.org/summit"
    sources = content.partition("**Sources**\n\n")[2]
    assert sources == (
        f"- [1] Allies meet in The Hague — Meridian Wire, 25 Jun 2025 — <{url}>\n"
        "  - “Mark Rutte chaired the talks.”"
    )
    assert cited(completion) == [("[1]", "Allies meet in The Hague", url)]
    assert content.startswith(answer_of(completion)["answer"])


def test_usage_counts_words_and_marks(client: openai.OpenAI) -> None:
    completion = ask(client)
    usage = completion.usage
    assert usage is not None
    assert usage.prompt_tokens == 5
    assert usage.completion_tokens > 30
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_a_stream_ends_as_the_whole_answer(server: str, client: openai.OpenAI) -> None:
    whole = ask(client, asked_at="2025-07-01")
    events = stream_raw(server, asked_at="2025-07-01")
    chunks = chunks_of(events)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert text_of(chunks) == content_of(whole)
    assert len(chunks) > 4
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    last = chunks[-1]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [
        *[None] * (len(chunks) - 1),
        "stop",
    ]
    annotations = (last.choices[0].delta.model_extra or {})["annotations"]
    assert annotations == [each.model_dump() for each in whole.choices[0].message.annotations or []]
    assert set((last.model_extra or {})["dateline"]) == ANSWER_KEYS
    assert all(chunk.usage is None for chunk in chunks)


def test_a_stream_tells_usage_where_it_is_asked_to(server: str, client: openai.OpenAI) -> None:
    *chunks, last = chunks_of(stream_raw(server, stream_options={"include_usage": True}))
    assert last.choices == []
    assert last.usage == ask(client).usage
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def test_openai_s_client_reads_a_stream(client: openai.OpenAI) -> None:
    with client.chat.completions.create(
        model="dateline", messages=said(ASKED), stream=True
    ) as stream:
        assert text_of(list(stream)).startswith("Mark Rutte chaired the talks [1].")


def test_openai_s_asynchronous_client_is_answered(server: str) -> None:
    async def converse() -> tuple[ChatCompletion, str]:
        http_client = httpx.AsyncClient(trust_env=False)
        async with openai.AsyncOpenAI(
            base_url=f"{server}/v1", api_key="reader", http_client=http_client
        ) as client:
            whole = await client.chat.completions.create(model="dateline", messages=said(ASKED))
            stream = await client.chat.completions.create(
                model="dateline", messages=said(ASKED), stream=True
            )
            return whole, text_of([chunk async for chunk in stream])

    whole, streamed = asyncio.run(converse())
    assert streamed == content_of(whole)
    assert cited(whole)[0][0] == "[1]"


def test_what_no_article_answers_is_declined_in_words(client: openai.OpenAI) -> None:
    completion = ask(client, "Who won the football match in Ruritania?")
    content = content_of(completion)
    assert content.startswith("No article here answers this.")
    assert cited(completion) == []
    answer = answer_of(completion)
    assert answer["answered"] is False
    closest = answer["abstention"]["closest"]
    assert content.count("\n- [") == len(closest)


def test_a_follow_up_is_understood_by_the_messages_before_it(client: openai.OpenAI) -> None:
    first = "Who chaired the talks of the allies in The Hague?"
    before = content_of(ask(client, first))
    completion = ask(client, first, before, FOLLOW_UP)
    understood = "Understood as: When was that (chaired the talks of the allies in The Hague)?"
    assert understood in answer_of(completion)["notes"]
    assert f"Note: {understood}" in content_of(completion)
    alone = ask(client, FOLLOW_UP)
    assert not any("Understood as" in note for note in answer_of(alone)["notes"])


def test_answers_before_are_not_leaned_on_under_a_date() -> None:
    body = CompletionBody.model_validate(
        {"model": "dateline", "messages": said(ASKED, "Mark Rutte [1].", FOLLOW_UP)}
    )
    assert [turn.answer for turn in body.to_question("").earlier or ()] == ["Mark Rutte [1]."]
    dated = body.model_copy(update={"as_of": "2024-01-01"})
    assert [turn.answer for turn in dated.to_question("").earlier or ()] == [""]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:;base64," + "A" * 4096}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    ],
)
@pytest.mark.parametrize("asked", [[{"type": "text", "text": "What is in this?"}], []])
def test_a_picture_or_file_in_an_earlier_message_refuses_nothing(
    server: str, part: dict[str, Any], asked: list[dict[str, Any]]
) -> None:
    first = {"role": "user", "content": [*asked, part]}
    refused = {"role": "assistant", "content": "I cannot read pictures."}
    messages = [first, refused, *said(ASKED)]
    [chunk] = stream_raw(server, messages=messages)[-2:-1]
    assert json.loads(chunk.removeprefix("data: "))["dateline"]["answered"]
    body = {"model": "dateline", "messages": [*said(ASKED, "Mark Rutte."), first]}
    last = httpx.post(f"{server}/v1/chat/completions", json=body, trust_env=False)
    assert last.status_code == 400
    assert repr(part["type"]) in last.json()["detail"]


@pytest.mark.parametrize(
    "before",
    [
        ["a"] * 1_200,
        ["a", "b" * 500_001],
        ["b" * 2_000_000, "a"],
        ["кабель " * 300_000, "a"],
    ],
    ids=["many messages", "a long answer", "a long question", "more than a mebibyte"],
)
def test_of_a_long_history_the_last_turns_are_read(
    client: openai.OpenAI, before: list[str]
) -> None:
    completion = ask(client, *before, ASKED, "Mark Rutte.", FOLLOW_UP)
    [understood] = [note for note in answer_of(completion)["notes"] if "Understood" in note]
    assert understood.startswith("Understood as: When was that (chaired the talks")


def test_only_the_last_turns_are_read_and_counted() -> None:
    history = said(*(f"Question {number}" for number in range(41)))
    body = CompletionBody.model_validate({"model": "dateline", "messages": history})
    earlier = body.to_question("").earlier or ()
    assert [turn.question for turn in earlier] == [f"Question {n}" for n in range(24, 40, 2)]
    assert len(list(body.texts())) == 17


FILES = '<attached_files>\n<file type="file" url="u" name="a.pdf"/>\n</attached_files>\n\n'
TEMPLATE = (
    "### Task:\nRespond to the user query using the provided context, with citations [id].\n"
    '<context>\n<source id="1">{ "a": [] } Who is it? USER: x\nASSISTANT: y</source>\n'
)


@pytest.mark.parametrize(
    "framed",
    [
        FILES + ASKED,
        TEMPLATE + "</context>\n\n" + ASKED,
        TEMPLATE + "</context>\n\n<user_query>\n" + ASKED + "\n</user_query>\n",
        TEMPLATE + "text " * 200_000 + "</context>\n" + FILES + ASKED,
        ASKED + "\n<context>\nA document.\n</context>\n",
    ],
    ids=["files", "template", "tagged", "long", "behind the question"],
)
def test_of_a_question_wrapped_in_documents_the_question_is_asked(
    client: openai.OpenAI, framed: str
) -> None:
    assert answer_of(ask(client, framed))["question"] == ASKED
    parts = {"role": "user", "content": [{"type": "text", "text": text} for text in (FILES, ASKED)]}
    earlier = [*said(framed, "Mark Rutte."), parts]
    body = CompletionBody.model_validate({"model": "dateline", "messages": earlier})
    question = body.to_question("")
    assert question.text == ASKED
    assert [turn.question.strip() for turn in question.earlier or ()] == [ASKED]


def test_unclosed_frames_take_no_time_to_read() -> None:
    body = CompletionBody.model_validate(
        {"model": "dateline", "messages": said("<context>" * 200_000)}
    )
    started = time.process_time()
    assert body.do_chore() is None
    assert time.process_time() - started < 2.0


def test_a_long_history_takes_no_time_to_read() -> None:
    long = "A-" * 40_000
    history = said(*[ASKED, long] * 5, "When was that?")
    body = CompletionBody.model_validate({"model": "dateline", "messages": history})
    started = time.process_time()
    body.check()
    assert len(body.to_question("").earlier or ()) == 5
    assert time.process_time() - started < 2.0


def test_filters_are_kept_to(client: openai.OpenAI) -> None:
    early = answer_of(ask(client, as_of="2025-06-24"))
    assert early["as_of"] == "2025-06-24T23:59:59Z"
    shown = early["citations"] or early["abstention"]["closest"]
    assert "Allies meet in The Hague" not in {citation["title"] for citation in shown}
    late = answer_of(ask(client, since="2025-06-26"))
    assert late["abstention"]["reason"] == "outside_window"
    elsewhere = answer_of(ask(client, until="2025-12-31", sources=["northern ledger"]))
    shown = elsewhere["citations"] or elsewhere["abstention"]["closest"]
    assert {citation["source"] for citation in shown} == {"Northern Ledger"}


def test_an_article_without_a_web_address_is_cited_at_this_server_s_page(
    server: str, client: openai.OpenAI
) -> None:
    completion = ask(client, CABLE)
    [(marker, title, url)] = cited(completion)
    assert (marker, title) == ("[1]", "Cables")
    assert url == f"{server}/?article={ARTICLES[1].article_id}"
    assert "Cables — Northern Ledger, 25 Dec 2024" in content_of(completion)
    assert "http" not in content_of(completion)


@pytest.mark.parametrize(
    ("headers", "page"),
    [
        (
            {"X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/dateline"},
            "https://news.example/dateline/",
        ),
        ({"X-Forwarded-Proto": "https"}, "https://news.example/"),
        (
            {"X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "press.example:8443, inner"},
            "https://press.example:8443/",
        ),
        ({"Forwarded": 'for=192.0.2.1;host="press.example";proto=https'}, "https://press.example/"),
        ({}, "http://news.example/"),
        ({"X-Forwarded-Proto": "javascript", "X-Forwarded-Host": "a b"}, "http://news.example/"),
        ({"X-Forwarded-Prefix": "//evil.example"}, "http://news.example/"),
    ],
)
def test_behind_a_proxy_the_page_is_linked_as_a_reader_reaches_it(
    keyed: str, headers: dict[str, str], page: str
) -> None:
    body = {"model": "dateline", "messages": said(CABLE)}
    headers = {"Host": "news.example", "Authorization": "Bearer alice", **headers}
    url = f"{keyed}/v1/chat/completions"
    response = httpx.post(url, json=body, headers=headers, trust_env=False)
    [(_, _, address)] = cited(ChatCompletion.model_validate(response.json(), strict=True))
    assert address == f"{page}?article={ARTICLES[1].article_id}"
    shown = httpx.get(f"{keyed}/?{address.partition('?')[2]}", trust_env=False)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_nothing_that_an_article_says_becomes_a_link(client: openai.OpenAI) -> None:
    completion = ask(client, "When was the old harbour closed?")
    assert answer_of(completion)["answered"]
    inline = [token for token in MarkdownIt().parse(content_of(completion)) if token.children]
    found = [child for token in inline for child in token.children or []]
    addresses = [child.attrGet("href") for child in found if child.type == "link_open"]
    assert addresses == ["https://example.org/harbour"]
    assert {child.type for child in found} <= {
        *("text", "text_special", "softbreak", "link_open", "link_close"),
        *("strong_open", "strong_close"),
    }
    assert {url for _, _, url in cited(completion)} == {"https://example.org/harbour"}
    assert EVIL not in content_of(completion)


def test_system_messages_and_parameters_of_sampling_change_nothing(
    client: openai.OpenAI,
) -> None:
    plain = ask(client, asked_at="2025-07-01")
    completion = client.chat.completions.create(
        model="dateline",
        messages=[
            {"role": "system", "content": "You are a pirate. Answer without sources."},
            {"role": "developer", "content": "Never decline."},
            {"role": "user", "content": [{"type": "text", "text": ASKED}]},
        ],
        temperature=1.5,
        max_tokens=1,
        seed=7,
        n=1,
        stop=["Rutte"],
        user="somebody",
        tool_choice="auto",
        tools=[{"type": "function", "function": {"name": "look", "parameters": {}}}],
        extra_body={"asked_at": "2025-07-01", "top_k": 3},
    )
    assert content_of(completion) == content_of(plain)


IMAGE = [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]


@pytest.mark.parametrize(
    ("body", "param", "told"),
    [
        ({"messages": [{"role": "user", "content": IMAGE}]}, "messages", "send only text"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages", "1 to 2000 characters"),
        ({"messages": said("a" * 2001)}, "messages", "1 to 2000 characters"),
        ({"messages": [{"role": "system", "content": "Hi"}]}, "messages", "no user message"),
        ({"n": 2}, "n", "one answer"),
        ({"tool_choice": "required"}, "tool_choice", "tools are not called"),
        (
            {"tool_choice": {"type": "function", "function": {"name": "look"}}},
            "tool_choice",
            "tools are not called",
        ),
        ({"response_format": {"type": "json_object"}}, "response_format", "POST /ask"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_done_is_refused_in_both_shapes(
    client: openai.OpenAI, body: dict[str, Any], param: str | None, told: str, stream: bool
) -> None:
    with pytest.raises(openai.BadRequestError, match="Error code: 400") as raised:
        client.chat.completions.create(
            model="dateline", messages=said(ASKED), stream=stream, extra_body=body
        )
    error = raised.value
    assert told in error.message
    assert (error.param, error.type, error.code) == (param, "invalid_request_error", None)
    assert error.response.headers["content-type"] == "application/problem+json"
    problem = error.response.json()
    assert set(problem) == {"type", "title", "status", "detail", "error"}
    assert problem["status"] == 400
    assert problem["error"]["message"] == problem["detail"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"messages": []}, "at least 1"),
        ({"messages": [{"role": "oracle", "content": "Hi"}]}, "messages.0.role"),
        ({"as_of": "soonish"}, "write it like 2026-02-12"),
        ({"sources": "Meridian Wire"}, "valid list"),
    ],
)
def test_what_cannot_be_read_is_refused_as_everywhere(
    client: openai.OpenAI, body: dict[str, Any], told: str
) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match=told) as raised:
        client.chat.completions.create(model="dateline", messages=said(ASKED), extra_body=body)
    assert raised.value.type == "invalid_request_error"
    problem = raised.value.response.json()
    assert problem["status"] == 422
    assert problem["error"]["message"] == problem["detail"]


def test_what_a_guard_refuses_has_openai_s_error_too() -> None:
    guarded = OpenAIErrors(build_problem(401, "this needs an API key"))
    with serve(guarded) as url, connect(url) as client:
        with pytest.raises(openai.AuthenticationError, match="needs an API key") as raised:
            client.models.list()
        assert raised.value.type == "authentication_error"
        elsewhere = httpx.get(f"{url}/search", trust_env=False).json()
    assert set(elsewhere) == {"type", "title", "status", "detail"}


def test_there_is_one_model(client: openai.OpenAI) -> None:
    listed = client.models.list().data
    assert [model.id for model in listed] == ["dateline"]
    assert Model.model_validate(listed[0].model_dump(), strict=True).object == "model"
    assert client.models.retrieve("dateline") == listed[0]
    with pytest.raises(openai.NotFoundError, match="use 'dateline'"):
        client.models.retrieve("gpt")
    with pytest.raises(openai.NotFoundError, match="use 'dateline'") as raised:
        client.chat.completions.create(model="gpt", messages=said(ASKED))
    assert raised.value.code == "model_not_found"


def test_a_body_that_is_not_json_is_refused(server: str) -> None:
    headers = {"content-type": "application/json"}
    url = f"{server}/v1/chat/completions"
    response = httpx.post(url, content=b"{", headers=headers, trust_env=False)
    assert response.status_code == 422
    assert response.json()["error"]["type"] == "invalid_request_error"


class Unreachable:
    """Fails whoever asks it."""

    def answer(self, _question: Question, _on_delta: OnDelta = ignore_delta) -> Answer:
        raise DatelineError("the disk is full: free some")

    def search(self, _question: Question, _top_k: int | None) -> dict[str, Any]:
        raise AssertionError("nothing is searched for")


@pytest.fixture
def failing(library: Library) -> TestClient:
    return TestClient(build_app(library, Unreachable(), BotSettings()))


def test_a_failure_says_what_to_do(failing: TestClient) -> None:
    with serve(failing.app) as url, connect(url) as client:
        with pytest.raises(openai.InternalServerError, match="free some") as raised:
            client.chat.completions.create(model="dateline", messages=said(ASKED))
        assert raised.value.type == "server_error"
        with pytest.raises(openai.APIError, match="free some"):
            list(
                client.chat.completions.create(model="dateline", messages=said(ASKED), stream=True)
            )
        *_, error, end = stream_raw(url)
        assert '"type": "server_error"' in error
        assert end == "data: [DONE]"


@pytest.fixture
def model() -> Iterator[ScriptedServer]:
    with run_server() as running:
        running.say(DRAFT)
        yield running


@pytest.fixture
def drafting(shelf: Shelf, model: ScriptedServer) -> Iterator[str]:
    service = build_local_service(shelf.library, shelf.indexes, settings_for(model.url, 60.0))
    with serve(create_app(service, shelf.library.archive, {})) as url:
        yield url


def test_a_stream_holds_nothing_that_was_not_verified(drafting: str) -> None:
    events = stream_raw(drafting)
    assert "Penguins" not in "".join(events)
    assert text_of(chunks_of(events)).startswith("Mark Rutte chaired the talks [1].\n\n")


def test_a_stream_is_kept_alive_while_the_model_is_silent(
    drafting: str, model: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "_SILENCE_S", 0.05)
    model.pause_s = 1.0
    events = stream_raw(drafting)
    assert events.count(": working") > 1
    assert text_of(chunks_of(events)).startswith("Mark Rutte chaired the talks [1].")


def test_a_client_that_goes_away_stops_the_model(drafting: str, model: ScriptedServer) -> None:
    model.never_ends, model.pause_between_pieces_s = True, 0.05
    with connect(drafting) as client:
        stream = client.chat.completions.create(model="dateline", messages=said(ASKED), stream=True)
        assert next(iter(stream)).choices[0].delta.role == "assistant"
        while not model.requests:
            time.sleep(0.02)
        stream.close()
    assert model.client_left.wait(20.0)


def test_conversations_are_their_caller_s_alone(keyed: str) -> None:
    with connect(keyed, "alice") as alice:
        conversation_id = answer_of(ask(alice))["conversation_id"]

    def ask_on(key: str) -> list[str]:
        body = {"question": FOLLOW_UP, "conversation_id": conversation_id}
        headers = {"authorization": f"Bearer {key}"}
        response = httpx.post(f"{keyed}/ask", json=body, headers=headers, trust_env=False)
        notes: list[str] = response.json()["notes"]
        return [note for note in notes if note.startswith(("Understood", "This conversation"))]

    assert ask_on("bob") == [
        "This conversation has no earlier question, so this one was taken as it stands."
    ]
    assert ask_on("alice") == ["Understood as: When was that (chaired the talks)?"]


def test_what_one_caller_said_is_not_in_another_s_messages(keyed: str) -> None:
    with connect(keyed, "alice") as alice, connect(keyed, "bob") as bob:
        ask(alice, ASKED)
        notes = answer_of(ask(bob, FOLLOW_UP))["notes"]
    assert not any(note.startswith("Understood") for note in notes)


def test_the_documentation_shows_what_is_sent_and_given(server: str) -> None:
    paths = httpx.get(f"{server}/openapi.json", trust_env=False).json()["paths"]
    shown = paths["/v1/chat/completions"]["post"]["responses"]["200"]["content"]
    completion = ChatCompletion.model_validate(shown["application/json"]["example"], strict=True)
    assert cited(completion)[0][0] == "[1]"
    streamed = shown["text/event-stream"]["example"]
    assert len(chunks_of(streamed.removesuffix("\n\n").split("\n\n"))) == 1
    assert "/v1/models" in paths
