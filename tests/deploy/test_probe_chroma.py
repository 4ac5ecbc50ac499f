"""The probe of a Chroma server, on a real one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from deploy.probe_chroma import takes_writes
from tests.chroma_server import run_chroma


def test_a_server_whose_database_is_locked_takes_no_writes_until_it_is_free(tmp_path: Path) -> None:
    with run_chroma(tmp_path) as url:
        api = f"{url}/api/v2"
        assert takes_writes(api, 20.0)
        assert takes_writes(api, 20.0)
        with closing(sqlite3.connect(tmp_path / "chroma.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert not takes_writes(api, 1.0)
        assert takes_writes(api, 20.0)


def test_a_server_that_is_not_there_takes_no_writes() -> None:
    assert not takes_writes("http://127.0.0.1:1/api/v2", 1.0)
