"""Settings of ingestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.settings import IngestSettings
from retrieval.errors import SettingsError


def test_settings_are_read_from_their_own_table_and_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("dateline.toml").write_text("[ingest]\nmax_article_bytes = 2000\n[retrieval]\ntop_k = 1\n")
    assert IngestSettings.load().max_article_bytes == 2000
    monkeypatch.setenv("DATELINE_INGEST__MAX_ARTICLE_BYTES", "3000")
    assert IngestSettings.load().max_article_bytes == 3000


def test_a_mistake_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_INGEST__MAX_BYTES", "3000")
    with pytest.raises(SettingsError, match="DATELINE_INGEST__MAX_BYTES"):
        IngestSettings.load()
    monkeypatch.delenv("DATELINE_INGEST__MAX_BYTES")
    monkeypatch.setenv("DATELINE_INGEST__MAX_ARTICLE_BYTES", "3")
    with pytest.raises(SettingsError, match=r"ingest\.max_article_bytes"):
        IngestSettings.load()


@pytest.mark.parametrize(
    ("written", "hosts"),
    [
        ("127.0.0.1", ("127.0.0.1",)),
        ("news.example, 10.0.0.1,", ("news.example", "10.0.0.1")),
        ('["127.0.0.1", "news.example"]', ("127.0.0.1", "news.example")),
        ("[]", ()),
        ("", ()),
    ],
)
def test_hosts_are_separated_by_commas_or_a_list_in_json(
    monkeypatch: pytest.MonkeyPatch, written: str, hosts: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATELINE_INGEST__ALLOWED_PRIVATE_HOSTS", written)
    assert IngestSettings.load().allowed_private_hosts == hosts


@pytest.mark.parametrize("written", ['["127.0.0.1"', "[127.0.0.1]", "[1]", '[["a"]]'])
def test_hosts_that_cannot_be_read_are_an_error_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("DATELINE_INGEST__ALLOWED_PRIVATE_HOSTS", written)
    with pytest.raises(SettingsError, match=r"^ingest\.allowed_private_hosts"):
        IngestSettings.load()
