"""A real PostgreSQL on loopback, made for this run of the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.programs import POSTGRESQL, find_command

_USER = "dateline"
# It refuses to run as root.
RUNS_AS = "nobody" if os.geteuid() == 0 else None


@contextmanager
def run_postgres() -> Iterator[str]:
    """Gives a SQLAlchemy URL whose user may do everything. Slow to lose data, fast to forget it."""
    POSTGRESQL.require()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    # Not in pytest's folder, which is closed to others as often as another pytest starts.
    with tempfile.TemporaryDirectory(prefix="dateline-postgres-") as folder:
        create_cluster(Path(folder))
        options = (
            f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=300 "
            "-c timezone=Asia/Kathmandu"
        )
        _run("pg_ctl", "-D", folder, "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            yield build_url(port)
        finally:
            _run("pg_ctl", "-D", folder, "-m", "immediate", "-w", "stop")


def create_cluster(folder: Path, *options: str) -> None:
    """An empty one in an empty folder; `options` are of `initdb`."""
    if RUNS_AS is not None:
        shutil.chown(folder, RUNS_AS)
    # The environment's locale may not be installed: a container often has C alone.
    language = ("--no-locale", "-E", "UTF8")
    making = ("initdb", "-D", str(folder), "-U", _USER, "-A", "trust", "--no-sync", *language)
    _run(*making, *options)


def build_url(port: int) -> str:
    return f"postgresql+psycopg://{_USER}@127.0.0.1:{port}/postgres"


def find_program(name: str) -> str:
    found = find_command(name)
    assert found, f"{name} is not installed: {POSTGRESQL.cure}"
    return found


def _run(program: str, *arguments: str) -> None:
    command = [find_program(program), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", user=RUNS_AS)
