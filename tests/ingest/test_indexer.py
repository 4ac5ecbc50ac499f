"""The indexer on a real archive and real indexes, killed where it hurts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from ingest.indexer import Indexer, catch_up_or_wait, ignore_progress
from retrieval.embedder import ChunkText, ChunkVectors
from retrieval.errors import IndexBusy
from retrieval.indexes import Indexes, OpenGeneration, hold_indexes
from retrieval.opening import Library, build_retriever
from retrieval.schema import Article, ChunkRef, Filters
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder

LONG_TEXT = "\n\n".join(
    f"Paragraph {number} tells of the talks. " + "It goes on and on in many words. " * 8
    for number in range(12)
)


class PowerCut(Exception):
    pass


class FailingEmbedder(KeywordEmbedder):
    """Fails like a killed process after so many chunks; then works."""

    def __init__(self, chunks_before_failure: int) -> None:
        super().__init__()
        self._left: int | None = chunks_before_failure

    def embed_chunks(self, texts: Sequence[ChunkText]) -> Iterator[tuple[int, ChunkVectors]]:
        for embedded in super().embed_chunks(texts):
            if self._left == 0:
                self._left = None
                raise PowerCut
            if self._left is not None:
                self._left -= 1
            yield embedded


def make_numbered(number: int, text: str | None = None) -> Article:
    return make_article(
        title=f"Article {number}",
        text=text or f"Event number {number} took place in town {number} on a day of rain.",
        url=f"https://example.org/{number}",
    )


def put_numbered(library: Library, count: int) -> None:
    for number in range(count):
        put_article(library.archive, make_numbered(number))


def with_embedder(library: Library, embedder: KeywordEmbedder) -> Library:
    return replace(library, embedder=embedder)


def open_active(indexes: Indexes) -> OpenGeneration:
    opened = indexes.open_active()
    assert opened is not None
    return opened


def assert_indexes_agree(library: Library, index: OpenGeneration, word: str) -> set[ChunkRef]:
    """The database, Chroma and Tantivy hold the same chunks, which must all have the word."""
    listed = library.generations.list_chunks(index.generation, Filters())
    vector = library.embedder.embed_question(word)
    assert len(listed) == index.vectors.count() == index.lexical.count()
    assert {hit.ref for hit in index.vectors.score(vector, listed, 10_000)} == set(listed)
    assert {hit.ref for hit in index.lexical.search(word, 10_000)} == set(listed)
    return set(listed)


def test_an_empty_archive_needs_no_index(indexer: Indexer, indexes: Indexes) -> None:
    assert not indexer.is_behind()
    assert indexer.catch_up(indexes) == 0
    assert indexes.open_active() is None


def test_catching_up_puts_every_chunk_into_both_indexes(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_numbered(library, 3)
    assert indexer.is_behind()
    assert indexer.catch_up(indexes) == 3
    assert not indexer.is_behind()
    index = open_active(indexes)
    assert index.generation.checkpoint == 3
    assert len(assert_indexes_agree(library, index, "event")) == 3


def test_catching_up_again_embeds_nothing(
    library: Library, indexer: Indexer, indexes: Indexes, embedder: KeywordEmbedder
) -> None:
    put_numbered(library, 3)
    indexer.catch_up(indexes)
    embedder.embedded.clear()
    assert indexer.catch_up(indexes) == 0
    assert embedder.embedded == []


def test_only_what_changed_is_embedded(
    library: Library, indexer: Indexer, indexes: Indexes, embedder: KeywordEmbedder
) -> None:
    put_numbered(library, 3)
    indexer.catch_up(indexes)
    embedder.embedded.clear()
    put_article(library.archive, make_numbered(1, "Event number one was put off to the autumn."))
    put_numbered(library, 1)
    assert indexer.catch_up(indexes) == 1
    assert embedder.embedded == ["Article 1\nEvent number one was put off to the autumn."]


def test_the_model_reads_the_headline_and_sentences_keep_their_place(
    library: Library, indexer: Indexer, indexes: Indexes, embedder: KeywordEmbedder
) -> None:
    article = make_article()
    put_article(library.archive, article)
    indexer.catch_up(indexes)
    assert embedder.embedded == [f"{article.title}\n{article.text}"]
    index = open_active(indexes)
    (ref,) = library.generations.list_chunks(index.generation, Filters())
    ((chunk, vectors),) = library.generations.read_chunks(index.generation, [ref]).values()
    assert len(vectors) == len(chunk.sentences) == 4
    for (start, end), vector in zip(chunk.sentences, vectors, strict=True):
        sentence = article.text[start:end]
        assert float(vector @ embedder.embed_question(sentence)) == pytest.approx(1, abs=1e-3)


def test_an_update_replaces_the_chunks_in_both_indexes(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_article(library.archive, make_article(text=LONG_TEXT))
    put_article(library.archive, make_numbered(1, "A talk elsewhere that the update leaves alone."))
    assert indexer.catch_up(indexes) > 3
    put_article(library.archive, make_article(text="The talks were put off to the autumn."))
    assert indexer.catch_up(indexes) == 1
    assert assert_indexes_agree(library, open_active(indexes), "talk talks") == {
        ChunkRef(make_article().article_id, 0, 3),
        ChunkRef(make_numbered(1).article_id, 0, 2),
    }


def test_a_removal_empties_both_indexes(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_article(library.archive, make_article(text=LONG_TEXT))
    indexer.catch_up(indexes)
    library.archive.remove(make_article().article_id)
    assert indexer.catch_up(indexes) == 0
    index = open_active(indexes)
    assert index.generation.checkpoint == 2
    assert assert_indexes_agree(library, index, "talks") == set()


def test_an_article_that_comes_and_goes_before_indexing_leaves_nothing(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_numbered(library, 2)
    library.archive.remove(make_numbered(0).article_id)
    assert indexer.catch_up(indexes) == 1
    assert not indexer.is_behind()
    assert len(assert_indexes_agree(library, open_active(indexes), "event")) == 1


def test_more_articles_than_a_batch_are_all_indexed_and_progress_is_told(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_numbered(library, 150)
    told: list[tuple[int, int]] = []
    assert indexer.catch_up(indexes, lambda done, total: told.append((done, total))) == 150
    assert told == [(32, 150), (64, 150), (96, 150), (128, 150), (150, 150)]
    assert len(assert_indexes_agree(library, open_active(indexes), "event")) == 150


@pytest.mark.parametrize("chunks_before_failure", [0, 1, 30, 32, 33, 99])
def test_a_run_cut_short_is_completed_by_the_next(
    library: Library, indexes: Indexes, chunks_before_failure: int
) -> None:
    put_numbered(library, 100)
    indexer = Indexer(with_embedder(library, FailingEmbedder(chunks_before_failure)))
    with pytest.raises(PowerCut):
        indexer.catch_up(indexes)
    index = open_active(indexes)
    assert index.generation.checkpoint == chunks_before_failure // 32 * 32
    assert indexer.is_behind()
    indexer.catch_up(indexes)
    assert not indexer.is_behind()
    refs = assert_indexes_agree(library, open_active(indexes), "event")
    assert {ref.article_id for ref in refs} == {article.article_id for article in library.archive}


def test_a_cut_before_the_checkpoint_moved_is_mended_by_the_next_run(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_article(library.archive, make_article(text=LONG_TEXT))
    indexer.catch_up(indexes)
    index = open_active(indexes)
    before = assert_indexes_agree(library, index, "talks")
    library.generations.move_checkpoint(index.generation, 0)
    indexer.catch_up(indexes)
    assert assert_indexes_agree(library, open_active(indexes), "talks") == before


def test_a_rebuild_takes_over_and_drops_the_old_generation(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_numbered(library, 3)
    indexer.catch_up(indexes)
    old = open_active(indexes).generation
    assert indexer.rebuild(indexes) == 3
    index = open_active(indexes)
    assert index.generation.generation_id != old.generation_id
    assert index.generation.checkpoint == 3
    assert len(assert_indexes_agree(library, index, "event")) == 3
    assert library.generations.inactive() == ()
    assert library.generations.count_chunks(old) == 0
    folders = [path.name for path in (library.settings.home / "lexical").iterdir()]
    assert folders == [str(index.generation.generation_id)]


def test_a_rebuild_makes_the_indexes_with_the_settings_of_now(
    library: Library, indexer: Indexer
) -> None:
    put_article(library.archive, make_article(text=LONG_TEXT))
    with hold_indexes(library.settings, library.generations) as indexes:
        many = indexer.catch_up(indexes)
    settings = library.settings.model_copy(update={"chunk_size_tokens": 2_000})
    with hold_indexes(settings, library.generations) as indexes:
        assert indexer.rebuild(indexes) == 1 < many
        assert open_active(indexes).generation.chunk_size_tokens == 2_000


def test_a_rebuild_cut_short_leaves_the_old_generation_answering(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_numbered(library, 3)
    indexer.catch_up(indexes)
    old = open_active(indexes).generation
    with pytest.raises(PowerCut):
        Indexer(with_embedder(library, FailingEmbedder(1))).rebuild(indexes)
    assert open_active(indexes).generation == old
    passages = build_retriever(library, indexes).retrieve("What took place in town 1?")
    assert len(passages) == 3
    indexer.rebuild(indexes)
    assert library.generations.inactive() == ()
    assert len(assert_indexes_agree(library, open_active(indexes), "event")) == 3


def test_a_rebuild_of_an_empty_archive_does_no_harm(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    assert indexer.rebuild(indexes) == 0
    assert build_retriever(library, indexes).retrieve("Who?") == ()
    put_numbered(library, 1)
    assert indexer.catch_up(indexes) == 1


@pytest.mark.embedded  # beside a server no home is held: see test_replicas
def test_catching_up_waits_for_the_process_that_indexes(library: Library, indexer: Indexer) -> None:
    put_numbered(library, 1)
    held, release = threading.Event(), threading.Event()

    def serve() -> None:
        with hold_indexes(library.settings, library.generations) as indexes:
            held.set()
            release.wait(timeout=30)
            indexer.catch_up(indexes)

    server = threading.Thread(target=serve)
    server.start()
    assert held.wait(timeout=30)
    threading.Timer(0.3, release.set).start()
    assert catch_up_or_wait(library, indexer, ignore_progress) == 0
    assert not indexer.is_behind()
    server.join(timeout=30)


@pytest.mark.embedded  # beside a server no home is held: see test_replicas
def test_catching_up_gives_up_on_a_process_that_does_not_index(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    del indexes
    put_numbered(library, 1)
    impatient = replace(
        library, settings=library.settings.model_copy(update={"lock_timeout_s": 0.1})
    )
    with pytest.raises(IndexBusy, match="the articles are in the archive"):
        catch_up_or_wait(impatient, indexer, ignore_progress)
    assert library.archive.count() == 1


def test_catching_up_needs_no_lock_when_there_is_nothing_to_do(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_numbered(library, 1)
    indexer.catch_up(indexes)
    assert catch_up_or_wait(library, indexer, ignore_progress) == 0
