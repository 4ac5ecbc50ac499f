"""A home's own lexical indexes: read replicas, which follow the archive and embed nothing.

Each keeps its own checkpoint and is brought up to its generation's, that of the chunks and vectors
which all processes share. It reads which articles changed and where their chunks are, and writes
the words; what is gone in the meantime, or written anew, comes again as a later change.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from retrieval.archive import Archive
from retrieval.generations import Generation, Generations
from retrieval.lexical import LexicalChunk, TantivyIndex
from retrieval.schema import Article, Chunk, ChunkRef, Span
from retrieval.snapshots import LexicalSnapshots

_CHANGES_A_BATCH = 500


@dataclass(frozen=True, slots=True)
class Lag:
    """How many changes the words are behind the vectors, and whether they ever were not."""

    changes: int
    is_new: bool


class LexicalReplica:
    """One folder a generation. `follow` is called by one thread; questions open what there is."""

    def __init__(
        self,
        folder: Path,
        generations: Generations,
        snapshots: LexicalSnapshots | None = None,
    ) -> None:
        self._folder = folder
        self._snapshots = snapshots
        self._generations = generations
        self._opened: dict[int, TantivyIndex] = {}
        self._opening = threading.Lock()
        self._arrived: set[int] = set()

    def open(self, generation: Generation) -> TantivyIndex:
        """Of this generation, as far as it has come. Raises StorageError."""
        with self._opening:
            index = self._opened.get(generation.generation_id)
            if index is None:
                folder = self._name_folder(generation)
                if self._snapshots is not None and not folder.exists():
                    self._snapshots.fetch(generation, folder)
                index = self._opened[generation.generation_id] = TantivyIndex.open(folder)
            return index

    def follow(self, archive: Archive) -> None:
        """Bring every generation's words up to its chunks; also of one that is being filled, so
        that they are there when it takes over. Raises StorageError."""
        generations = self._generations.list_all()
        for generation in generations:
            self._follow(archive, generation)
            self._arrived.add(generation.generation_id)
            if self._snapshots is not None and generation.active:
                checkpoint = self.open(generation).checkpoint
                self._snapshots.keep(generation, self._name_folder(generation), checkpoint)
        existing = {generation.generation_id for generation in generations}
        self._opened = {key: index for key, index in self._opened.items() if key in existing}
        self._drop_all_but({str(generation_id) for generation_id in existing})

    def measure_lag(self) -> Lag:
        """Of the active generation."""
        generation = self._generations.active()
        if generation is None:
            return Lag(0, is_new=False)
        changes = max(generation.checkpoint - self.open(generation).checkpoint, 0)
        return Lag(changes, is_new=generation.generation_id not in self._arrived)

    def close(self) -> None:
        self._opened.clear()

    def _follow(self, archive: Archive, generation: Generation) -> None:
        index = self.open(generation)
        if index.checkpoint > generation.checkpoint:
            # The database is an older one, brought back: revisions mean something else in it.
            index.move_checkpoint(0)
        while index.checkpoint < generation.checkpoint:
            changes = [
                change
                for change in archive.changes_since(index.checkpoint, _CHANGES_A_BATCH)
                if change.revision <= generation.checkpoint
            ]
            changed = [change.article_id for change in changes]
            spans = self._generations.read_spans(generation, changed)
            index.replace(changed, tuple(_read_words(spans, archive.get_many(changed))))
            is_last = len(changes) < _CHANGES_A_BATCH
            index.move_checkpoint(generation.checkpoint if is_last else changes[-1].revision)

    def _name_folder(self, generation: Generation) -> Path:
        return self._folder / str(generation.generation_id)

    def _drop_all_but(self, names: set[str]) -> None:
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.name not in names:
                TantivyIndex.drop(path)


def _read_words(
    spans: tuple[tuple[ChunkRef, Span], ...], articles: Mapping[str, Article]
) -> Iterator[LexicalChunk]:
    """Those chunks whose offsets are in the text that the archive has now."""
    for ref, (start, end) in spans:
        article = articles.get(ref.article_id)
        if article is not None and article.revision == ref.revision:
            yield LexicalChunk.of(article, Chunk(ref.ordinal, start, end, ()))
