"""The bot's settings, from the file and the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import BotSettings
from retrieval.errors import SettingsError


def test_by_default_no_model_and_no_slack() -> None:
    settings = BotSettings.load()
    assert settings.llm == "none"
    assert settings.slack_bot_token is None
    assert settings.slack_api_url == "https://slack.com/api/"


@pytest.mark.parametrize("llm", ["none", "ollama/llama3.2", "openai/gpt-x", "compatible/a/b"])
def test_a_provider_and_a_model_are_taken(monkeypatch: pytest.MonkeyPatch, llm: str) -> None:
    monkeypatch.setenv("DATELINE_BOT__LLM", llm)
    assert BotSettings.load().llm == llm


@pytest.mark.parametrize("llm", ["", "gpt", "ollama", "ollama/", "acme/x", "None"])
def test_a_provider_that_is_not_known_is_an_error(
    monkeypatch: pytest.MonkeyPatch, llm: str
) -> None:
    monkeypatch.setenv("DATELINE_BOT__LLM", llm)
    with pytest.raises(SettingsError, match=r"bot\.llm.*the providers are"):
        BotSettings.load()


@pytest.mark.parametrize("prefix", ["", "DATELINE_BOT__"])
def test_slack_s_own_variable_names_work_too(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"):
        monkeypatch.setenv(f"{prefix}{name}", f"the {name}")
    settings = BotSettings.load()
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "the SLACK_BOT_TOKEN"
    assert settings.slack_signing_secret is not None
    assert settings.slack_app_token is not None


def test_the_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("dateline.toml").write_text(
        '[bot]\nllm = "ollama/a"\nabstain_below = 0.5\nslack_bot_token = "xoxb-file"\n'
    )
    monkeypatch.setenv("DATELINE_BOT__LLM", "ollama/b")
    settings = BotSettings.load()
    assert (settings.llm, settings.abstain_below) == ("ollama/b", 0.5)
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-file"


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BOT__LLM_API_KEY", "sk-very-secret")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-very-secret")
    settings = BotSettings.load()
    assert "very-secret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATELINE_BOT__LLM_TIMEOUT_S", "0"),
        ("DATELINE_BOT__LLM_TIMEOUT_S", "soon"),
        ("DATELINE_BOT__ABSTAIN_BELOW", "2"),
    ],
)
def test_a_value_out_of_bounds_is_an_error_that_names_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    setting = name.removeprefix("DATELINE_BOT__").lower()
    with pytest.raises(SettingsError, match=rf"^bot\.{setting}: "):
        BotSettings.load()


def test_a_misspelt_setting_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BOT__LLMM", "none")
    with pytest.raises(SettingsError, match="DATELINE_BOT__LLMM"):
        BotSettings.load()
