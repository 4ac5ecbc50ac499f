"""An ingest shared out on Ray ends where one process does, whoever is killed meanwhile.

Ray listens on the machine's address: it runs in a network of its own, which has loopback alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.homes import find_differences, read_home
from benchmarks.kills import finish
from tests.journeys.conftest import EXAMPLES, ROOT, CommandLine
from tests.stores import make_settings

WORDS = ("NATO", "Finland", "soldiers", "Tuesday")
PATIENCE_S = 180
NO_NETWORK = (
    "Ray needs a network of its own: be root or allow `unshare -r`, and "
    "`apt-get install util-linux iproute2`"
)


@cache
def own_network() -> tuple[str, ...] | None:
    """The command that runs another in a network of its own; None where that is not allowed."""
    for options in ("-n", "-rn"):
        command = ("unshare", options, "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
        try:
            subprocess.run([*command, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return command
    return None


pytestmark = [
    pytest.mark.integration,
    pytest.mark.embedded,
    pytest.mark.timeout(400),
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
    pytest.mark.skipif(own_network() is None, reason=NO_NETWORK),
]


def test_workers_killed_half_way_change_nothing(
    command_line: CommandLine, newsroom: CommandLine
) -> None:
    with ingesting_on_ray(command_line) as process:
        for worker in ("_extract_row", "_Writer", "_EmbeddingWorker"):
            os.kill(wait_for_worker(process, worker), signal.SIGKILL)
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, stderr
    report = json.loads(stdout)
    taken = sum(report[what] for what in ("added", "unchanged", "duplicates"))
    assert (taken, report["failed"]) == (42, [])
    assert_homes_agree(newsroom.home, command_line.home)


def test_an_ingest_killed_half_way_goes_on_where_it_was(
    command_line: CommandLine, newsroom: CommandLine
) -> None:
    with ingesting_on_ray(command_line) as process:
        wait_for_worker(process, "_EmbeddingWorker")
        network = find_network(process)
    wait_until_gone(network)
    finish(lambda: command_line.start("ingest", str(EXAMPLES)))
    assert_homes_agree(newsroom.home, command_line.home)


@contextmanager
def ingesting_on_ray(command_line: CommandLine) -> Iterator[subprocess.Popen[str]]:
    """Killed in the end, if it has not ended by itself."""
    command = own_network()
    assert command is not None
    dateline = (sys.executable, str(ROOT / "dateline.py"))
    with subprocess.Popen(
        [*command, *dateline, "ingest", "--ray", "local", str(EXAMPLES), "--json"],
        env={**command_line.environment, "DATELINE_INGEST__RAY_WORKERS": "2"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_worker(process: subprocess.Popen[str], name: str) -> int:
    """The id of the first worker that runs this."""
    while process.poll() is None:
        for pid, title in list_workers(find_network(process)).items():
            if name in title:
                return pid
        time.sleep(0.01)
    raise AssertionError(f"no worker ran {name}: {process.communicate()}")


def find_network(process: subprocess.Popen[str]) -> Path:
    return Path(f"/proc/{process.pid}/ns/net").readlink()


def wait_until_gone(network: Path) -> None:
    """Ray's processes end by themselves when the one that started them has."""
    deadline = time.monotonic() + PATIENCE_S
    while workers := list_workers(network):
        assert time.monotonic() < deadline, workers
        time.sleep(0.1)


def list_workers(network: Path) -> dict[int, str]:
    """The titles of Ray's processes in this network."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            title = (folder / "cmdline").read_bytes()
            if title.startswith(b"ray::") and (folder / "ns/net").readlink() == network:
                found[int(folder.name)] = title.decode()
        except OSError:
            continue
    return found


def assert_homes_agree(undisturbed: Path, killed: Path) -> None:
    expected, found = (read_home(make_settings(home), WORDS) for home in (undisturbed, killed))
    assert find_differences(expected, found) == ()
