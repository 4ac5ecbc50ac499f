"""The server, for real: in a process of its own, on a free port, over an archive that grows."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from bot.answering.questions import build_question
from bot.http.keys import hash_key, read_keys
from bot.remote import RemoteService, find_server
from bot.service import open_service
from bot.serving import announce, check_host, serve
from bot.settings import BotSettings
from ingest.following import follow_archive
from ingest.indexer import Indexer
from retrieval.embedder import ChunkText, ChunkVectors
from retrieval.errors import DatelineError, IndexBusy, SettingsError
from retrieval.indexes import Indexes, hold_indexes
from retrieval.opening import Library, open_library
from retrieval.settings import RetrievalSettings
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder
from tests.stores import build_environment, make_settings

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
from bot import serving
from bot.settings import BotSettings
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings
from tests.fakes import KeywordEmbedder

with open_library(RetrievalSettings.load(), KeywordEmbedder()) as library:
    serving.serve(library, BotSettings.load(), "127.0.0.1", 0)
"""
REAL = ("-m", "dateline", "serve", "--port", "0")


@pytest.fixture(scope="module")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "home"


@pytest.fixture(scope="module")
def server_url(server_home: Path) -> Iterator[str]:
    """A server with the keyword embedder."""
    with (
        open_library(make_settings(server_home), KeywordEmbedder()) as library,
        hold_indexes(library.settings, library.generations) as indexes,
    ):
        put_article(library.archive, make_article())
        Indexer(library).catch_up(indexes)
    with run_server(server_home, ("-c", SERVE)) as process:
        yield wait_for_server(server_home, process)


@pytest.fixture
def beside(server_home: Path, server_url: str) -> Iterator[Library]:
    """The server's home, as another process sees it."""
    assert server_url
    with open_library(make_settings(server_home), KeywordEmbedder()) as library:
        yield library


