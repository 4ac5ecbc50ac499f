"""Put the parts of retrieval together, once, at the top of a command or a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from retrieval.archive import Archive
from retrieval.database import Database
from retrieval.embedder import Embedder, SentenceTransformerEmbedder
from retrieval.generations import Generations
from retrieval.indexes import Indexes
from retrieval.reranker import CrossEncoderReranker
from retrieval.retriever import Retriever
from retrieval.settings import RetrievalSettings


@dataclass(frozen=True, slots=True)
class Library:
    """What every journey starts from: the archive, its index generations, the embedder."""

    settings: RetrievalSettings
    database: Database
    archive: Archive
    generations: Generations
    embedder: Embedder


@contextmanager
def open_library(
    settings: RetrievalSettings, embedder: Embedder | None = None
) -> Iterator[Library]:
    """Open and migrate the archive; nothing of the indexes or the model is loaded yet."""
    database = Database.open(settings)
    try:
        yield Library(
            settings=settings,
            database=database,
            archive=Archive(database),
            generations=Generations(database),
            embedder=embedder or build_embedder(settings),
        )
    finally:
        database.close()


def build_embedder(settings: RetrievalSettings) -> Embedder:
    return SentenceTransformerEmbedder(settings.embedding_model, settings.home / "models")


def build_retriever(library: Library, indexes: Indexes) -> Retriever:
    """A retriever over the active generation.

    Raises IndexMissing, IndexMismatch or EmbeddingModelError.
    """
    indexes.open_active()
    named = library.settings.reranker
    return Retriever(
        archive=library.archive,
        generations=library.generations,
        indexes=indexes,
        embedder=library.embedder,
        top_k=library.settings.top_k,
        reranker=None if named is None else CrossEncoderReranker.load(named),
    )
