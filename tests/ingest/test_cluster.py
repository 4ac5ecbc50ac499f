"""What is refused before Ray is started."""

from __future__ import annotations

import socket
import sys
import time

import pytest
from pydantic import SecretStr

from ingest.cluster import ClusterFailed, connect
from ingest.settings import IngestSettings
from retrieval.errors import SettingsError
from retrieval.settings import RetrievalSettings


def make_settings(archive_url: str) -> RetrievalSettings:
    settings = RetrievalSettings.load()
    return settings.model_copy(update={"archive_url": SecretStr(archive_url)})


POSTGRES = "postgresql+psycopg://user@127.0.0.1/dateline"


def open_cluster(address: str, archive_url: str = POSTGRES) -> None:
    with connect(address, IngestSettings.load(), make_settings(archive_url)):
        pytest.fail("connected")


def test_without_ray_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SettingsError, match=r"pip install 'dateline\[ray\]'"):
        open_cluster("local")


def test_workers_elsewhere_are_refused_an_archive_in_a_file() -> None:
    pytest.importorskip("ray")
    with pytest.raises(SettingsError, match=r"point retrieval\.archive_url at PostgreSQL"):
        open_cluster("127.0.0.1:6379", "sqlite:///archive.db")


@pytest.mark.parametrize("address", ["nonsense", "host:", "host:port", "ray://127.0.0.1:10001"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    pytest.importorskip("ray")
    with pytest.raises(SettingsError, match="--ray takes `local` or HOST:PORT"):
        open_cluster(address)


def test_an_address_at_which_nothing_listens_fails_soon() -> None:
    pytest.importorskip("ray")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    started = time.monotonic()
    with pytest.raises(ClusterFailed, match=f"no Ray cluster answers at 127.0.0.1:{port}"):
        open_cluster(f"127.0.0.1:{port}")
    assert time.monotonic() - started < 10


def test_an_address_at_which_something_else_listens_fails_soon() -> None:
    pytest.importorskip("ray")
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(ClusterFailed, match=f"no Ray cluster answers at 127.0.0.1:{port}"):
            open_cluster(f"127.0.0.1:{port}")
    assert time.monotonic() - started < 15
