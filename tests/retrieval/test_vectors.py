"""Dense search in a real embedded Chroma."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.embedder import Vector
from retrieval.errors import IndexMissing, SettingsError, StorageError
from retrieval.schema import ChunkRef
from retrieval.settings import RetrievalSettings
from retrieval.vectors import ChromaIndex, ChromaStore


@pytest.fixture
def store(tmp_path: Path) -> ChromaStore:
    return ChromaStore.open(RetrievalSettings(home=tmp_path))


@pytest.fixture
def index(store: ChromaStore) -> ChromaIndex:
    return store.create(1)


def make_vectors(count: int, seed: int = 0) -> list[Vector]:
    vectors = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    return list(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def make_refs(article_id: str, count: int, revision: int = 1) -> list[ChunkRef]:
    return [ChunkRef(article_id, ordinal, revision) for ordinal in range(count)]


def rank_by_hand(vector: Vector, refs: list[ChunkRef], vectors: list[Vector]) -> list[ChunkRef]:
    scores = np.array(vectors) @ vector
    return [refs[i] for i in np.argsort(-scores)]


def test_search_gives_the_nearest_first_with_their_cosines(index: ChromaIndex) -> None:
    refs, vectors = make_refs("a", 30), make_vectors(30)
    index.replace(["a"], refs, vectors)
    (query,) = make_vectors(1, seed=1)
    hits = index.search(query, 10)
    assert [hit.ref for hit in hits] == rank_by_hand(query, refs, vectors)[:10]
    for hit in hits:
        cosine = float(vectors[hit.ref.ordinal] @ query)
        assert hit.score == pytest.approx(cosine, abs=1e-4)


def test_search_for_more_than_there_is_gives_all(index: ChromaIndex) -> None:
    (query,) = make_vectors(1)
    assert index.search(query, 10) == ()
    index.replace(["a"], make_refs("a", 3), make_vectors(3))
    assert len(index.search(query, 10)) == 3


def test_a_search_among_some_gives_the_nearest_of_them(index: ChromaIndex) -> None:
    refs, vectors = make_refs("a", 400), make_vectors(400)
    index.replace(["a"], refs, vectors)
    (query,) = make_vectors(1, seed=1)
    by_hand = rank_by_hand(query, refs, vectors)
    among = by_hand[100:]
    assert [hit.ref for hit in index.search(query, 10, among)] == among[:10]


def test_a_search_among_some_leaves_out_those_that_are_not_indexed(index: ChromaIndex) -> None:
    refs, vectors = make_refs("a", 3), make_vectors(3)
    index.replace(["a"], refs, vectors)
    among = [ChunkRef("b", 0, 1), refs[1]]
    assert [hit.ref for hit in index.search(vectors[0], 10, among)] == [refs[1]]
    assert index.search(vectors[0], 10, among[:1]) == ()
    assert index.search(vectors[0], 10, ()) == ()


def test_exact_scores_are_those_of_brute_force(index: ChromaIndex) -> None:
    refs, vectors = make_refs("a", 40), make_vectors(40)
    index.replace(["a"], refs, vectors)
    (query,) = make_vectors(1, seed=1)
    named = refs[::2]
    hits = index.score(query, named, 7)
    by_hand = rank_by_hand(query, named, vectors[::2])[:7]
    assert [hit.ref for hit in hits] == by_hand
    expected = [float(vectors[ref.ordinal] @ query) for ref in by_hand]
    assert [hit.score for hit in hits] == pytest.approx(expected, abs=1e-6)


def test_exact_scores_leave_out_chunks_that_are_not_indexed(index: ChromaIndex) -> None:
    index.replace(["a"], make_refs("a", 1), make_vectors(1))
    (query,) = make_vectors(1)
    hits = index.score(query, [ChunkRef("b", 0, 1), ChunkRef("a", 0, 1)], 5)
    assert [hit.ref for hit in hits] == [ChunkRef("a", 0, 1)]
    assert index.score(query, [], 5) == ()


def test_replacing_an_article_deletes_its_stale_tail(index: ChromaIndex) -> None:
    index.replace(["a", "b"], [*make_refs("a", 3), *make_refs("b", 2)], make_vectors(5))
    index.replace(["a"], make_refs("a", 1, revision=2), make_vectors(1, seed=1))
    (query,) = make_vectors(1)
    found = {hit.ref for hit in index.search(query, 10)}
    assert found == {ChunkRef("a", 0, 2), ChunkRef("b", 0, 1), ChunkRef("b", 1, 1)}


def test_replacing_an_article_replaces_its_vectors(index: ChromaIndex) -> None:
    old, new = make_vectors(2)
    index.replace(["a"], make_refs("a", 1), [old])
    index.replace(["a"], make_refs("a", 1, revision=2), [new])
    (hit,) = index.search(new, 5)
    assert hit.score == pytest.approx(1.0, abs=1e-5)


def test_replacing_an_article_by_nothing_removes_it(index: ChromaIndex) -> None:
    index.replace(["a", "b"], [*make_refs("a", 2), *make_refs("b", 1)], make_vectors(3))
    index.replace(["a"], [], [])
    assert index.count() == 1


def test_replacing_twice_changes_nothing(index: ChromaIndex) -> None:
    for _ in range(2):
        index.replace(["a"], make_refs("a", 3), make_vectors(3))
    assert index.count() == 3


def test_what_an_interrupted_run_wrote_is_not_written_again(index: ChromaIndex) -> None:
    """Of 2,250 vectors of which 384 were written twice, Chroma's graph led to one no more."""
    refs, (first, other) = make_refs("a", 1), make_vectors(2)
    index.replace(["a"], refs, [first])
    index.replace(["a"], refs, [other])
    (hit,) = index.search(first, 1)
    assert hit.score == pytest.approx(1.0, abs=1e-5)


