"""The language model's adapter against a real server of OpenAI's shape on loopback."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.answering.llm import LLM, Call, LLMError, build_llm
from bot.answering.prompt import SYSTEM_PROMPT
from bot.answering.streaming import Usage
from bot.settings import BotSettings
from retrieval.errors import SettingsError
from tests.llm_server import KEY, ScriptedServer, connect, run_server, settings_for

SAID = "Mark Rutte chaired the talks [1]."


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
    # The vendor's own message, which may hold anything, does not hang on to it.
    assert caught.value.__cause__ is None
    return message


def test_the_model_is_sent_the_rules_and_the_prompt_and_its_draft_comes_back(
    server: ScriptedServer,
) -> None:
    llm = connect(server.url)
    assert llm.model == "scripted"
    assert llm.complete("Passages: …") == SAID
    ((path, key, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert key == f"Bearer {KEY}"
    assert body["model"] == "scripted"
    assert body["temperature"] == 0.0
    assert body["max_tokens"] == 400
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][0]["content"] == SYSTEM_PROMPT
    assert body["messages"][1]["content"] == "Passages: …"


def test_other_rules_can_be_sent(server: ScriptedServer) -> None:
    connect(server.url).complete("…", "Rewrite the question.")
    assert server.requests[0][2]["messages"][0]["content"] == "Rewrite the question."


def test_the_draft_streams_in_pieces(server: ScriptedServer) -> None:
    server.pause_between_pieces_s = 0.15
    with closing(connect(server.url).stream("…")) as pieces:
        heard = list(pieces)
    assert "".join(heard) == SAID
    assert [piece for piece in heard if piece] == [
        "Mark",
        " Rutte",
        " chaired",
        " the",
        " talks",
        " [1].",
    ]
    assert "" in heard, "silence is told, so that the caller can leave"


@pytest.mark.parametrize("silent", [False, True])
def test_closing_the_stream_closes_the_request(server: ScriptedServer, silent: bool) -> None:
    server.never_ends = True
    server.pause_s = 0.5 if silent else 0.0
    server.pause_between_pieces_s = 0.01
    with closing(connect(server.url).stream("…")) as pieces:
        while (piece := next(pieces)) == "" and not (silent and server.requests):
            pass
        assert (piece == "") == silent
    assert server.client_left.wait(3.0)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_server_that_refuses_is_one_error_with_advice_and_is_asked_once(
    server: ScriptedServer, status: int
) -> None:
    server.status, server.content = status, b'{"error": {"message": "no: ' + KEY.encode() + b'"}}'
    message = failure(connect(server.url))
    assert server.url in message
    assert "check bot.llm" in message
    assert len(server.requests) == 1


def test_a_rate_limit_is_said_with_its_wait(server: ScriptedServer) -> None:
    server.status, server.content = 429, b"{}"
    server.headers["Retry-After"] = "17"
    assert "is rate limited for 17 s" in failure(connect(server.url))
    server.headers["Retry-After"] = "x" * 1000
    assert "is rate limited: check" in failure(connect(server.url))


@pytest.mark.parametrize("text", ["", " \n ", None])
def test_an_empty_draft_is_an_error(server: ScriptedServer, text: str | None) -> None:
    server.say(text)
    assert "empty draft" in failure(connect(server.url))


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "text/event-stream"])
@pytest.mark.parametrize(
    "content",
    [
        b"<html>Welcome to the proxy</html>",
        b"[]",
        b"{}",
        b'"text"',
        b'{"choices": []}',
        b'{"choices": [{"index": 0}]}',
        b"data: {not json\n\n",
        b'data: {"choices": 7}\n\n',
        b"data: \xff\xfe\n\n",
        b'data: {"error": {"message": "sk-very-secret"}}\n\n',
        b"\n\n\n",
    ],
)
def test_a_reply_that_is_no_completion_is_an_error(
    server: ScriptedServer, content: bytes, content_type: str
) -> None:
    server.content, server.content_type = content, content_type
    assert server.url in failure(connect(server.url))


def test_a_connection_that_breaks_half_way_is_an_error(server: ScriptedServer) -> None:
    server.resets_after = 3
    assert server.url in failure(connect(server.url))


@pytest.mark.parametrize(("pause_s", "between_s"), [(2.0, 0.0), (0.0, 0.2)], ids=["late", "drip"])
def test_the_time_limit_bounds_the_whole_draft(
    server: ScriptedServer, pause_s: float, between_s: float
) -> None:
    server.pause_s, server.pause_between_pieces_s = pause_s, between_s
    server.never_ends = True
    started = time.monotonic()
    message = failure(connect(server.url, timeout_s=0.7))
    assert time.monotonic() - started < 1.9
    assert "took longer than bot.llm_timeout_s = 0.7" in message


def test_a_draft_without_end_is_an_error_and_is_not_read_on(server: ScriptedServer) -> None:
    server.never_ends = True
    assert "did not stop writing" in failure(connect(server.url))
    assert server.client_left.wait(3.0)


def test_a_server_that_is_not_there_is_an_error_that_names_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert f"http://127.0.0.1:{port}/v1" in failure(connect(f"http://127.0.0.1:{port}/v1"))


def test_a_password_in_the_address_is_sent_and_never_shown(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = server.url.replace("//", "//ada:pass%21word@") + "?token=pass!word#pass!word"
    assert connect(url).complete("…") == SAID
    ((_, header, _),) = server.requests
    assert header == "Basic YWRhOnBhc3Mhd29yZA=="  # ada:pass!word
    server.status, server.content = 500, b"{}"
    message = failure(connect(url))
    assert server.url in message
    for shown in (message, caplog.text):
        assert "pass!word" not in shown
        assert "pass%21word" not in shown
        assert KEY not in shown


def hear_calls(server: ScriptedServer, provider: str = "openai") -> tuple[LLM, list[Call]]:
    settings = settings_for(server.url).model_copy(update={"llm": f"{provider}/scripted"})
    heard: list[Call] = []
    llm = build_llm(settings, heard.append)
    assert llm is not None
    return llm, heard


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_a_call_is_told_with_the_tokens_that_the_server_counted(
    server: ScriptedServer, provider: str
) -> None:
    server.usage = (120, 7)
    llm, heard = hear_calls(server, provider)
    assert llm.complete("…") == SAID
    assert heard == [Call("drafted", Usage(120, 7))]


def test_no_other_server_is_sent_an_option_that_it_may_refuse_and_none_is_counted_for(
    server: ScriptedServer,
) -> None:
    server.usage = (120, 7)
    llm, heard = hear_calls(server, "compatible")
    llm.complete("…")
    assert "stream_options" not in server.requests[0][2]
    server.tells_usage_unasked = True
    llm.complete("…")
    assert heard == [Call("drafted", None), Call("drafted", Usage(120, 7))]


@pytest.mark.parametrize("usage", [{"prompt_tokens": -1, "completion_tokens": 2}, {}, [], "7"])
def test_a_usage_that_cannot_be_counted_is_none(server: ScriptedServer, usage: object) -> None:
    chunk = {
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": SAID}}],
        "usage": usage,
    }
    server.content = b"data: " + json.dumps(chunk).encode() + b"\n\ndata: [DONE]\n\n"
    server.content_type = "text/event-stream"
    llm, heard = hear_calls(server)
    assert llm.complete("…") == SAID
    assert heard == [Call("drafted", None)]


def test_a_call_that_failed_and_one_that_was_left_are_told_as_such(server: ScriptedServer) -> None:
    llm, heard = hear_calls(server)
    with closing(llm.stream("…")) as pieces:
        next(pieces)
    server.status, server.content = 500, b"{}"
    failure(llm)
    assert heard == [Call("stopped", None), Call("failed", None)]


def test_no_model_is_built_where_none_is_configured() -> None:
    assert build_llm(BotSettings()) is None


def test_ollama_and_openai_have_addresses_of_their_own() -> None:
    ollama = build_llm(BotSettings(llm="ollama/llama3.2:3b"))
    assert ollama is not None
    assert ollama.adapter.url == "http://127.0.0.1:11434/v1"
    assert ollama.model == "llama3.2:3b"
    openai = build_llm(BotSettings(llm="openai/gpt-x", llm_api_key=SecretStr(KEY)))
    assert openai is not None
    assert openai.adapter.url == "https://api.openai.com/v1"


def test_a_model_s_name_may_hold_slashes() -> None:
    llm = build_llm(BotSettings(llm="compatible/meta-llama/Llama", llm_base_url="http://x/v1"))
    assert llm is not None
    assert llm.model == "meta-llama/Llama"


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (BotSettings(llm="compatible/x"), "bot.llm_base_url"),
        (BotSettings(llm="openai/x"), "bot.llm_api_key"),
        (BotSettings(llm="ollama/x", llm_context_tokens=512), "bot.llm_context_tokens"),
    ],
)
def test_what_a_provider_needs_is_said_when_it_is_missing(
    settings: BotSettings, missing: str
) -> None:
    with pytest.raises(SettingsError, match=missing):
        build_llm(settings)


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://x/v1", "http://", "http://secret:x", "http://secret@:1", "http://[x"]
)
def test_an_address_that_is_none_is_refused_at_start_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match=r"bot\.llm_base_url") as caught:
        build_llm(settings_for(url))
    assert "secret" not in str(caught.value)


def test_a_longer_context_has_room_for_a_longer_prompt() -> None:
    sizes = []
    for tokens in (2048, 8192):
        llm = build_llm(BotSettings(llm="ollama/x", llm_context_tokens=tokens))
        assert llm is not None
        sizes.append(llm.prompt_bytes)
    assert 0 < sizes[0] < 3 * 2048 < sizes[1] < 3 * 8192


@pytest.mark.parametrize(
    ("llm", "module", "extra"),
    [
        ("anthropic/claude-x", "llama_index.llms.anthropic", "anthropic"),
        ("llamacpp//nowhere/x.gguf", "llama_index.llms.llama_cpp", "llamacpp"),
    ],
)
def test_an_extra_that_is_not_installed_is_said_in_one_line(
    llm: str, module: str, extra: str
) -> None:
    if find_spec(module) is not None:
        pytest.skip(f"{module} is installed")
    with pytest.raises(SettingsError, match=rf"pip install 'dateline\[{extra}\]'") as caught:
        build_llm(BotSettings(llm=llm, llm_api_key=SecretStr(KEY)))
    assert "\n" not in str(caught.value)


def test_a_model_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    pytest.importorskip("llama_index.llms.llama_cpp")
    with pytest.raises(SettingsError, match="there is no file"):
        build_llm(BotSettings(llm=f"llamacpp/{tmp_path}/x.gguf"))
