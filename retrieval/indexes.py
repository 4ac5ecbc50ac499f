"""The indexes of the generations: vectors, which processes may share, and a home's own words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from filelock import FileLock, Timeout

from retrieval.archive import Archive
from retrieval.errors import IndexBusy, IndexMismatch, IndexMissing
from retrieval.generations import Generation, Generations
from retrieval.leadership import Leadership
from retrieval.lexical import TantivyIndex
from retrieval.lexical_replica import LexicalReplica
from retrieval.settings import RetrievalSettings
from retrieval.snapshots import LexicalSnapshots
from retrieval.vectors import ChromaIndex, ChromaStore


@dataclass(frozen=True, slots=True)
class OpenGeneration:
    """What a question searches."""

    generation: Generation
    vectors: ChromaIndex
    lexical: TantivyIndex


class Indexes:
    """Open, create and drop generations. `words` is None where the home is not held: see
    `hold_indexes` and `hold_vectors`."""

    def __init__(
        self, settings: RetrievalSettings, generations: Generations, *, holds_home: bool = True
    ) -> None:
        self._settings = settings
        self._vectors: dict[int, ChromaIndex] = {}
        self._opening = threading.Lock()
        self.generations = generations
        self.words = self._open_words() if holds_home else None
        # As it was opened last.
        self.current: OpenGeneration | None = None

    def _open_words(self) -> LexicalReplica:
        """Where nobody else has a home of this archive, nobody begins from a snapshot."""
        settings, snapshots = self._settings, None
        if settings.chroma_url is not None:
            storing = Leadership.of("snapshot", settings, self.generations.database)
            snapshots = LexicalSnapshots(self.generations.database, storing)
        return LexicalReplica(settings.home / "lexical", self.generations, snapshots)

    @cached_property
    def _chroma(self) -> ChromaStore:
        return ChromaStore.open(self._settings)

    def close(self) -> None:
        """What was opened cannot be used any more."""
        if opened := self.__dict__.pop("_chroma", None):
            opened.close()
        self._vectors.clear()
        if self.words is not None:
            self.words.close()

    def open_active(self) -> OpenGeneration | None:
        """None when nothing was ever indexed. Raises IndexMissing or IndexMismatch."""
        while (generation := self.generations.active()) is not None:
            try:
                self.current = self._open(generation)
            except IndexMissing:
                if self.generations.is_active(generation):
                    raise
                # Another has taken over meanwhile, and this one was dropped.
            else:
                return self.current
        return None

    def _open(self, generation: Generation) -> OpenGeneration:
        """The same open indexes each time, so that readers see what this process wrote."""
        assert self.words is not None, "only the process that holds the home searches"
        vectors = self.open_vectors(generation)
        return OpenGeneration(generation, vectors, self.words.open(generation))

    def open_vectors(self, generation: Generation) -> ChromaIndex:
        """Raises IndexMissing or IndexMismatch."""
        with self._opening:
            vectors = self._vectors.get(generation.generation_id)
            if vectors is None:
                self._check(generation)
                vectors = self._chroma.get(generation.generation_id)
                is_empty = generation.checkpoint and vectors.count() == 0
                if is_empty and self.generations.count_chunks(generation):
                    raise IndexMissing("vector")
                self._vectors[generation.generation_id] = vectors
            return vectors

    def follow_words(self, archive: Archive) -> None:
        """Bring the home's own words up to the shared chunks, where the home is held."""
        if self.words is not None:
            self.words.follow(archive)

    def create(self, *, active: bool) -> Generation:
        """A new, empty generation made with the current settings."""
        generation = self.generations.create(
            self._settings.embedding_model, self._settings.chunk_size_tokens, active=False
        )
        self._vectors[generation.generation_id] = self._chroma.create(generation.generation_id)
        if active:
            self.generations.activate(generation)
        return self.generations.get(generation.generation_id)

    def drop_inactive(self) -> None:
        """Remove what a rebuild replaced, or left behind when it was interrupted. Its words go
        when they are next followed."""
        for generation in self.generations.inactive():
            self._vectors.pop(generation.generation_id, None)
            self._chroma.drop(generation.generation_id)
            self.generations.drop(generation)

    def _check(self, generation: Generation) -> None:
        for setting in ("embedding_model", "chunk_size_tokens"):
            stored, configured = getattr(generation, setting), getattr(self._settings, setting)
            if stored != configured:
                raise IndexMismatch(f"retrieval.{setting}", stored, configured)


@contextmanager
def hold_indexes(
    settings: RetrievalSettings, generations: Generations, timeout_s: float | None = None
) -> Iterator[Indexes]:
    """Own the indexes of this home. Raises IndexBusy after `timeout_s`."""
    wait_s = settings.lock_timeout_s if timeout_s is None else timeout_s
    lock = FileLock(settings.home / "index.lock")
    try:
        lock.acquire(timeout=wait_s, poll_interval=0.05)
    except Timeout as error:
        raise IndexBusy(
            f"another process has used the indexes in {settings.home} for over {wait_s:g} s: "
            "wait for it to finish, or stop it, and run the same command again"
        ) from error
    indexes = Indexes(settings, generations)
    try:
        yield indexes
    finally:
        indexes.close()
        lock.release()


@contextmanager
def hold_vectors(
    settings: RetrievalSettings, generations: Generations, timeout_s: float | None = None
) -> Iterator[Indexes]:
    """What indexing needs: the home where Chroma is in it, nothing of a home where it is a server.

    Raises IndexBusy after `timeout_s`.
    """
    if settings.chroma_url is None:
        with hold_indexes(settings, generations, timeout_s) as indexes:
            yield indexes
        return
    indexes = Indexes(settings, generations, holds_home=False)
    try:
        yield indexes
    finally:
        indexes.close()
