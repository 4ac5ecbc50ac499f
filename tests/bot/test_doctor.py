"""`dateline doctor`: what is well, what is not and its cure, and no secret."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path

import pytest
from rich.console import Console

from bot.doctor import Finding, examine, render_findings
from retrieval.indexes import Indexes, hold_indexes
from retrieval.opening import Library, open_library
from retrieval.settings import RetrievalSettings
from tests.bot.health import serve_health
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder
from tests.slack_server import BOT_TOKEN, SlackServer
from tests.stores import build_environment

SECRET = "very-secret"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all: the embedding model is prepared once."""
    return tmp_path_factory.mktemp("doctor")


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in build_environment(home).items():
        monkeypatch.setenv(name, value)


def findings() -> dict[str, Finding]:
    examined = examine()
    console = Console(record=True, file=io.StringIO(), width=500)
    render_findings(examined, console)
    assert SECRET not in console.export_text()
    assert SECRET not in json.dumps([finding.build() for finding in examined])
    return {finding.part: finding for finding in examined}


@pytest.mark.integration
def test_a_new_home_is_healthy_and_says_what_to_do_first() -> None:
    found = findings()
    assert [part for part, finding in found.items() if not finding.healthy] == []
    assert set(found) == {
        "settings",
        "archive",
        "embedding model",
        "indexes",
        "language model",
        "HTTP",
        "Slack",
    }
    assert "384 dimensions" in found["embedding model"].message
    assert "dateline ingest" in found["indexes"].message
    assert "quotes" in found["language model"].message
    assert "only from this machine" in found["HTTP"].message
    assert found["Slack"].message == "not configured"


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("DATELINE_BOT__LLM", f"acme/{SECRET}", "bot.llm"),
        ("DATELINE_BOT__LLM_TIMEOUT_S", SECRET, "bot.llm_timeout_s"),
        ("DATELINE_RETRIEVAL__TOP_K", SECRET, "retrieval.top_k"),
        ("DATELINE_BOT__SLACK_BOT_TOKENN", SECRET, "DATELINE_BOT__SLACK_BOT_TOKENN"),
        ("DATELINE_BOOT__LLM", SECRET, "DATELINE_BOOT__LLM"),
    ],
)
def test_settings_that_cannot_be_read_are_the_one_finding(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str
) -> None:
    monkeypatch.setenv(name, value)
    found = findings()
    assert set(found) == {"settings"}
    assert not found["settings"].healthy
    assert named in found["settings"].message


@pytest.mark.parametrize("content", [b"[bot\n", b"[boot]\n", b'[bot]\nllmm = "x"\n', b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_the_one_finding(content: bytes) -> None:
    Path("dateline.toml").write_bytes(content)
    found = findings()
    assert set(found) == {"settings"}
    assert not found["settings"].healthy


@pytest.mark.parametrize(
    "url",
    [
        f"nonsense {SECRET}",
        f"oracle+nothing://user:{SECRET}@127.0.0.1/x",
        f"sqlite:////proc/{SECRET}/archive.db",
    ],
)
def test_an_archive_that_cannot_be_opened_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATELINE_RETRIEVAL__ARCHIVE_URL", url)
    examined = {finding.part: finding for finding in examine()}
    assert not examined["archive"].healthy
    assert examined["language model"].healthy
    if "proc" not in url:
        assert SECRET not in examined["archive"].message


@pytest.mark.integration
def test_articles_that_are_not_indexed_are_a_finding(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in build_environment(tmp_path / "behind").items():
        monkeypatch.setenv(name, value)
    (tmp_path / "behind").mkdir()
    (tmp_path / "behind" / "models").symlink_to(home / "models")
    with (
        open_library(RetrievalSettings.load(), KeywordEmbedder()) as library,
        hold_indexes(library.settings, library.generations) as indexes,
    ):
        indexes.create(active=True)
        put_article(library.archive, make_article())
    found = findings()
    assert found["archive"].message == "1 articles, 0 undated"
    assert not found["indexes"].healthy
    assert "1 changes are not indexed" in found["indexes"].message


@pytest.mark.integration
def test_indexes_that_another_process_holds_are_well(library: Library, indexes: Indexes) -> None:
    del indexes
    assert findings()["indexes"] == Finding("indexes", True, "held by another process")
    announcement = library.settings.home / "server.json"
    with serve_health() as url:
        announcement.write_text(json.dumps({"url": url}))
        try:
            assert findings()["indexes"] == Finding("indexes", True, f"held by {url}")
        finally:
            announcement.unlink()


@pytest.mark.integration
@pytest.mark.parametrize("base_url", ["http://127.0.0.1:{port}/v1", "http://a:b", "nonsense"])
def test_a_model_that_does_not_answer_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, base_url: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("DATELINE_BOT__LLM", "compatible/x")
    monkeypatch.setenv("DATELINE_BOT__LLM_API_KEY", SECRET)
    monkeypatch.setenv("DATELINE_BOT__LLM_BASE_URL", base_url.format(port=port))
    finding = findings()["language model"]
    assert not finding.healthy
    assert "bot.llm_base_url" in finding.message


@pytest.mark.integration
def test_a_model_without_its_address_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BOT__LLM", "compatible/x")
    finding = findings()["language model"]
    assert not finding.healthy
    assert "bot.llm_base_url" in finding.message


@pytest.mark.integration
def test_slack_s_token_is_tried(monkeypatch: pytest.MonkeyPatch, slack: SlackServer) -> None:
    monkeypatch.setenv("DATELINE_BOT__SLACK_API_URL", slack.api_url)
    monkeypatch.setenv("SLACK_BOT_TOKEN", f"xoxb-{SECRET}")
    finding = findings()["Slack"]
    assert not finding.healthy
    assert "SLACK_BOT_TOKEN" in finding.message
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    assert findings()["Slack"] == Finding("Slack", True, "the bot token is valid")


def test_what_is_wrong_stands_out() -> None:
    console = Console(record=True, file=io.StringIO(), width=200)
    render_findings((Finding("a", True, "fine"), Finding("b", False, "mend [it]")), console)
    assert console.export_text() == "ok  a: fine\nFIX b: mend [it]\n"


@pytest.mark.integration
def test_keys_are_counted_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BOT__API_KEYS", f"write:{SECRET},read:another-{SECRET}")
    assert findings()["HTTP"].message == "API keys: 1 read, 1 write"
