"""The bot's settings, from the file and the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import BotSettings
from ingest.settings import IngestSettings
from retrieval.errors import SettingsError
from retrieval.settings import PackageSettings, RetrievalSettings

LISTS = ("api_keys", "slack_channels_allowed", "slack_channels_denied")
WRONG = ("[", "{", '["a"', '{"a": ', "[1]", "{}", "[[]]", "[" * 100_000, "\udcff", "-1", "nan", "")


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


@pytest.mark.parametrize(
    "written",
    ["C0123456789,D0123456789", " C0123456789 , D0123456789, ", '["C0123456789","D0123456789"]'],
)
@pytest.mark.parametrize("name", ["slack_channels_allowed", "slack_channels_denied"])
def test_channels_are_separated_by_commas_or_a_list_in_json(
    monkeypatch: pytest.MonkeyPatch, name: str, written: str
) -> None:
    monkeypatch.setenv(f"DATELINE_BOT__{name.upper()}", written)
    assert getattr(BotSettings.load(), name) == ("C0123456789", "D0123456789")


def test_a_table_is_given_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    written = '{"C0123456789": {"private": true, "sources": ["Meridian Wire"]}}'
    monkeypatch.setenv("DATELINE_BOT__SLACK_CHANNELS", written)
    channel = BotSettings.load().slack_channels["C0123456789"]
    assert (channel.private, channel.sources) == (True, ("Meridian Wire",))


@pytest.mark.parametrize("package", [RetrievalSettings, IngestSettings, BotSettings])
@pytest.mark.parametrize("value", WRONG, ids=range(len(WRONG)))
def test_no_value_of_any_setting_is_more_than_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, package: type[PackageSettings], value: str
) -> None:
    for name in set(package.model_fields) - {"home"}:
        with monkeypatch.context() as patched:
            patched.setenv(f"DATELINE_{package.table.upper()}__{name.upper()}", value)
            said = find_error(package)
        assert said is None or said.startswith(f"{package.table}.{name}")
        assert "\n" not in (said or "")
        assert len(said or "") < 500


def find_error(package: type[PackageSettings]) -> str | None:
    try:
        package.load()
    except SettingsError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", [*LISTS, "slack_channels"])
@pytest.mark.parametrize("value", ['["hunter2"', '[{"hunter2": 1}]', '["hunter2", 2]'])
def test_a_list_that_cannot_be_read_is_an_error_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"DATELINE_BOT__{name.upper()}", value)
    with pytest.raises(SettingsError, match=rf"^bot\.{name}") as caught:
        BotSettings.load()
    assert "hunter2" not in str(caught.value)