@contextmanager
def run_server(home: Path, arguments: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **build_environment(home), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_server(home: Path, process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + 60
    while True:
        if server := find_server(home):
            return server.url
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine_s_own_addresses_are_served(host: str) -> None:
    check_host(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "8.8.8.8", "example.org", ""])
def test_no_other_address_is_served_without_keys(host: str) -> None:
    with pytest.raises(SettingsError, match="refusing to serve"):
        check_host(host)


def test_with_keys_any_address_is_served() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.7", "127.0.0.1"):
        check_host(host, read_keys("read:a-key-of-ours"))


def test_the_command_line_asks_a_server_with_keys_and_others_need_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over every address, with a key that only its hash is known of, and lines for requests."""
    monkeypatch.setenv("DATELINE_BOT__API_KEYS", f"write:sha256:{hash_key(b'a-key-of-ours')}")
    monkeypatch.setenv("DATELINE_BOT__LOG_REQUESTS", "true")
    home = tmp_path / "guarded"
    everywhere = SERVE.replace("127.0.0.1", "0.0.0.0")
    with run_server(home, ("-c", everywhere)) as process:
        url = wait_for_server(home, process)
        assert url.startswith("http://127.0.0.1:")
        own_key = json.loads((home / "server.json").read_text())["key"]
        assert stat.S_IMODE((home / "server.json").stat().st_mode) == 0o600
        with open_library(make_settings(home), KeywordEmbedder()) as library:
            put_article(library.archive, make_article())
            with open_service(library, BotSettings.load()) as service:
                assert isinstance(service, RemoteService)
                service.answer(build_question("Who chaired the talks?"))
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            assert client.get("/metrics").status_code == 401
            client.headers["Authorization"] = "Bearer a-key-of-ours"
            assert client.get("/metrics").status_code == 200
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=30)
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    answered = [line for line in lines if line["route"] == "/ask"]
    assert [(line["status"], line["owner"]) for line in answered] == [(200, "")]
    assert own_key not in printed
    assert not (home / "server.json").exists()


def test_a_port_that_is_taken_is_an_error_that_says_so(library: Library) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"127\.0\.0\.1:{port} .*choose another --port"):
            serve(library, BotSettings(), "127.0.0.1", port)
    assert not (library.settings.home / "server.json").exists()
    with hold_indexes(library.settings, library.generations, timeout_s=0):
        """They were let go."""


def test_the_announcement_is_taken_back_whatever_happens(tmp_path: Path) -> None:
    announcement = tmp_path / "server.json"
    with suppress(RuntimeError), announce(tmp_path, "http://127.0.0.1:8000"):
        assert json.loads(announcement.read_text()) == {"url": "http://127.0.0.1:8000"}
        raise RuntimeError
    assert not announcement.exists()


def test_a_server_answers_over_http(server_url: str) -> None:
    with httpx.Client(base_url=server_url, trust_env=False, timeout=30) as client:
        assert client.get("/readyz").json()["status"] == "ready"
        answer = client.post("/ask", json={"question": "Who chaired the talks?"}).json()
    assert answer["answer"].startswith("Mark Rutte chaired the talks [1].")


def test_a_server_holds_the_indexes(beside: Library) -> None:
    with (
        pytest.raises(IndexBusy),
        hold_indexes(beside.settings, beside.generations, timeout_s=0),
    ):
        pass


def test_the_command_line_asks_the_server_that_holds_the_indexes(beside: Library) -> None:
    with open_service(beside, BotSettings()) as service:
        assert isinstance(service, RemoteService)
        answer = service.answer(build_question("Who chaired the talks?"))
    assert answer.text.startswith("Mark Rutte chaired the talks [1].")


def test_a_proxy_for_the_web_is_not_used_to_reach_the_own_server(
    beside: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with open_service(beside, BotSettings()) as service:
        assert service.answer(build_question("Who chaired the talks?")).answered


def test_an_article_that_another_process_archives_is_soon_answered_from(beside: Library) -> None:
    text = "The lighthouse of Zuhanroda was painted green by volunteers over the long weekend."
    put_article(beside.archive, make_article("Lighthouse", text, "https://example.org/light"))
    question = build_question(f"Which article says “{text}”?")
    deadline = time.monotonic() + 30
    with open_service(beside, BotSettings()) as service:
        while (answer := service.answer(question)).text != f"{text[:-1]} [1].":
            assert time.monotonic() < deadline, answer
            time.sleep(0.1)


def test_an_article_that_another_process_removes_is_no_longer_cited(beside: Library) -> None:
    text = "A walrus named Brunhilde slept on the slipway of Kvalsund for nine days in autumn."
    walrus = make_article("Walrus", text, "https://example.org/walrus")
    question = build_question("Where did a walrus named Brunhilde sleep on the slipway?")
    with open_service(beside, BotSettings()) as service:
        put_article(beside.archive, walrus)
        deadline = time.monotonic() + 30
        while "Kvalsund" not in service.answer(question).text:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        beside.archive.remove(walrus.article_id)
        assert "Kvalsund" not in service.answer(question).text


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_stopped_takes_back_its_announcement(
    tmp_path: Path, stop: signal.Signals
) -> None:
    home = tmp_path / "served"
    with run_server(home, REAL) as process:
        url = wait_for_server(home, process)
        process.send_signal(stop)
        printed, _ = process.communicate(timeout=20)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz", trust_env=False)
    assert f"Dateline is at {url}" in printed
    assert "Traceback" not in printed
    assert not (home / "server.json").exists()
    with (
        open_library(make_settings(home), KeywordEmbedder()) as library,
        hold_indexes(library.settings, library.generations, timeout_s=0),
    ):
        """They were let go."""


@pytest.mark.parametrize("error", [DatelineError("the disk is full"), RuntimeError("broken")])
def test_indexing_in_the_background_outlives_a_failure(
    settings: RetrievalSettings, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    class FailsOnce(KeywordEmbedder):
        failures = 1

        def embed_chunks(self, texts: Sequence[ChunkText]) -> Iterator[tuple[int, ChunkVectors]]:
            if self.failures:
                self.failures -= 1
                raise error
            return super().embed_chunks(texts)

    with (
        open_library(settings, FailsOnce()) as library,
        hold_indexes(library.settings, library.generations) as indexes,
    ):
        put_article(library.archive, make_article())
        indexer = Indexer(library)
        with follow_archive(indexer, indexes):
            deadline = time.monotonic() + 8
            while indexer.is_behind() and time.monotonic() < deadline:
                time.sleep(0.05)
        assert not indexer.is_behind()
    assert str(error) in caplog.text


def test_indexing_in_the_background_ends_with_the_server(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    with follow_archive(indexer, indexes):
        """Started and stopped."""
    put_article(library.archive, make_article())
    time.sleep(1.2)
    assert indexer.is_behind()
