"""Bring the indexes up to the archive: embed what changed, replace it, move the checkpoint.

Chunks and vectors, which processes may share, are written by one at a time; its own words follow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from ingest.chunking import chunk_article
from retrieval.embedder import ChunkText
from retrieval.errors import IndexBusy
from retrieval.generations import EmbeddedChunk, Generation
from retrieval.indexes import Indexes, hold_vectors
from retrieval.leadership import Leadership
from retrieval.opening import Library
from retrieval.schema import Article, Chunk, ChunkRef
from retrieval.vectors import ChromaIndex

Progress = Callable[[int, int], None]
_Item = TypeVar("_Item")

ARTICLES_A_BATCH = 32
_POLL_S = 0.2


def ignore_progress(_done: int, _total: int) -> None:
    """For callers that show none."""


class Indexer:
    """Reads the archive's revisions past the checkpoint; may be killed anywhere and run again.

    `leadership` is the right to index, taken for as long as a run lasts, or kept by who follows.
    """

    def __init__(self, library: Library) -> None:
        self.archive = library.archive
        self._generations = library.generations
        self._embedder = library.embedder
        self._rebuilding = Leadership.of("rebuild", library.settings, library.database)
        self.leadership = Leadership.of("index", library.settings, library.database)

    def is_behind(self) -> bool:
        active = self._generations.active()
        return self.archive.latest_revision() > (active.checkpoint if active else 0)

    def catch_up(self, indexes: Indexes, progress: Progress = ignore_progress) -> int:
        """Index every change; returns the number of chunks embedded. Raises IndexBusy."""
        indexes.follow_words(self.archive)
        if not self.is_behind():
            return 0
        with self.leadership.held():
            return self._fill(indexes, self.open_generation(indexes), self.leadership, progress)

    def rebuild(self, indexes: Indexes, progress: Progress = ignore_progress) -> int:
        """Fill a new generation with the current settings, then let it take over.

        Another process may go on filling the active one. Raises IndexBusy where one rebuilds.
        """
        with self._rebuilding.held():
            indexes.drop_inactive()
            generation = indexes.create(active=False)
            embedded = self._fill(indexes, generation, self._rebuilding, progress)
            self._generations.activate(generation)
            indexes.drop_inactive()
        indexes.follow_words(self.archive)
        return embedded

    def open_generation(self, indexes: Indexes) -> Generation:
        """The active one, made where there is none. What an interrupted rebuild left is dropped,
        unless one is under way. Raises IndexBusy."""
        generations = self._generations.list_all()
        if len(generations) == 1 and generations[0].active:
            return generations[0]
        if self._rebuilding.take():
            try:
                indexes.drop_inactive()
                return self._generations.active() or indexes.create(active=True)
            finally:
                self._rebuilding.release()
        if active := self._generations.active():
            return active
        raise IndexBusy("another process is building the first index: wait for it to finish")

    def _fill(
        self,
        indexes: Indexes,
        generation: Generation,
        leadership: Leadership,
        progress: Progress,
    ) -> int:
        vectors = indexes.open_vectors(generation)
        total = self.archive.latest_revision() - generation.checkpoint
        embedded = 0
        # Closed, the last first: whatever happens, nothing runs on when this returns.
        with (
            closing(_run_ahead(self._read_batches(generation))) as chunked,
            closing(_run_ahead(map(self._embed, chunked))) as batches,
        ):
            for batch in batches:
                leadership.check()
                self._write(generation, vectors, batch)
                embedded += len(batch.chunks)
                reached = batch.changes.revision
                generation = self._generations.move_checkpoint(generation, reached)
                indexes.follow_words(self.archive)
                behind = self.archive.latest_revision() - reached
                progress(total - max(behind, 0), total)
        return embedded

    def _read_batches(self, generation: Generation) -> Iterator[_Changes]:
        """What changed since the generation's checkpoint, cut into chunks. What was written again
        meanwhile waits for its own turn: a batch holds nothing newer than its revision."""
        for changes in self.archive.batches_since(generation.checkpoint, ARTICLES_A_BATCH):
            checkpoint = changes[-1].revision
            found = self.archive.get_many(change.article_id for change in changes)
            articles = {key: of for key, of in found.items() if of.revision <= checkpoint}
            yield _Changes(
                revision=checkpoint,
                changed=tuple(change.article_id for change in changes),
                articles=articles,
                chunks=tuple(
                    (article, chunk)
                    for article in articles.values()
                    for chunk in chunk_article(
                        article.text, generation.chunk_size_tokens, self._embedder.count_tokens
                    )
                ),
            )

    def _embed(self, changes: _Changes) -> _Batch:
        texts = [build_chunk_text(article, chunk) for article, chunk in changes.chunks]
        vectors = dict(self._embedder.embed_chunks(texts))
        embedded = tuple(
            (article, EmbeddedChunk(chunk, vectors[i].vector, vectors[i].sentence_vectors))
            for i, (article, chunk) in enumerate(changes.chunks)
        )
        return _Batch(changes, embedded)

    def _write(self, generation: Generation, vectors: ChromaIndex, batch: _Batch) -> None:
        """The order is what makes a kill harmless: chunks, vectors, the checkpoint, then words."""
        changes, chunks = batch.changes, batch.chunks
        written: dict[tuple[str, int], list[EmbeddedChunk]] = {}
        for article, chunk in chunks:
            written.setdefault((article.article_id, article.revision), []).append(chunk)
        removed = set(changes.changed) - set(changes.articles)
        self._generations.replace_chunks(generation, written, removed, changes.revision)
        refs = [_ref(article, each.chunk) for article, each in chunks]
        embedded = [each.vector for _, each in chunks]
        vectors.replace(changes.changed, refs, embedded, changes.revision)


@dataclass(frozen=True, slots=True)
class _Changes:
    """Changes up to a revision; a changed article that is not in `articles` was removed, or
    written again since."""

    revision: int
    changed: tuple[str, ...]
    articles: Mapping[str, Article]
    chunks: tuple[tuple[Article, Chunk], ...]


@dataclass(frozen=True, slots=True)
class _Batch:
    changes: _Changes
    chunks: tuple[tuple[Article, EmbeddedChunk], ...]


def _run_ahead(items: Iterator[_Item]) -> Generator[_Item]:
    """The same, each made while the one before is being used."""
    with ThreadPoolExecutor(1, "ahead") as ahead:
        coming = ahead.submit(next, items, None)
        while item := coming.result():
            coming = ahead.submit(next, items, None)
            yield item


def catch_up_or_wait(library: Library, indexer: Indexer, progress: Progress) -> int:
    """Index the changes, or wait for the process that does it.

    Returns the number of chunks embedded here. Raises IndexBusy when the other process does
    not get there; the articles are in the archive all the same.
    """
    patience_s = library.settings.lock_timeout_s
    target = library.archive.latest_revision()
    deadline = time.monotonic() + patience_s
    reached = -1
    while indexer.is_behind():
        try:
            with hold_vectors(library.settings, library.generations, timeout_s=0) as indexes:
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
                    "is not indexing them: stop it and run `dateline ingest` again"
                ) from None
            time.sleep(_POLL_S)
    return 0


def build_chunk_text(article: Article, chunk: Chunk) -> ChunkText:
    """What the embedding model reads: the chunk's own words, the headline in front."""
    lead = f"{article.title}\n"
    shift = len(lead) - chunk.start
    sentences = tuple((start + shift, end + shift) for start, end in chunk.sentences)
    return ChunkText(lead + article.text[chunk.start : chunk.end], sentences)


def _ref(article: Article, chunk: Chunk) -> ChunkRef:
    return ChunkRef(article.article_id, chunk.ordinal, article.revision)
