"""Where the tests keep archives and vectors: in a home's folder or, with `pytest --servers`, in a
schema of a PostgreSQL and a database of a Chroma server, a pair for each home."""

from __future__ import annotations

import atexit
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, make_url, text

from retrieval.database import Database
from retrieval.settings import RetrievalSettings
from tests.chroma_server import run_chroma
from tests.postgres_server import run_postgres

_running: Servers | None = None


class Servers:
    """A PostgreSQL and a Chroma, as long as the tests run."""

    def __init__(self, postgres_url: str, chroma_url: str) -> None:
        self._postgres_url = postgres_url
        self._chroma_url = chroma_url
        self._engine: Engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")

    def build_environment(self, home: Path) -> dict[str, str]:
        """The settings of a home, whose schema is there from now on."""
        name = _name(home)
        with self._engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
        options = quote(f"-csearch_path={name}")
        return {
            "DATELINE_RETRIEVAL__ARCHIVE_URL": f"{self._postgres_url}?options={options}",
            "DATELINE_RETRIEVAL__CHROMA_URL": self._chroma_url,
            "DATELINE_RETRIEVAL__CHROMA_DATABASE": name,
        }

    def forget(self, home: Path) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {_name(home)} CASCADE"))

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def run_servers(folder: Path) -> Iterator[None]:
    """From now on homes are on servers."""
    global _running
    with start_servers(folder) as _running:
        try:
            yield
        finally:
            _running = None


def are_embedded() -> bool:
    return _running is None


@contextmanager
def start_servers(folder: Path) -> Iterator[Servers]:
    """A pair for the tests of what processes share, whatever the homes of others are on."""
    with run_postgres() as postgres_url, run_chroma(folder / "chroma") as chroma_url:
        servers = Servers(postgres_url, chroma_url)
        try:
            yield servers
        finally:
            servers.close()


def build_environment(home: Path) -> dict[str, str]:
    """What a process has in its environment to use this home."""
    servers = {} if _running is None else _running.build_environment(home)
    return {"DATELINE_HOME": str(home), **servers}


def make_settings(home: Path) -> RetrievalSettings:
    return read_settings(build_environment(home), home)


def read_settings(environment: dict[str, str], home: Path) -> RetrievalSettings:
    """What a process of this environment has."""
    prefix = "DATELINE_RETRIEVAL__"
    named = {
        name.removeprefix(prefix).lower(): value
        for name, value in environment.items()
        if name.startswith(prefix)
    }
    return RetrievalSettings.model_validate({"home": home, **named})


def place_archive(settings: RetrievalSettings) -> None:
    """An archive with its tables, where an empty home would have to make them: copied, it is there
    in a twentieth of the time."""
    if _running is None and not settings.home.exists():
        settings.home.mkdir(parents=True, mode=0o700)
        target = make_url(settings.sqlalchemy_url).database
        shutil.copyfile(_make_archive(), str(target))


@cache
def _make_archive() -> Path:
    """One a process, made as any other is."""
    folder = Path(mkdtemp(prefix="dateline-archive-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = RetrievalSettings(home=folder / "home")
    with closing(Database.open(settings)) as database:
        assert database.path is not None
        return database.path


def forget(home: Path) -> None:
    if _running is not None:
        _running.forget(home)


def _name(home: Path) -> str:
    return f"home_{hashlib.sha256(str(home).encode()).hexdigest()[:24]}"