def test_a_new_collection_is_empty_whatever_was_left_under_its_name(store: ChromaStore) -> None:
    store.create(1).replace(["a"], make_refs("a", 1), make_vectors(1))
    assert store.create(1).count() == 0


def test_more_chunks_than_one_call_takes_are_all_written(index: ChromaIndex) -> None:
    count = 2_300
    refs, vectors = make_refs("a", count), make_vectors(count)
    index.replace(["a"], refs, vectors)
    assert index.count() == count
    assert len(index.score(vectors[0], refs, count)) == count
    index.replace(["a"], refs[:1], vectors[:1])
    assert index.count() == 1


def test_what_was_written_is_there_when_the_store_is_opened_again(tmp_path: Path) -> None:
    settings = RetrievalSettings(home=tmp_path)
    ChromaStore.open(settings).create(1).replace(["a"], make_refs("a", 2), make_vectors(2))
    assert ChromaStore.open(settings).get(1).count() == 2


def test_generations_have_collections_of_their_own(store: ChromaStore) -> None:
    store.create(1).replace(["a"], make_refs("a", 2), make_vectors(2))
    assert store.create(2).count() == 0
    assert store.get(1).count() == 2


def test_a_missing_collection_is_a_missing_index(store: ChromaStore) -> None:
    with pytest.raises(IndexMissing, match="the vector index is missing: run `dateline reindex`"):
        store.get(1)


def test_a_dropped_collection_is_missing_and_dropping_it_again_is_harmless(
    store: ChromaStore,
) -> None:
    store.create(1)
    store.drop(1)
    store.drop(1)
    with pytest.raises(IndexMissing):
        store.get(1)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://127.0.0.1", "http://", "127.0.0.1"])
def test_a_malformed_server_address_is_a_settings_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"retrieval\.chroma_url"):
        ChromaStore.open(RetrievalSettings(home=tmp_path, chroma_url=url))


def test_a_server_that_does_not_answer_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"Chroma at http://127\.0\.0\.1:1 cannot be opened"):
        ChromaStore.open(RetrievalSettings(home=tmp_path, chroma_url="http://127.0.0.1:1"))


def test_vectors_newer_than_what_is_known_are_not_deleted(index: ChromaIndex) -> None:
    index.replace(["a"], make_refs("a", 2, revision=9), make_vectors(2), revision=9)
    index.replace(["a"], [], [], revision=8)
    assert index.count() == 2
    index.replace(["a"], [], [], revision=9)
    assert index.count() == 0
