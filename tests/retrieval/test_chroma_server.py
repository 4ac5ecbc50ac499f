"""Dense search on a real Chroma server, and what becomes of it when the server does not answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from pydantic import SecretStr

from retrieval import chroma_calls, chroma_client
from retrieval.errors import StorageError
from retrieval.settings import RetrievalSettings
from retrieval.vectors import ChromaIndex, ChromaStore
from tests.chroma_server import name_database, run_chroma
from tests.fault_proxy import FaultProxy, run_proxy
from tests.retrieval.test_vectors import make_refs, make_vectors, rank_by_hand


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with run_chroma(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture
def settings(server: str) -> RetrievalSettings:
    return RetrievalSettings(chroma_url=server, chroma_database=name_database())


@pytest.fixture
def store(settings: RetrievalSettings) -> Iterator[ChromaStore]:
    with closing(ChromaStore.open(settings)) as opened:
        yield opened


@pytest.fixture
def index(store: ChromaStore) -> ChromaIndex:
    return store.create(1)


@pytest.fixture
def proxy(server: str) -> Iterator[FaultProxy]:
    address = urlsplit(server)
    assert address.hostname
    assert address.port
    with run_proxy(address.hostname, address.port) as running:
        yield running


@pytest.fixture
def through_proxy(
    settings: RetrievalSettings,
    index: ChromaIndex,
    proxy: FaultProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ChromaIndex]:
    """The same index, by way of the proxy; it holds three chunks."""
    monkeypatch.setattr(chroma_client, "_TIMEOUT", httpx.Timeout(1.0))
    index.replace(["a"], make_refs("a", 3), make_vectors(3))
    proxied = settings.model_copy(update={"chroma_url": f"http://127.0.0.1:{proxy.port}"})
    with closing(ChromaStore.open(proxied)) as opened:
        yield opened.get(1)


def test_what_is_written_is_found_by_another_client(
    settings: RetrievalSettings, index: ChromaIndex
) -> None:
    refs, stored = make_refs("a", 30), make_vectors(30)
    index.replace(["a"], refs, stored)
    (query,) = make_vectors(1, seed=1)
    with closing(ChromaStore.open(settings)) as opened:
        other = opened.get(1)
        hits = other.search(query, 10)
        assert [hit.ref for hit in hits] == rank_by_hand(query, refs, stored)[:10]
        exact = other.score(query, refs[:5], 2)
        assert [hit.ref for hit in exact] == rank_by_hand(query, refs[:5], stored[:5])[:2]
        other.replace(["a"], refs[:4], stored[:4])
    assert index.count() == 4


def test_more_than_a_server_takes_at_once_is_cut_by_bytes(index: ChromaIndex) -> None:
    """A thousand records of so many numbers would be over the 40 MiB that Chroma takes."""
    wide = np.random.default_rng(0).normal(size=(1_000, 8_192)).astype(np.float32)
    index.replace(["a"], make_refs("a", len(wide)), list(wide))
    assert index.count() == len(wide)


def test_archives_have_databases_of_their_own(server: str, index: ChromaIndex) -> None:
    index.replace(["a"], make_refs("a", 3), make_vectors(3))
    other = RetrievalSettings(chroma_url=server, chroma_database=name_database())
    with closing(ChromaStore.open(other)) as opened:
        assert opened.create(1).count() == 0


def test_a_tenant_that_is_not_there_is_said(settings: RetrievalSettings) -> None:
    missing = settings.model_copy(update={"chroma_tenant": "nobody"})
    with pytest.raises(StorageError, match="nobody"):
        ChromaStore.open(missing)


def test_a_cut_connection_is_made_again(through_proxy: ChromaIndex, proxy: FaultProxy) -> None:
    assert through_proxy.count() == 3
    proxy.fault = "reset"
    healing = threading.Timer(0.3, lambda: setattr(proxy, "fault", "none"))
    healing.start()
    assert through_proxy.count() == 3
    healing.join()
    assert proxy.connections > 1


def test_writing_again_after_a_cut_changes_nothing(
    through_proxy: ChromaIndex, index: ChromaIndex, proxy: FaultProxy
) -> None:
    refs, stored = make_refs("a", 5, revision=2), make_vectors(5, seed=2)
    proxy.fault = "reset"
    healing = threading.Timer(0.3, lambda: setattr(proxy, "fault", "none"))
    healing.start()
    through_proxy.replace(["a"], refs, stored)
    healing.join()
    assert sorted(hit.ref.ordinal for hit in index.search(stored[0], 10)) == [0, 1, 2, 3, 4]


def test_a_server_that_says_nothing_is_given_up_in_time(
    through_proxy: ChromaIndex, proxy: FaultProxy
) -> None:
    proxy.fault = "silent"
    started = time.monotonic()
    with pytest.raises(StorageError, match="check the Chroma server"):
        through_proxy.search(make_vectors(1)[0], 3)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "ask",
    [
        lambda index: index.search(make_vectors(1)[0], 3),
        lambda index: index.score(make_vectors(1)[0], make_refs("a", 3), 3),
        lambda index: [None] * index.count(),
    ],
    ids=["search", "score", "count"],
)
def test_while_a_server_is_away_no_question_queues_up_for_it(
    ask: Callable[[ChromaIndex], Sequence[object]],
    through_proxy: ChromaIndex,
    proxy: FaultProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chroma_calls, "_ANSWER_S", 0.3)
    proxy.fault = "silent"
    for longest_s in (1.0, 0.1):
        started = time.monotonic()
        with pytest.raises(StorageError, match="check the Chroma server"):
            ask(through_proxy)
        assert time.monotonic() - started < longest_s
    proxy.fault = "none"
    time.sleep(1.1)
    assert len(ask(through_proxy)) == 3


def test_opening_does_not_wait_for_ever(
    settings: RetrievalSettings, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma_client, "_TIMEOUT", httpx.Timeout(0.3))
    proxy.fault = "silent"
    url = f"http://127.0.0.1:{proxy.port}"
    with pytest.raises(StorageError, match=f"Chroma at {url} cannot be opened"):
        ChromaStore.open(settings.model_copy(update={"chroma_url": url}))


def test_a_slow_server_is_waited_for(through_proxy: ChromaIndex, proxy: FaultProxy) -> None:
    proxy.fault = "slow"
    assert through_proxy.count() == 3


def test_the_token_goes_to_a_proxy_and_to_the_cloud(settings: RetrievalSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        secret = settings.model_copy(
            update={"chroma_url": url, "chroma_token": SecretStr("hunter2")}
        )
        with ThreadPoolExecutor(1) as clients:
            opening = clients.submit(ChromaStore.open, secret)
            connection, _ = listener.accept()
            sent = connection.recv(65_536).decode()
            connection.close()
            with pytest.raises(StorageError) as caught:
                opening.result()
    assert "X-Chroma-Token: hunter2\r\n" in sent
    assert "Authorization: Bearer hunter2\r\n" in sent
    assert "hunter2" not in f"{secret!r} {caught.value}"
