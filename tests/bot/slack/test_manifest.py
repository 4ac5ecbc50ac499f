"""The manifest, against what Slack documents of its fields, and the command that prints it."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import dateline
from bot.slack.manifest import UnusableAddress, load_manifest, read_scopes, render_manifest

URL = "https://dateline.example.org"

# docs.slack.dev/reference/app-manifest and slackapi/manifest-schema: the fields that there are,
# the longest text of each in characters, or its type. `agent_description` is counted in bytes.
SCHEMA: dict[str, Any] = {
    "display_information": {"name": 35, "description": 139, "background_color": 7},
    "features": {
        "bot_user": {"display_name": 80, "always_online": bool},
        "app_home": {
            "home_tab_enabled": bool,
            "messages_tab_enabled": bool,
            "messages_tab_read_only_enabled": bool,
        },
        "agent_view": {"agent_description": 300},
        "shortcuts": [{"name": 24, "type": 7, "callback_id": 255, "description": 150}],
        "slash_commands": [
            {
                "command": 32,
                "url": 3000,
                "description": 2000,
                "usage_hint": 1000,
                "should_escape": bool,
            }
        ],
    },
    "oauth_config": {"redirect_urls": [2500], "scopes": {"bot": [50]}},
    "settings": {
        "event_subscriptions": {"request_url": 3500, "bot_events": [50]},
        "interactivity": {"is_enabled": bool, "request_url": 3500},
        "org_deploy_enabled": bool,
        "socket_mode_enabled": bool,
        "token_rotation_enabled": bool,
    },
}
# What an app must be granted to be sent an event, as Slack's page of each event says.
SCOPE_OF_EVENT = {
    "agent_session_stopped": "assistant:write",
    "app_context_changed": "assistant:write",
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "tokens_revoked": None,
}


def find_faults(value: Any, schema: Any, where: str = "manifest") -> list[str]:
    match schema:
        case dict():
            unknown = [f"{where}.{name} is not known" for name in value.keys() - schema.keys()]
            return unknown + [
                fault
                for name in value.keys() & schema.keys()
                for fault in find_faults(value[name], schema[name], f"{where}.{name}")
            ]
        case [each]:
            return [
                fault
                for i, one in enumerate(value)
                for fault in find_faults(one, each, f"{where}[{i}]")
            ]
        case int():
            fits = isinstance(value, str) and 1 <= len(value.encode()) <= schema
            return [] if fits else [f"{where} is no text of 1 to {schema}"]
        case _:
            return [] if isinstance(value, schema) else [f"{where} is no {schema}"]


@pytest.mark.parametrize("url", [None, URL])
def test_every_field_is_one_that_slack_knows_and_within_its_length(url: str | None) -> None:
    assert find_faults(yaml.safe_load(render_manifest(url)), SCHEMA) == []


def test_the_check_finds_what_slack_would_refuse() -> None:
    manifest = load_manifest()
    manifest["display_information"]["name"] = "D" * 36
    manifest["features"]["assistant_view"] = {}
    manifest["settings"]["socket_mode_enabled"] = "yes"
    assert len(find_faults(manifest, SCHEMA)) == 3


def test_it_is_an_agent_with_a_messages_tab_that_people_can_write_in() -> None:
    features = load_manifest()["features"]
    assert "assistant_view" not in features
    assert features["agent_view"]["agent_description"]
    assert features["app_home"]["messages_tab_enabled"] is True
    assert features["app_home"]["messages_tab_read_only_enabled"] is False
    assert features["bot_user"]["display_name"]


def test_the_command_and_the_shortcut_are_the_ones_that_are_listened_for() -> None:
    features = load_manifest()["features"]
    (command,) = features["slash_commands"]
    (shortcut,) = features["shortcuts"]
    assert command["command"] == "/ask"
    assert shortcut["callback_id"] == "ask_about_message"
    assert shortcut["type"] == "message"
    assert shortcut["name"] == "Ask Dateline about this"


def test_each_event_has_the_scope_that_it_needs_and_no_scope_is_there_for_nothing() -> None:
    manifest = load_manifest()
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(events) == sorted(SCOPE_OF_EVENT)
    needed = {scope for event in events if (scope := SCOPE_OF_EVENT[event])}
    assert set(read_scopes()) == needed | {"chat:write", "commands"}


def test_each_scope_says_what_it_is_for() -> None:
    lines = render_manifest().splitlines()
    for scope in read_scopes():
        (line,) = [line for line in lines if re.match(rf"\s*- {scope}\b", line)]
        assert "#" in line, line


def test_for_socket_mode_there_is_no_address() -> None:
    manifest = yaml.safe_load(render_manifest())
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["token_rotation_enabled"] is False
    assert "https://" not in yaml.safe_dump(manifest)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        (URL, URL),
        (f"{URL}/", URL),
        (f" {URL} ", URL),
        (f"{URL}:8443", f"{URL}:8443"),
        (f"{URL}/news/bot/", f"{URL}/news/bot"),
        ("HTTPS://dateline.example.org", URL),
    ],
)
def test_for_http_slack_is_given_the_server_s_addresses(given: str, base: str) -> None:
    manifest = yaml.safe_load(render_manifest(given))
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["event_subscriptions"]["request_url"] == f"{base}/slack/events"
    assert settings["interactivity"]["request_url"] == f"{base}/slack/events"
    assert manifest["features"]["slash_commands"][0]["url"] == f"{base}/slack/events"
    assert manifest["oauth_config"]["redirect_urls"] == [f"{base}/slack/oauth_redirect"]
    assert settings["event_subscriptions"]["bot_events"]
    assert manifest["oauth_config"]["scopes"] == load_manifest()["oauth_config"]["scopes"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://dateline.example.org", "only to https://"),
        ("dateline.example.org", "only to https://"),
        ("https://", "only to https://"),
        ("", "only to https://"),
        ("ftp://dateline.example.org", "only to https://"),
        ("https://[::1", "is not an address"),
        ("https://dateline.example.org:port", "is not an address"),
        ("https://localhost", "cannot reach localhost"),
        ("https://127.0.0.1:8000", "cannot reach 127.0.0.1"),
        ("https://10.0.0.7", "cannot reach 10.0.0.7"),
        ("https://newsroom.local", "cannot reach newsroom.local"),
        (f"{URL}/slack/events", "not of one of its pages"),
        (f"{URL}/slack", "not of one of its pages"),
        (f"{URL}/a/../b", "not of one of its pages"),
        (f"{URL}//", "not of one of its pages"),
        (f"{URL}/a b", "not of one of its pages"),
        (f"{URL}/?a=b", "not of one of its pages"),
        (f"{URL}/#top", "not of one of its pages"),
        ("https://user:password@dateline.example.org", "not of one of its pages"),
    ],
)
def test_an_address_that_slack_could_not_use_is_refused(url: str, said: str) -> None:
    with pytest.raises(UnusableAddress, match=re.escape(said)):
        render_manifest(url)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["dateline", *arguments])
    with pytest.raises(SystemExit) as ended:
        dateline.main()
    return ended.value.code if isinstance(ended.value.code, int) else 0


def test_the_command_prints_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "slack", "manifest") == 0
    assert yaml.safe_load(capsys.readouterr().out) == load_manifest()
    assert run(monkeypatch, "slack", "manifest", "--url", URL) == 0
    assert f"{URL}/slack/events" in capsys.readouterr().out


def test_the_command_says_in_a_line_what_is_wrong_with_an_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "slack", "manifest", "--url", "http://example.org") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "https://" in printed.err


def test_it_is_part_of_what_is_installed() -> None:
    project = tomllib.loads((Path(dateline.__file__).parent / "pyproject.toml").read_text("utf-8"))
    assert "manifest.yaml" in project["tool"]["setuptools"]["package-data"]["bot.slack"]


def test_slack_alone_goes_on_being_socket_mode(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "slack") == 2
    assert "SLACK_APP_TOKEN" in capsys.readouterr().err
