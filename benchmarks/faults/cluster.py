"""Two API replicas, two Slack replicas and a process that indexes, on one PostgreSQL and one Chroma
server, with a proxy in front of each store for each process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pydantic import SecretStr

from benchmarks.faults import disks
from benchmarks.faults.disks import Disk
from benchmarks.faults.processes import Supervised
from benchmarks.faults.servers import (
    DATABASE,
    build_api,
    build_chroma,
    build_environment,
    build_indexer,
    build_postgres,
    build_slack,
    find_port,
)
from retrieval.settings import RetrievalSettings
from tests.fault_proxy import Fault, FaultProxy, run_proxy
from tests.postgres_server import build_url
from tests.slack_server import SlackServer

APIS = ("api 1", "api 2")
SLACKS = ("slack 1", "slack 2")
INDEXER = "indexer"
STORES = ("postgres", "chroma")
INGEST = "ingest"
# Whichever replica indexes at the moment.
LEADER = "the one that indexes"
REPLICAS = (*APIS, *SLACKS, INDEXER)
# Of a link over an ocean, and of one that is shared with a backup.
LATENCY_S = 0.1
BYTES_PER_S = 100_000
_STORE_MB, _HOME_MB = 320, 250
_READY_S = 120.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """`environments` are those of the replicas and of `dateline ingest`; `disks` are empty where
    this program may not mount any."""

    folder: Path
    processes: Mapping[str, Supervised]
    environments: Mapping[str, Mapping[str, str]]
    proxies: Mapping[tuple[str, str], FaultProxy]
    disks: Mapping[str, Disk]
    addresses: Sequence[str]
    slack: SlackServer
    settings: RetrievalSettings

    def home(self, name: str) -> Path:
        return Path(self.environments[name]["DATELINE_HOME"])

    def find_leader(self) -> str:
        """The replica that indexes now; the process for it where none does."""
        query = (
            "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"
            " WHERE locktype = 'advisory' AND granted"
        )
        url = self.settings.sqlalchemy_url.replace("+psycopg", "")
        with psycopg.connect(url, connect_timeout=5) as connection:
            names = [name for (name,) in connection.execute(query)]
        return next((name for name in names if name in REPLICAS), INDEXER)

    def cut(self, name: str, fault: Fault) -> None:
        """The connections of a replica to both stores, or of a store to every replica."""
        for between, proxy in self.proxies.items():
            if name in between:
                proxy.fault = fault


@contextmanager
def run_cluster(
    *, with_disks: bool = False, models: Path | None = None, logs: Path | None = None
) -> Iterator[Cluster]:
    """`models` are copies made before; replicas share them: they are no part of what each keeps."""
    with ExitStack() as running:
        folder = _make_folder(running)
        models, logs = models or folder / "models", logs or folder / "logs"
        for each in (models, logs):
            each.mkdir(parents=True, exist_ok=True)
        ports = {name: find_port() for name in (*STORES, *APIS)}
        proxies = {
            (name, store): running.enter_context(run_proxy("127.0.0.1", ports[store]))
            for name in (*REPLICAS, INGEST)
            for store in STORES
        }
        for proxy in proxies.values():
            proxy.latency_s, proxy.bytes_per_s = LATENCY_S, BYTES_PER_S
        mounted = {}
        for name in (*STORES, *REPLICAS, INGEST):
            own = _folder_of(folder, name)
            own.mkdir()
            if with_disks:
                mounted[name] = disks.mount(own, _STORE_MB if name in STORES else _HOME_MB)
                running.callback(disks.unmount, mounted[name])
        environments = {
            name: build_environment(
                name,
                _make_home(folder, name, models),
                build_url(proxies[name, "postgres"].port),
                f"http://127.0.0.1:{proxies[name, 'chroma'].port}",
            )
            for name in (*REPLICAS, INGEST)
        }
        slack = SlackServer()
        running.callback(slack.stop)
        processes = _build_processes(folder, logs, ports, environments, slack)
        stores = [processes[store] for store in STORES]
        others = [process for process in processes.values() if process not in stores]
        for together in (stores, others):
            for process in together:
                process.start()
                running.callback(process.close)
            for process in together:
                process.wait_until_ready(_READY_S)
        yield Cluster(
            folder,
            processes,
            environments,
            proxies,
            mounted,
            [f"http://127.0.0.1:{ports[name]}" for name in APIS],
            slack,
            _build_settings(folder, ports),
        )


def _make_folder(running: ExitStack) -> Path:
    """Open to PostgreSQL's user, who may be another."""
    made = tempfile.TemporaryDirectory(prefix="dateline-faults-", ignore_cleanup_errors=True)
    folder = Path(running.enter_context(made))
    folder.chmod(0o755)
    return folder


def _build_processes(
    folder: Path,
    logs: Path,
    ports: Mapping[str, int],
    environments: Mapping[str, Mapping[str, str]],
    slack: SlackServer,
) -> dict[str, Supervised]:
    """In the order in which they are started."""

    def log(name: str) -> Path:
        return logs / f"{name}.log"

    programs = (
        build_postgres(_folder_of(folder, "postgres"), log("postgres"), ports["postgres"]),
        build_chroma(_folder_of(folder, "chroma"), log("chroma"), ports["chroma"]),
        build_indexer(environments[INDEXER], log(INDEXER)),
        *(build_api(name, environments[name], log(name), ports[name]) for name in APIS),
        *(
            build_slack(name, environments[name], log(name), slack, count)
            for count, name in enumerate(SLACKS, start=1)
        ),
    )
    return {program.name: Supervised(program) for program in programs}


def _folder_of(folder: Path, name: str) -> Path:
    return folder / name.replace(" ", "-")


def _make_home(folder: Path, name: str, models: Path) -> Path:
    home = _folder_of(folder, name)
    (home / "models").symlink_to(models)
    return home


def _build_settings(folder: Path, ports: Mapping[str, int]) -> RetrievalSettings:
    """Past every proxy, for looking at what is there."""
    return RetrievalSettings.load().model_copy(
        update={
            "home": _folder_of(folder, "looking"),
            "archive_url": SecretStr(build_url(ports["postgres"])),
            "chroma_url": f"http://127.0.0.1:{ports['chroma']}",
            "chroma_database": DATABASE,
        }
    )
