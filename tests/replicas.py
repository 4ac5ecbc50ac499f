"""Several homes on one archive and one Chroma server, as replicas have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest.indexer import Indexer
from retrieval.indexes import Indexes, hold_indexes
from retrieval.opening import Library, build_retriever, open_library
from retrieval.settings import RetrievalSettings
from tests.fakes import KeywordEmbedder
from tests.stores import read_settings


@dataclass(frozen=True)
class Newsroom:
    """`environment` leads to what is shared; each replica has a home below `folder`."""

    folder: Path
    environment: dict[str, str] = field(repr=False)

    def settings(self, name: str) -> RetrievalSettings:
        return read_settings(self.environment, self.folder / name)

    @contextmanager
    def open_library(self, name: str, embedder: KeywordEmbedder | None = None) -> Iterator[Library]:
        with open_library(self.settings(name), embedder or KeywordEmbedder()) as library:
            yield library

    @contextmanager
    def open(self, name: str, embedder: KeywordEmbedder | None = None) -> Iterator[Replica]:
        with (
            self.open_library(name, embedder) as library,
            hold_indexes(library.settings, library.generations) as indexes,
        ):
            replica = Replica(library, indexes, Indexer(library))
            try:
                yield replica
            finally:
                replica.indexer.leadership.release()


@dataclass(frozen=True)
class Replica:
    library: Library
    indexes: Indexes
    indexer: Indexer

    @property
    def embedded(self) -> list[str]:
        embedder = self.library.embedder
        assert isinstance(embedder, KeywordEmbedder)
        return embedder.embedded

    def catch_up(self) -> int:
        return self.indexer.catch_up(self.indexes)

    def follow(self) -> None:
        self.indexes.follow_words(self.library.archive)

    def find(self, question: str) -> list[str]:
        """Titles of the articles that bear on it."""
        passages = build_retriever(self.library, self.indexes).retrieve(question)
        return [passage.article.title for passage in passages]

    def find_words(self, words: str) -> set[str]:
        """Ids of the articles that have them, by this home's own index."""
        opened = self.indexes.open_active()
        assert opened is not None
        return {hit.ref.article_id for hit in opened.lexical.search(words, 10_000)}
