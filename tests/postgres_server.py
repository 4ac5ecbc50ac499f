"""A real PostgreSQL on loopback, made for this run of the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Debian keeps the server's programs off the path.
_DEBIAN = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
_USER = "dateline"


@contextmanager
def run_postgres(folder: Path) -> Iterator[str]:
    """Gives a SQLAlchemy URL whose user may do everything. Slow to lose data, fast to forget it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    data = create_cluster(folder)
    options = (
        f"-h 127.0.0.1 -p {port} -k {data} -c fsync=off -c max_connections=300 "
        "-c timezone=Asia/Kathmandu"
    )
    _run("pg_ctl", "-D", str(data), "-o", options, "-l", str(data / "log"), "-w", "start")
    try:
        yield build_url(port)
    finally:
        _run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


def create_cluster(folder: Path) -> Path:
    """An empty one in a folder below; gives that folder."""
    data = folder / "postgres"
    data.mkdir()
    _hand_over(folder, data)
    _run("initdb", "-D", str(data), "-U", _USER, "-A", "trust", "--no-sync", "-E", "UTF8")
    return data


def build_url(port: int) -> str:
    return f"postgresql+psycopg://{_USER}@127.0.0.1:{port}/postgres"


def find_program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *_DEBIAN]))
    assert found, f"{name} is not installed: `apt-get install postgresql`"
    return found


def find_user() -> str | None:
    """Who runs it: it refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None


def _run(program: str, *arguments: str) -> None:
    command = [find_program(program), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", user=find_user())


def _hand_over(folder: Path, data: Path) -> None:
    """To who runs the server, with the way there."""
    if os.geteuid() != 0:
        return
    nobody = pwd.getpwnam("nobody")
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    data.chmod(0o700)
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
