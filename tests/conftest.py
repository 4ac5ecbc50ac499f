"""Homes of their own, no network beyond loopback, and the parts put together."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.indexer import Indexer
from retrieval.indexes import Indexes, hold_indexes
from retrieval.opening import Library, open_library
from retrieval.settings import RetrievalSettings
from tests import stores
from tests.fakes import KeywordEmbedder
from tests.replicas import Newsroom

pytest_plugins = ["tests.missing"]

# Where temporary folders are kept in memory a commit costs a third. A container may have little.
_MEMORY = Path("/dev/shm")
_MIN_MEMORY_BYTES = 4 << 30
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would leave this machine fails; nothing is fetched from a model hub."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def pytest_configure() -> None:
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _MIN_MEMORY_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--servers"):
        embedded = pytest.mark.skip(reason="looks at the files of embedded indexes")
        for item in items:
            if item.get_closest_marker("embedded"):
                item.add_marker(embedded)


@pytest.fixture(scope="session", autouse=True)
def servers(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    if pytestconfig.getoption("--servers"):
        with stores.run_servers(tmp_path_factory.mktemp("servers")):
            yield
    else:
        yield


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Each test has an empty home and working folder, and no setting of the developer's."""
    for variable in [name for name in os.environ if name.startswith(("DATELINE_", "SLACK_"))]:
        monkeypatch.delenv(variable)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    home = tmp_path / "home"
    for name, value in stores.build_environment(home).items():
        monkeypatch.setenv(name, value)
    yield home
    stores.forget(home)


@pytest.fixture(scope="session")
def shared_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stores.Servers]:
    """A PostgreSQL and a Chroma, for the tests of what processes share."""
    with stores.start_servers(tmp_path_factory.mktemp("shared")) as started:
        yield started


@pytest.fixture
def newsroom_of_many(shared_servers: stores.Servers, tmp_path: Path) -> Iterator[Newsroom]:
    """An archive and a Chroma database for replicas with a home each."""
    folder = tmp_path / "replicas"
    yield Newsroom(folder, shared_servers.build_environment(folder))
    shared_servers.forget(folder)


@pytest.fixture
def settings() -> RetrievalSettings:
    return RetrievalSettings.load()


@pytest.fixture
def embedder() -> KeywordEmbedder:
    return KeywordEmbedder()


@pytest.fixture
def library(settings: RetrievalSettings, embedder: KeywordEmbedder) -> Iterator[Library]:
    stores.place_archive(settings)
    with open_library(settings, embedder) as opened:
        yield opened


@pytest.fixture
def indexes(library: Library) -> Iterator[Indexes]:
    with hold_indexes(library.settings, library.generations) as held:
        yield held


@pytest.fixture
def indexer(library: Library) -> Indexer:
    return Indexer(library)
