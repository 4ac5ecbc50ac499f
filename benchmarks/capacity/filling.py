"""Fill one home with made articles, and keep a copy of it at every size."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from sqlalchemy import insert, update

from benchmarks.capacity.made import MadeArticle, Maker
from retrieval.archive import _to_row
from retrieval.chroma_client import connect, disconnect
from retrieval.embedder import BUNDLED_MODEL, Embedder
from retrieval.indexes import Indexes, OpenGeneration, hold_indexes
from retrieval.lexical import LexicalChunk
from retrieval.opening import Library, open_library
from retrieval.schema import Article, ChunkRef
from retrieval.settings import RetrievalSettings
from retrieval.tables import articles, counters, story_bands
from retrieval.vectors import HNSW, collection_name

VECTORS = "vectors.f2"
# Usually a thousand. At each sync Chroma writes the whole table of its ids, which with a million
# takes longer than to add a thousand.
_CHUNKS_A_SYNC = 100_000


def fill(folder: Path, maker: Maker, sizes: Sequence[int], console: Console) -> None:
    """One home in `folder` for each of these numbers of chunks, each grown from the one before;
    a file beside them has all their vectors in order."""
    growing = folder / "growing"
    _create_collection(growing)
    batches = maker.make_batches()
    filled = 0
    for size in sorted(sizes):
        with open_home(growing) as (library, indexes), ThreadPoolExecutor(1) as beside:
            index = _open_index(indexes)
            vectors: Future[None] | None = None
            while filled < size:
                batch = _cut(next(batches), size - filled)
                refs = _write_all_but_vectors(library, index, batch)
                if vectors is not None:
                    vectors.result()
                vectors = beside.submit(_write_vectors, folder, index, batch, refs)
                filled += len(refs)
                console.print(f"{time.strftime('%T')} {filled:,} chunks")
            if vectors is not None:
                vectors.result()
            latest = library.archive.latest_revision()
            library.generations.move_checkpoint(index.generation, latest)
            index.lexical.move_checkpoint(latest)
        kept = folder / str(size)
        if size == max(sizes):
            growing.rename(kept)
        else:
            shutil.copytree(growing, kept)


@contextmanager
def open_home(home: Path, embedder: Embedder | None = None) -> Iterator[tuple[Library, Indexes]]:
    """With embedded parts, whatever is configured."""
    settings = _settings_at(home)
    with (
        open_library(settings, embedder) as library,
        hold_indexes(settings, library.generations) as indexes,
    ):
        yield library, indexes


def _settings_at(home: Path) -> RetrievalSettings:
    return RetrievalSettings.load().model_copy(
        update={
            "home": home,
            "archive_url": None,
            "chroma_url": None,
            "embedding_model": BUNDLED_MODEL,
        }
    )


def _open_index(indexes: Indexes) -> OpenGeneration:
    if indexes.generations.active() is None:
        indexes.create(active=True)
    index = indexes.open_active()
    assert index is not None
    return index


def _create_collection(home: Path) -> None:
    """The first generation's, before Dateline looks for it."""
    client = connect(_settings_at(home))
    try:
        client.create_collection(
            collection_name(1),
            embedding_function=None,
            configuration={"hnsw": {**HNSW, "sync_threshold": _CHUNKS_A_SYNC}},
        )
    finally:
        disconnect(client)


def _cut(batch: Sequence[MadeArticle], chunks: int) -> list[MadeArticle]:
    """As many of the articles as make so many chunks or a few more."""
    kept: list[MadeArticle] = []
    for made in batch:
        if chunks <= 0:
            break
        kept.append(made)
        chunks -= len(made.chunks)
    return kept


def _write_all_but_vectors(
    library: Library, index: OpenGeneration, batch: Sequence[MadeArticle]
) -> list[ChunkRef]:
    """As `Archive.put` and the indexer do, in larger batches."""
    stored = _archive(library, batch)
    pairs = list(zip(stored, batch, strict=True))
    written = {(article.article_id, article.revision): made.chunks for article, made in pairs}
    words = [
        LexicalChunk.of(article, each.chunk) for article, made in pairs for each in made.chunks
    ]
    library.generations.replace_chunks(index.generation, written, ())
    index.lexical.replace([article.article_id for article in stored], words)
    return [chunk.ref for chunk in words]


def _write_vectors(
    folder: Path, index: OpenGeneration, batch: Sequence[MadeArticle], refs: Sequence[ChunkRef]
) -> None:
    vectors = [each.vector for made in batch for each in made.chunks]
    index.vectors.replace([made.article.article_id for made in batch], refs, vectors)
    with (folder / VECTORS).open("ab") as file:
        file.write(np.asarray(vectors, dtype="<f2").tobytes())


def _archive(library: Library, batch: Sequence[MadeArticle]) -> list[Article]:
    """In one transaction: one for each article would take longer than all the rest."""
    revision = library.archive.latest_revision()
    stored: list[Article] = []
    for made in batch:
        revision += 1
        story_id = stored[-1].story_id if made.is_copy else made.article.article_id
        stored.append(replace(made.article, revision=revision, story_id=story_id))
    bands = [
        {"band": band, "article_id": made.article.article_id}
        for made in batch
        for band in made.bands
    ]
    with library.database.write() as connection:
        connection.execute(insert(articles), [_to_row(article) for article in stored])
        connection.execute(insert(story_bands), bands)
        connection.execute(
            update(counters).where(counters.c.name == "revision").values(value=revision)
        )
    return stored
