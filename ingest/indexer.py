"""Bring the indexes up to the archive: embed what changed, replace it, move the checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ingest.chunking import chunk_article
from retrieval.embedder import ChunkText
from retrieval.errors import IndexBusy
from retrieval.generations import EmbeddedChunk, Generation
from retrieval.indexes import Indexes, OpenGeneration, hold_indexes
from retrieval.lexical import LexicalChunk
from retrieval.opening import Library
from retrieval.schema import Article, Chunk, ChunkRef

Progress = Callable[[int, int], None]

_ARTICLES_A_BATCH = 32
_POLL_S = 0.2


def ignore_progress(_done: int, _total: int) -> None:
    """For callers that show none."""


class Indexer:
    """Reads the archive's revisions past the checkpoint; may be killed anywhere and run again."""

    def __init__(self, library: Library) -> None:
        self._archive = library.archive
        self._generations = library.generations
        self._embedder = library.embedder

    def is_behind(self) -> bool:
        active = self._generations.active()
        return self._archive.latest_revision() > (active.checkpoint if active else 0)

    def catch_up(self, indexes: Indexes, progress: Progress = ignore_progress) -> int:
        """Index every change; returns the number of chunks embedded."""
        if not self.is_behind():
            return 0
        indexes.drop_inactive()
        index = indexes.open_active() or indexes.create(active=True)
        return self._follow(index, progress)

    def rebuild(self, indexes: Indexes, progress: Progress = ignore_progress) -> int:
        """Fill a new generation with the current settings, then let it take over."""
        indexes.drop_inactive()
        index = indexes.create(active=False)
        embedded = self._follow(index, progress)
        self._generations.activate(index.generation)
        indexes.drop_inactive()
        return embedded

    def _follow(self, index: OpenGeneration, progress: Progress) -> int:
        checkpoint = index.generation.checkpoint
        total = self._archive.latest_revision() - checkpoint
        embedded = 0
        for batch in _run_ahead(self._read_batches(index.generation)):
            self._write(index, batch)
            embedded += len(batch.chunks)
            self._generations.move_checkpoint(index.generation, batch.revision)
            behind = self._archive.latest_revision() - batch.revision
            progress(total - max(behind, 0), total)
        return embedded

    def _read_batches(self, generation: Generation) -> Iterator[_Batch]:
        """What changed since the generation's checkpoint, embedded."""
        checkpoint = generation.checkpoint
        while changes := self._archive.changes_since(checkpoint, _ARTICLES_A_BATCH):
            checkpoint = changes[-1].revision
            articles = self._archive.get_many(change.article_id for change in changes)
            yield _Batch(
                revision=checkpoint,
                changed=tuple(change.article_id for change in changes),
                articles=articles,
                chunks=self._embed(tuple(articles.values()), generation.chunk_size_tokens),
            )

    def _write(self, index: OpenGeneration, batch: _Batch) -> None:
        """The order is what makes a kill harmless: chunks, vectors, words, then the checkpoint."""
        written: dict[tuple[str, int], list[EmbeddedChunk]] = {}
        for article, chunk in batch.chunks:
            written.setdefault((article.article_id, article.revision), []).append(chunk)
        removed = set(batch.changed) - set(batch.articles)
        self._generations.replace_chunks(index.generation, written, removed)
        refs = [_ref(article, each.chunk) for article, each in batch.chunks]
        index.vectors.replace(batch.changed, refs, [each.vector for _, each in batch.chunks])
        words = [LexicalChunk.of(article, each.chunk) for article, each in batch.chunks]
        index.lexical.replace(batch.changed, words)

    def _embed(
        self, articles: Sequence[Article], chunk_size_tokens: int
    ) -> list[tuple[Article, EmbeddedChunk]]:
        chunked = [
            (article, chunk)
            for article in articles
            for chunk in chunk_article(article.text, chunk_size_tokens, self._embedder.count_tokens)
        ]
        texts = [_chunk_text(article, chunk) for article, chunk in chunked]
        vectors = dict(self._embedder.embed_chunks(texts))
        return [
            (article, EmbeddedChunk(chunk, vectors[i].vector, vectors[i].sentence_vectors))
            for i, (article, chunk) in enumerate(chunked)
        ]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes up to a revision; a changed article that is not in `articles` was removed."""

    revision: int
    changed: tuple[str, ...]
    articles: Mapping[str, Article]
    chunks: Sequence[tuple[Article, EmbeddedChunk]]


def _run_ahead(batches: Iterator[_Batch]) -> Iterator[_Batch]:
    """The same batches, each made while the one before is being written."""
    with ThreadPoolExecutor(1, "embed") as ahead:
        coming = ahead.submit(next, batches, None)
        while batch := coming.result():
            coming = ahead.submit(next, batches, None)
            yield batch


def catch_up_or_wait(library: Library, indexer: Indexer, progress: Progress) -> int:
    """Index the changes, or wait for the process that holds the indexes to do it.

    Returns the number of chunks embedded here. Raises IndexBusy when the other process does
    not get there; the articles are in the archive all the same.
    """
    patience_s = library.settings.lock_timeout_s
    target = library.archive.latest_revision()
    deadline = time.monotonic() + patience_s
    reached = -1
    while indexer.is_behind():
        try:
            with hold_indexes(library.settings, library.generations, timeout_s=0) as indexes:
                return indexer.catch_up(indexes, progress)
        except IndexBusy:
            active = library.generations.active()
            checkpoint = active.checkpoint if active else 0
            if checkpoint >= target:
                break
            if checkpoint > reached:
                reached, deadline = checkpoint, time.monotonic() + patience_s
            if time.monotonic() > deadline:
                raise IndexBusy(
                    "the articles are in the archive, but another process holds the indexes and "
                    "does not index them: stop it and run `dateline ingest` again"
                ) from None
            time.sleep(_POLL_S)
    return 0


def _chunk_text(article: Article, chunk: Chunk) -> ChunkText:
    """What the embedding model reads: the chunk's own words, the headline in front."""
    lead = f"{article.title}\n"
    shift = len(lead) - chunk.start
    sentences = tuple((start + shift, end + shift) for start, end in chunk.sentences)
    return ChunkText(lead + article.text[chunk.start : chunk.end], sentences)


def _ref(article: Article, chunk: Chunk) -> ChunkRef:
    return ChunkRef(article.article_id, chunk.ordinal, article.revision)
