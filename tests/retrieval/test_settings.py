"""Settings: the file, the environment over it, and every mistake named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from retrieval.errors import SettingsError
from retrieval.settings import RetrievalSettings


def write_config(content: str | bytes) -> None:
    Path("dateline.toml").write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.embedded
def test_settings_have_defaults_without_a_file() -> None:
    settings = RetrievalSettings.load()
    assert (settings.top_k, settings.chunk_size_tokens) == (8, 200)
    assert settings.embedding_model == "all-MiniLM-L6-v2"
    assert settings.archive_url is None
    assert settings.chroma_url is None


@pytest.mark.embedded
def test_settings_are_read_from_the_package_s_table() -> None:
    write_config("[retrieval]\ntop_k = 3\nchroma_url = 'http://127.0.0.1:8000'\n[bot]\nx = 1\n")
    settings = RetrievalSettings.load()
    assert (settings.top_k, settings.chroma_url) == (3, "http://127.0.0.1:8000")


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write_config("[retrieval]\ntop_k = 3\nchunk_size_tokens = 100\n")
    monkeypatch.setenv("DATELINE_RETRIEVAL__TOP_K", "5")
    settings = RetrievalSettings.load()
    assert (settings.top_k, settings.chunk_size_tokens) == (5, 100)


def test_environment_names_may_be_written_in_lower_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("dateline_retrieval__top_k", "5")
    assert RetrievalSettings.load().top_k == 5


@pytest.mark.embedded
def test_home_is_taken_from_dateline_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_HOME", "elsewhere")
    settings = RetrievalSettings.load()
    assert settings.home == Path("elsewhere")
    assert settings.sqlalchemy_url == "sqlite:///elsewhere/archive.db"


def test_home_is_a_folder_here_when_nothing_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATELINE_HOME")
    assert RetrievalSettings.load().home == Path(".dateline")


def test_archive_url_replaces_the_sqlite_file_of_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_RETRIEVAL__ARCHIVE_URL", "sqlite:///other.db")
    assert RetrievalSettings.load().sqlalchemy_url == "sqlite:///other.db"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[retrieval]\ntopk = 3", "retrieval.topk"),
        ("[retreival]\ntop_k = 3", r"\[retreival\]"),
        ("top_k = 3", "top_k"),
        ("[retrieval]\ntop_k = 'many'", "retrieval.top_k"),
        ("[retrieval]\ntop_k = 0", "retrieval.top_k"),
        ("[retrieval", "dateline.toml is not valid TOML"),
        ("retrieval = 3", "retrieval"),
        ("[[retrieval]]\ntop_k = 3", "retrieval"),
        ("# Zürich\n[retrieval]\ntop_k = 3".encode("cp1252"), "dateline.toml"),
    ],
    ids=[
        "unknown key",
        "unknown table",
        "key outside a table",
        "wrong type",
        "out of range",
        "no TOML",
        "value for a table",
        "list of tables",
        "not UTF-8",
    ],
)
def test_a_mistake_in_the_file_is_an_error_that_names_it(content: str | bytes, named: str) -> None:
    write_config(content)
    with pytest.raises(SettingsError, match=named):
        RetrievalSettings.load()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATELINE_RETRIEVAL__TOPK", "3"),
        ("DATELINE_RETREIVAL__TOP_K", "3"),
        ("DATELINE_RETRIEVAL_TOP_K", "3"),
        ("DATELINE_RETRIEVAL__HOME", "/tmp"),
    ],
    ids=["unknown name", "unknown package", "one underscore", "home has a name of its own"],
)
def test_an_unknown_variable_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        RetrievalSettings.load()


def test_a_wrong_value_in_the_environment_is_named_as_a_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATELINE_RETRIEVAL__TOP_K", "many")
    with pytest.raises(SettingsError, match=r"retrieval\.top_k"):
        RetrievalSettings.load()


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "", "soon"])
def test_a_time_that_is_not_a_number_of_seconds_is_an_error(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DATELINE_RETRIEVAL__LOCK_TIMEOUT_S", value)
    with pytest.raises(SettingsError, match=r"^retrieval\.lock_timeout_s: "):
        RetrievalSettings.load()


def test_variables_of_other_packages_are_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BOT__LLM", "none")
    assert RetrievalSettings.load().top_k == 8


def test_messages_and_representations_never_hold_the_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATELINE_RETRIEVAL__ARCHIVE_URL", "postgresql://user:hunter2@host/name")
    assert "hunter2" not in repr(RetrievalSettings.load())
    monkeypatch.delenv("DATELINE_RETRIEVAL__ARCHIVE_URL")
    write_config("[retrieval]\narchive_url = ['postgresql://user:hunter2@host/name']")
    with pytest.raises(SettingsError) as caught:
        RetrievalSettings.load()
    assert "retrieval.archive_url" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_loading_settings_leaves_the_environment_as_it_was() -> None:
    before = dict(os.environ)
    RetrievalSettings.load()
    assert dict(os.environ) == before
