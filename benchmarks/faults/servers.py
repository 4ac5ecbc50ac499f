"""The programs of a cluster: the stores, API and Slack replicas, the process that indexes."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import psycopg

from benchmarks.faults.processes import Program
from deploy.probe_chroma import takes_writes
from tests.postgres_server import RUNS_AS, build_url, create_cluster, find_program
from tests.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer

ROOT = Path(__file__).parent.parent.parent
DATABASE = "faults"
_PROBE_S = 2.0
# A disk of 300 MB has to hold it.
_SMALL = ("max_wal_size=32MB", "min_wal_size=2MB", "shared_buffers=32MB", "max_connections=200")


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def build_postgres(folder: Path, log: Path, port: int) -> Program:
    # A folder below: PostgreSQL wants one that nobody else may read.
    data = folder / "data"
    data.mkdir(mode=0o700)
    # Small segments, so that a full disk is felt soon.
    create_cluster(data, "--wal-segsize=1")
    settings = [part for each in _SMALL for part in ("-c", each)]
    url = build_url(port).replace("+psycopg", "")
    return Program(
        "postgres",
        (find_program("postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port),
         "-k", str(data), *settings),
        os.environ,
        log,
        lambda: _answers_sql(url),
        RUNS_AS,
    )  # fmt: skip


def build_chroma(folder: Path, log: Path, port: int) -> Program:
    chroma = str(Path(sys.executable).with_name("chroma"))
    return Program(
        "chroma",
        (chroma, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)),
        os.environ,
        log,
        lambda: _answers_http(f"http://127.0.0.1:{port}/api/v2/heartbeat"),
        is_alive=lambda: takes_writes(f"http://127.0.0.1:{port}/api/v2", _PROBE_S),
    )


def build_api(name: str, environment: Mapping[str, str], log: Path, port: int) -> Program:
    return Program(
        name,
        build_command("serve", "--port", str(port)),
        environment,
        log,
        lambda: _answers_http(f"http://127.0.0.1:{port}/readyz"),
    )


def build_slack(
    name: str, environment: Mapping[str, str], log: Path, slack: SlackServer, count: int
) -> Program:
    """Ready with the others: `count` is how many connections Slack then has."""
    tokens = {
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "DATELINE_BOT__SLACK_API_URL": slack.api_url,
        "DATELINE_BOT__SLACK_RATE_LIMIT": "0",
    }
    return Program(
        name,
        build_command("slack"),
        {**environment, **tokens},
        log,
        lambda: slack.connections >= count,
    )


def build_indexer(environment: Mapping[str, str], log: Path) -> Program:
    return Program("indexer", build_command("index", "--follow"), environment, log, lambda: True)


def build_command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(ROOT / "dateline.py"), *arguments)


def build_environment(name: str, home: Path, archive_url: str, chroma_url: str) -> dict[str, str]:
    """`name` is what PostgreSQL knows the process by."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DATELINE", "SLACK"))}
    return inherited | {
        "PGAPPNAME": name,
        "DATELINE_HOME": str(home),
        "DATELINE_RETRIEVAL__ARCHIVE_URL": archive_url,
        "DATELINE_RETRIEVAL__CHROMA_URL": chroma_url,
        "DATELINE_RETRIEVAL__CHROMA_DATABASE": DATABASE,
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _answers_sql(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _answers_http(url: str) -> bool:
    try:
        return httpx.get(url, timeout=_PROBE_S, trust_env=False).is_success
    except httpx.HTTPError:
        return False
