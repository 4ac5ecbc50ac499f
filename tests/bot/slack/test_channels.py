"""What is set for channels: from the file and the environment to the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import BotSettings
from bot.slack.channels import ChannelPolicy
from retrieval.errors import SettingsError


def read(toml: str) -> ChannelPolicy:
    Path("dateline.toml").write_text(f"[bot]\n{toml}", encoding="utf-8")
    return ChannelPolicy.of(BotSettings.load())


def test_by_default_every_channel_is_answered_for_all_to_see_with_dates_in_english() -> None:
    policy = read("")
    assert policy.allows("C0123456789")
    assert policy.allows("D0123456789")
    assert policy.sources("C0123456789") == ()
    assert policy.dates("C0123456789") == "en"
    assert policy.private("C0123456789") is False


def test_where_channels_are_allowed_others_are_not() -> None:
    policy = read('slack_channels_allowed = ["C0AA", "G0BB"]')
    allowed = {name: policy.allows(name) for name in ("C0AA", "G0BB", "C0CC")}
    assert allowed == {"C0AA": True, "G0BB": True, "C0CC": False}


def test_direct_messages_are_allowed_unless_they_are_denied_by_their_id() -> None:
    policy = read('slack_channels_allowed = ["C0AA"]\nslack_channels_denied = ["D0BB"]')
    assert policy.allows("D0AA")
    assert not policy.allows("D0BB")


def test_a_channel_that_is_denied_is_not_allowed_whatever_else_is_said() -> None:
    policy = read('slack_channels_allowed = ["C0AA"]\nslack_channels_denied = ["C0AA"]')
    assert not policy.allows("C0AA")


def test_a_channel_s_own_word_goes_before_the_word_for_all() -> None:
    policy = read(
        'slack_dates = "de"\nslack_private = true\n'
        "[bot.slack_channels.C0AA]\n"
        'sources = ["Meridian Wire"]\ndates = "pt-BR"\nprivate = false\n'
        "[bot.slack_channels.C0BB]\n"
        'sources = ["Harbour Post", "Meridian Wire"]\n'
    )
    assert policy.sources("C0AA") == ("Meridian Wire",)
    assert policy.dates("C0AA") == "pt_BR"
    assert policy.private("C0AA") is False
    assert policy.sources("C0BB") == ("Harbour Post", "Meridian Wire")
    assert policy.dates("C0BB") == policy.dates("C0CC") == "de"
    assert policy.private("C0BB") is True


def test_what_is_direct_is_answered_there_and_not_ephemerally() -> None:
    assert read("slack_private = true").private("D0AA") is False


@pytest.mark.parametrize("language", ["klingon", "", "xx", "english please", "../../etc"])
def test_a_language_that_dates_cannot_be_written_in_is_an_error(language: str) -> None:
    with pytest.raises(SettingsError, match=r"bot\.slack_dates: .*use a language like en"):
        read(f'slack_dates = "{language}"')
    with pytest.raises(SettingsError, match=r"bot\.slack_channels\.C0AA\.dates: "):
        read(f'[bot.slack_channels.C0AA]\ndates = "{language}"')


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ('slack_channels_allowed = ["#general"]', r"bot\.slack_channels_allowed\.0: .*C0123456789"),
        ('slack_channels_denied = ["general"]', r"bot\.slack_channels_denied\.0: .*C0123456789"),
        ("[bot.slack_channels.general]\nprivate = true", r"bot\.slack_channels\.general.*id"),
        ("[bot.slack_channels.C0AA]\nprivat = true", r"bot\.slack_channels\.C0AA\.privat"),
        ('[bot.slack_channels.C0AA]\nprivate = "perhaps"', r"slack_channels\.C0AA\.private"),
        ("slack_rate_limit = -1", r"bot\.slack_rate_limit"),
    ],
)
def test_what_cannot_be_meant_is_an_error_that_names_the_setting(toml: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read(toml)


@pytest.mark.parametrize("value", ["C0AA,C0BB", "C0AA, C0BB,", '["C0AA", "C0BB"]'])
def test_channels_are_read_from_the_environment_too(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DATELINE_BOT__SLACK_CHANNELS_ALLOWED", value)
    monkeypatch.setenv(
        "DATELINE_BOT__SLACK_CHANNELS", '{"C0AA": {"sources": ["Meridian Wire"], "dates": "pl"}}'
    )
    policy = ChannelPolicy.of(BotSettings.load())
    assert policy.allows("C0BB")
    assert not policy.allows("C0CC")
    assert (policy.sources("C0AA"), policy.dates("C0AA")) == (("Meridian Wire",), "pl")


@pytest.mark.parametrize("value", ["[", '["C0AA"', "C0AA;C0BB"])
def test_a_list_that_cannot_be_read_is_an_error(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DATELINE_BOT__SLACK_CHANNELS_ALLOWED", value)
    with pytest.raises(SettingsError, match=r"bot\.slack_channels_allowed"):
        BotSettings.load()
