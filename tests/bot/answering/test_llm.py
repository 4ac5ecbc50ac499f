"""The language model's adapter against a real server of OpenAI's shape on loopback."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.answering.llm import LLM, LLMError, OpenAICompatibleLLM, build_llm
from bot.answering.prompt import SYSTEM_PROMPT
from bot.settings import BotSettings
from retrieval.errors import SettingsError
from tests.llm_server import KEY, ScriptedServer, connect, run_server


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with run_server() as running:
        yield running


def failure(llm: LLM) -> str:
    with pytest.raises(LLMError) as caught:
        llm.complete("Passages: …")
    message = str(caught.value)
    assert KEY not in message
    assert "\n" not in message
    return message


def test_the_model_is_sent_the_rules_and_the_prompt_and_its_draft_comes_back(
    server: ScriptedServer,
) -> None:
    llm = connect(server.url)
    assert llm.model == "scripted"
    assert llm.complete("Passages: …") == "Mark Rutte chaired the talks [1]."
    ((path, key, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert key == f"Bearer {KEY}"
    assert body["model"] == "scripted"
    assert body["temperature"] == 0.0
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][0]["content"] == SYSTEM_PROMPT
    assert body["messages"][1]["content"] == "Passages: …"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_server_that_refuses_is_one_error_with_advice_and_is_asked_once(
    server: ScriptedServer, status: int
) -> None:
    server.status, server.content = status, b'{"error": {"message": "no: ' + KEY.encode() + b'"}}'
    message = failure(connect(server.url))
    assert server.url in message
    assert "check bot.llm" in message
    assert len(server.requests) == 1


@pytest.mark.parametrize("text", ["", " \n ", None])
def test_an_empty_draft_is_an_error(server: ScriptedServer, text: str | None) -> None:
    server.say(text)
    assert "empty draft" in failure(connect(server.url))


@pytest.mark.parametrize(
    "content",
    [
        b"<html>Welcome to the proxy</html>",
        b"[]",
        b"{}",
        b'"text"',
        b'{"choices": []}',
        b'{"choices": [{"index": 0}]}',
    ],
)
def test_a_reply_that_is_no_completion_is_an_error(server: ScriptedServer, content: bytes) -> None:
    server.content = content
    assert server.url in failure(connect(server.url))


def test_a_model_slower_than_its_time_limit_is_not_waited_for(server: ScriptedServer) -> None:
    server.pause_s = 2.0
    llm = connect(server.url, timeout_s=0.3)
    started = time.monotonic()
    message = failure(llm)
    assert time.monotonic() - started < 1.9
    assert server.url in message


def test_a_server_that_is_not_there_is_an_error_that_names_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert f"http://127.0.0.1:{port}/v1" in failure(connect(f"http://127.0.0.1:{port}/v1"))


def test_no_model_is_built_where_none_is_configured() -> None:
    assert build_llm(BotSettings()) is None


def test_ollama_and_openai_have_addresses_of_their_own() -> None:
    ollama = build_llm(BotSettings(llm="ollama/llama3.2:3b"))
    assert isinstance(ollama, OpenAICompatibleLLM)
    assert ollama.base_url == "http://127.0.0.1:11434/v1"
    assert ollama.model == "llama3.2:3b"
    openai = build_llm(BotSettings(llm="openai/gpt-x", llm_api_key=SecretStr(KEY)))
    assert isinstance(openai, OpenAICompatibleLLM)
    assert openai.base_url == "https://api.openai.com/v1"


def test_a_model_s_name_may_hold_slashes() -> None:
    llm = build_llm(BotSettings(llm="compatible/meta-llama/Llama", llm_base_url="http://x/v1"))
    assert llm is not None
    assert llm.model == "meta-llama/Llama"


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (BotSettings(llm="compatible/x"), "bot.llm_base_url"),
        (BotSettings(llm="openai/x"), "bot.llm_api_key"),
    ],
)
def test_what_a_provider_needs_is_said_when_it_is_missing(
    settings: BotSettings, missing: str
) -> None:
    with pytest.raises(SettingsError, match=missing):
        build_llm(settings)
