"""Generations and their chunks in the archive's database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from retrieval.errors import Superseded
from retrieval.generations import EmbeddedChunk, Generation, Generations
from retrieval.opening import Library
from retrieval.schema import Chunk, ChunkRef, Filters, Window
from tests.factories import make_article, put_article


@pytest.fixture
def generations(library: Library) -> Generations:
    return library.generations


@pytest.fixture
def generation(generations: Generations) -> Generation:
    return generations.create("a-model", 200, active=True)


def make_chunk(ordinal: int = 0, sentences: int = 2) -> EmbeddedChunk:
    spans = tuple((10 * i, 10 * i + 9) for i in range(sentences))
    rng = np.random.default_rng(ordinal)
    vectors = rng.normal(size=(sentences, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return EmbeddedChunk(
        Chunk(ordinal, spans[0][0], spans[-1][1], spans), vectors.mean(axis=0), vectors
    )


def archive_article(library: Library, url: str = "https://example.org/a") -> str:
    article = make_article(url=url)
    put_article(library.archive, article)
    return article.article_id


def test_chunks_come_back_whole_and_their_vectors_to_sixteen_bits(
    library: Library, generations: Generations, generation: Generation
) -> None:
    article_id = archive_article(library)
    embedded = [make_chunk(0, sentences=3), make_chunk(1, sentences=1)]
    generations.replace_chunks(generation, {(article_id, 1): embedded}, ())
    refs = [ChunkRef(article_id, 1, 1), ChunkRef(article_id, 0, 1)]
    stored = generations.read_chunks(generation, refs)
    assert list(stored) == refs
    for ref in refs:
        chunk, vectors = stored[ref]
        assert chunk == embedded[ref.ordinal].chunk
        assert vectors.dtype == np.float32
        # Half precision has 11 significant bits: values up to 1 are off by at most 2^-11.
        expected = embedded[ref.ordinal].sentence_vectors
        np.testing.assert_allclose(vectors, expected, rtol=0, atol=2**-11)


def test_chunks_of_an_older_revision_are_not_read(
    library: Library, generations: Generations, generation: Generation
) -> None:
    article_id = archive_article(library)
    generations.replace_chunks(generation, {(article_id, 1): [make_chunk()]}, ())
    put_article(library.archive, make_article(url="https://example.org/a", title="New title"))
    for revision in (1, 2):
        assert generations.read_chunks(generation, [ChunkRef(article_id, 0, revision)]) == {}


def test_a_ref_of_another_revision_does_not_get_the_current_chunk(
    library: Library, generations: Generations, generation: Generation
) -> None:
    article_id = archive_article(library)
    generations.replace_chunks(generation, {(article_id, 1): [make_chunk()]}, ())
    assert generations.read_chunks(generation, [ChunkRef(article_id, 0, 9)]) == {}


def test_replacing_chunks_leaves_no_stale_tail(
    library: Library, generations: Generations, generation: Generation
) -> None:
    article_id = archive_article(library)
    three = [make_chunk(0), make_chunk(1), make_chunk(2)]
    generations.replace_chunks(generation, {(article_id, 1): three}, ())
    assert generations.count_chunks(generation) == 3
    generations.replace_chunks(generation, {(article_id, 1): [make_chunk(0)]}, ())
    assert generations.list_chunks(generation, Filters()) == (ChunkRef(article_id, 0, 1),)


def test_chunks_of_removed_articles_are_deleted_and_others_kept(
    library: Library, generations: Generations, generation: Generation
) -> None:
    gone = archive_article(library)
    kept = archive_article(library, "https://example.org/b")
    written = {(gone, 1): [make_chunk()], (kept, 2): [make_chunk()]}
    generations.replace_chunks(generation, written, ())
    generations.replace_chunks(generation, {}, [gone])
    assert generations.list_chunks(generation, Filters()) == (ChunkRef(kept, 0, 2),)


def test_chunks_are_counted_and_listed_as_the_filters_allow(
    library: Library, generations: Generations, generation: Generation
) -> None:
    old = make_article(url="https://example.org/a", published_at=datetime(2024, 1, 1, tzinfo=UTC))
    new = make_article(url="https://example.org/b", source="Łódź Herald", text="Other words here.")
    for revision, article in enumerate((old, new), 1):
        put_article(library.archive, article)
        chunks = {(article.article_id, revision): [make_chunk()]}
        generations.replace_chunks(generation, chunks, ())
    since = Filters(Window(since=datetime(2025, 1, 1, tzinfo=UTC)))
    assert generations.list_chunks(generation, since) == (ChunkRef(new.article_id, 0, 2),)
    by_source = Filters(sources=("ŁÓDŹ HERALD",))
    assert generations.list_chunks(generation, by_source) == (ChunkRef(new.article_id, 0, 2),)
    assert generations.count_chunks(generation) == 2


def test_generations_do_not_see_each_other_s_chunks(
    library: Library, generations: Generations, generation: Generation
) -> None:
    other = generations.create("another-model", 100, active=False)
    article_id = archive_article(library)
    generations.replace_chunks(generation, {(article_id, 1): [make_chunk()]}, ())
    assert generations.count_chunks(other) == 0
    assert generations.read_chunks(other, [ChunkRef(article_id, 0, 1)]) == {}


def test_a_dropped_generation_is_gone_with_its_chunks(
    library: Library, generations: Generations, generation: Generation
) -> None:
    other = generations.create("another-model", 100, active=False)
    article_id = archive_article(library)
    for each in (generation, other):
        generations.replace_chunks(each, {(article_id, 1): [make_chunk()]}, ())
    generations.drop(other)
    assert generations.inactive() == ()
    assert generations.count_chunks(other) == 0
    assert generations.count_chunks(generation) == 1


def test_the_id_of_a_dropped_generation_is_not_used_again(generations: Generations) -> None:
    dropped = generations.create("a-model", 200, active=False)
    generations.drop(dropped)
    created = generations.create("a-model", 200, active=False)
    assert created.generation_id > dropped.generation_id


def test_activating_a_generation_retires_the_other(
    generations: Generations, generation: Generation
) -> None:
    other = generations.create("another-model", 100, active=False)
    assert generations.active() == generation
    generations.activate(other)
    assert generations.active() == replace(other, active=True)
    assert generations.inactive() == (replace(generation, active=False),)


def test_there_is_no_active_generation_at_first(generations: Generations) -> None:
    assert generations.active() is None
    assert generations.inactive() == ()


def test_a_moved_checkpoint_is_read_back(generations: Generations, generation: Generation) -> None:
    generations.move_checkpoint(generation, 42)
    assert generations.get(generation.generation_id) == replace(generation, checkpoint=42)


def test_a_checkpoint_that_another_process_moved_is_not_moved_back(
    library: Library, generations: Generations, generation: Generation
) -> None:
    article_id = archive_article(library)
    generations.move_checkpoint(generation, 42)
    with pytest.raises(Superseded):
        generations.move_checkpoint(generation, 7)
    with pytest.raises(Superseded):
        generations.replace_chunks(generation, {(article_id, 1): [make_chunk()]}, ())
    assert generations.get(generation.generation_id).checkpoint == 42
    assert generations.count_chunks(generation) == 0


def test_chunks_newer_than_what_is_known_are_neither_replaced_nor_deleted(
    library: Library, generations: Generations, generation: Generation
) -> None:
    """Another process has written them, and not moved the checkpoint yet."""
    written, removed = archive_article(library), archive_article(library, "https://example.org/b")
    newer = {(article_id, 9): [make_chunk()] for article_id in (written, removed)}
    generations.replace_chunks(generation, newer, (), revision=9)
    late = {(written, 1): [make_chunk(), make_chunk(1)]}
    generations.replace_chunks(generation, late, [removed], revision=8)
    spans = generations.read_spans(generation, [written, removed])
    assert {ref for ref, _ in spans} == {ChunkRef(written, 0, 9), ChunkRef(removed, 0, 9)}
