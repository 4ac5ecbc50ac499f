"""The connection to Ray, whose worker processes share the work of one ingest."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from secrets import token_hex
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from ingest.settings import IngestSettings
from retrieval.errors import DatelineError, SettingsError
from retrieval.settings import RetrievalSettings

LOCAL = "local"
# What is in flight is bounded by waves and batches; /dev/shm of a container is often small.
_OBJECT_STORE_BYTES = 256 * 2**20
_CONNECT_TIMEOUT_S = 5.0
# How gRPC, which Ray speaks, begins on both sides: with an empty frame of the kind SETTINGS.
_HTTP2_SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
_HTTP2_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _HTTP2_SETTINGS
# A worker that was killed is replaced and its work done again; work that kills every worker
# that takes it is given up.
RETRIES = 3


class ClusterFailed(DatelineError):
    """Ray cannot be reached, or its workers died again and again."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A connection that is open; `workers` is how many processes may work at once."""

    workers: int


@contextmanager
def connect(
    address: str, settings: IngestSettings, retrieval: RetrievalSettings
) -> Iterator[Cluster]:
    """Start a cluster of this machine's cores, or join one. Raises SettingsError, ClusterFailed."""
    if find_spec("ray") is None:
        raise SettingsError(
            "--ray needs Ray, which is not installed: `pip install 'dateline[ray]'`"
        )
    if address != LOCAL:
        _check_archive(retrieval)
        _check_reachable(address)
    _set_environment(address)
    import ray

    with (
        TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder,
        # It prints which workers died, where a script reads our report.
        redirect_stdout(sys.stderr),
    ):
        try:
            _start(address, settings.ray_workers, folder)
            resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
            cores = int(resources.get("CPU", 1))
            yield Cluster(max(min(cores, settings.ray_workers or cores), 1))
        finally:
            ray.shutdown()


@contextmanager
def explain_failures() -> Iterator[None]:
    """Our own errors as they were raised on a worker; Ray's as ClusterFailed."""
    from ray.exceptions import RayError, RayTaskError

    try:
        yield
    except RayTaskError as error:
        if isinstance(error.cause, DatelineError):
            raise error.cause from None
        raise
    except RayError as error:
        raise ClusterFailed(
            f"Ray failed ({_first_line(error)}): what was archived is kept; run it again to "
            "continue"
        ) from error


def _set_environment(address: str) -> None:
    """Ray reads it when it is imported, and hands it on to its processes."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if address == LOCAL:
        # It listens on the machine's address, and whoever may send it work may do anything.
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=token_hex(32))


def _start(address: str, workers: int | None, folder: str) -> None:
    import ray

    try:
        if address == LOCAL:
            ray.init(
                address=LOCAL,
                num_cpus=workers,
                include_dashboard=False,
                object_store_memory=_OBJECT_STORE_BYTES,
                log_to_driver=False,
                logging_level=logging.ERROR,
                _temp_dir=folder,
            )
        else:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError) as error:
        raise ClusterFailed(
            f"no Ray cluster can be used at {address} ({_first_line(error)}): run this on one of "
            "its machines, with the HOST:PORT that `ray start --head` printed and its token in "
            "RAY_AUTH_TOKEN"
        ) from error
    _silence()


def _silence() -> None:
    """Ray Data announces what it runs, on both streams; our own progress is shown there."""
    from ray.data import DataContext

    logging.getLogger("ray").setLevel(logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False


def _check_archive(retrieval: RetrievalSettings) -> None:
    if retrieval.sqlalchemy_url.startswith("sqlite"):
        raise SettingsError(
            "workers on other machines cannot write to an SQLite file: point "
            "retrieval.archive_url at PostgreSQL, or use --ray local"
        )


def _check_reachable(address: str) -> None:
    """In bounded time: Ray itself tries for many minutes, and logs."""
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port:
        raise SettingsError(f"--ray takes `local` or HOST:PORT, not {address!r}")
    try:
        with socket.create_connection((host, port), _CONNECT_TIMEOUT_S) as connection:
            connection.sendall(_HTTP2_GREETING)
            greeting = connection.recv(len(_HTTP2_SETTINGS))
        if greeting[3:4] != _HTTP2_SETTINGS[3:4]:
            raise ConnectionError("the server there does not speak gRPC")
    except OSError as error:
        raise ClusterFailed(
            f"no Ray cluster answers at {address}: check the address that `ray start --head` "
            "printed, or use --ray local"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
