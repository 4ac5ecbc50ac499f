"""The bot's commands, as far as they need no embedding model."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import dateline
from retrieval.settings import RetrievalSettings


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of the command line."""
    monkeypatch.setattr(sys, "argv", ["dateline", *arguments])
    with pytest.raises(SystemExit) as ended:
        dateline.main()
    return ended.value.code if isinstance(ended.value.code, int) else 0


def test_a_user_without_a_name_and_a_home_has_the_root_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "forgotten afterwards")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    with pytest.raises(RuntimeError):
        Path.home()
    assert run(monkeypatch, "keys", "new") == 0
    assert Path.home() == Path("/")


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["   "], "the question is empty"),
        ([""], "the question is empty"),
        ([], "QUESTION"),
        (["Who won?", "--as-off", "2025-01-01"], "--as-off"),
        (["Who won?", "--as-of", "soonish"], "2026-02-12"),
        (["Who won?", "--as-of", "2025-13-01"], "2026-02-12"),
        (["Who won?", "--since", "2025-02-30"], "2026-02-12"),
        (["Who won?", "--until", ""], "2026-02-12"),
        (["Who won?", "--asked-at", "never"], "2026-02-12"),
    ],
)
def test_a_question_that_cannot_be_put_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    arguments: list[str],
    said: str,
) -> None:
    assert run(monkeypatch, command, *arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert not RetrievalSettings.load().home.exists()


@pytest.mark.parametrize("top_k", ["0", "101", "many"])
def test_search_takes_a_sensible_number_of_passages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], top_k: str
) -> None:
    assert run(monkeypatch, "search", "Who won?", "--top-k", top_k) == 2
    assert "--top-k" in capsys.readouterr().err


def test_an_error_is_one_line_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "ask", "Who won?", "--as-of", "soonish", "--json") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("dateline: cannot read 'soonish' as a date for ")
    assert printed.err.count("\n") == 1


def test_a_broken_setting_is_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATELINE_BOT__LLM", "acme/x")
    assert run(monkeypatch, "ask", "Who won?") == 2
    assert "bot.llm" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org"])
def test_serve_without_keys_is_for_this_machine_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    assert run(monkeypatch, "serve", "--host", host) == 2
    assert "refusing to serve" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_serve_takes_a_port_that_exists(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    assert run(monkeypatch, "serve", "--port", port) == 2
    assert "--port" in capsys.readouterr().err


def test_slack_says_which_token_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "slack") == 2
    assert "SLACK_APP_TOKEN" in capsys.readouterr().err
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-very-secret")
    assert run(monkeypatch, "slack") == 2
    printed = capsys.readouterr().err
    assert "SLACK_BOT_TOKEN" in printed
    assert "very-secret" not in printed


def test_doctor_exits_1_where_something_is_wrong_and_prints_json_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("dateline.toml").write_text("[bot\n")
    assert run(monkeypatch, "doctor", "--json") == 1
    (check,) = json.loads(capsys.readouterr().out)["checks"]
    assert set(check) == {"part", "healthy", "message"}
    assert check["part"] == "settings"
    assert check["healthy"] is False


def test_every_command_of_the_bot_has_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("ask", "search", "serve", "slack", "doctor", "demo"):
        assert run(monkeypatch, command, "--help") == 0
        assert "Usage" in capsys.readouterr().out
