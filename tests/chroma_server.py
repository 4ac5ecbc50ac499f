"""A real Chroma server on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

_PATIENCE_S = 60.0


@contextmanager
def run_chroma(folder: Path) -> Iterator[str]:
    """`chroma run`, on a free port; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder)]
    with subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL
    ) as process:
        try:
            _wait(url, process)
            yield url
        finally:
            process.terminate()


def name_database() -> str:
    """One that no other test uses."""
    return f"test_{uuid.uuid4().hex}"


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            httpx.get(f"{url}/api/v2/heartbeat", trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            assert process.poll() is None, "Chroma's server ended"
            assert time.monotonic() < deadline, "Chroma's server did not start"
            time.sleep(0.05)
