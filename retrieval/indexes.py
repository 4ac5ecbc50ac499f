"""The two indexes of the active generation, and the lock that one process holds on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.errors import IndexBusy, IndexMismatch, IndexMissing
from retrieval.generations import Generation, Generations
from retrieval.lexical import TantivyIndex
from retrieval.settings import RetrievalSettings
from retrieval.vectors import ChromaIndex, ChromaStore


@dataclass(frozen=True, slots=True)
class OpenGeneration:
    generation: Generation
    vectors: ChromaIndex
    lexical: TantivyIndex


class Indexes:
    """Open, create and drop generations. Held by one process at a time: see `hold_indexes`."""

    def __init__(self, settings: RetrievalSettings, generations: Generations) -> None:
        self._settings = settings
        self._opened: dict[int, OpenGeneration] = {}
        self.generations = generations

    @cached_property
    def _chroma(self) -> ChromaStore:
        return ChromaStore.open(self._settings)

    def close(self) -> None:
        """What was opened cannot be used any more."""
        if opened := self.__dict__.pop("_chroma", None):
            opened.close()
        self._opened.clear()

    def open_active(self) -> OpenGeneration | None:
        """None when nothing was ever indexed. Raises IndexMissing or IndexMismatch."""
        generation = self.generations.active()
        if generation is None:
            return None
        if opened := self._opened.get(generation.generation_id):
            # The same open indexes, so that readers see what a writer in this process wrote.
            return replace(opened, generation=generation)
        self._check(generation)
        vectors = self._chroma.get(generation.generation_id)
        lexical = TantivyIndex.open(self._lexical_folder(generation.generation_id))
        if generation.checkpoint and self.generations.count_chunks(generation):
            if vectors.count() == 0:
                raise IndexMissing("vector")
            if lexical.count() == 0:
                raise IndexMissing("lexical")
        return self._remember(OpenGeneration(generation, vectors, lexical))

    def create(self, *, active: bool) -> OpenGeneration:
        """A new, empty generation made with the current settings."""
        generation = self.generations.create(
            self._settings.embedding_model, self._settings.chunk_size_tokens, active=False
        )
        vectors = self._chroma.create(generation.generation_id)
        lexical = TantivyIndex.create(self._lexical_folder(generation.generation_id))
        if active:
            self.generations.activate(generation)
        return self._remember(OpenGeneration(generation, vectors, lexical))

    def drop_inactive(self) -> None:
        """Remove what a rebuild replaced, or left behind when it was interrupted."""
        for generation in self.generations.inactive():
            self._opened.pop(generation.generation_id, None)
            self._chroma.drop(generation.generation_id)
            TantivyIndex.drop(self._lexical_folder(generation.generation_id))
            self.generations.drop(generation)

    def _remember(self, opened: OpenGeneration) -> OpenGeneration:
        self._opened[opened.generation.generation_id] = opened
        return opened

    def _check(self, generation: Generation) -> None:
        for setting in ("embedding_model", "chunk_size_tokens"):
            stored, configured = getattr(generation, setting), getattr(self._settings, setting)
            if stored != configured:
                raise IndexMismatch(f"retrieval.{setting}", stored, configured)

    def _lexical_folder(self, generation_id: int) -> Path:
        return self._settings.home / "lexical" / str(generation_id)


@contextmanager
def hold_indexes(
    settings: RetrievalSettings, generations: Generations, timeout_s: float | None = None
) -> Iterator[Indexes]:
    """Own the embedded indexes of this home. Raises IndexBusy after `timeout_s`."""
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
