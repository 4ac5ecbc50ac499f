"""Chunks embedded on Ray, by a pool of workers that each keep the model, ahead of the indexer."""

from __future__ import annotations

import pickle  # between processes of ours, as Ray itself does it # nosec B403
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from ingest.chunking import chunk_article
from ingest.cluster import Cluster, explain_failures
from ingest.indexer import ARTICLES_A_BATCH, build_chunk_text
from retrieval.embedder import ChunkText, ChunkVectors, Embedder, Vector, load_chunk_encoder
from retrieval.opening import Library, open_library
from retrieval.settings import RetrievalSettings

_MOST_WAITING = 8

Row = Mapping[ChunkText, ChunkVectors]


@contextmanager
def embed_on_workers(cluster: Cluster, library: Library) -> Iterator[Library]:
    """The library with an embedder that has what is to be indexed embedded on workers.

    Nothing is started before it is asked for the first vector.
    """
    with closing(_embed_changes(cluster, library)) as rows:
        yield replace(library, embedder=EmbedderAhead(library.embedder, rows))


class EmbedderAhead:
    """Gives the vectors of chunks that were embedded elsewhere, in the order of `rows`; a chunk
    that is not among the next of them, as one of an article changed meanwhile, is embedded here."""

    def __init__(self, embedder: Embedder, rows: Iterator[Row]) -> None:
        self.model_name = embedder.model_name
        self._embedder = embedder
        self._rows = rows
        self._waiting: list[Row] = []

    def embed_question(self, question: str) -> Vector:
        return self._embedder.embed_question(question)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count_tokens(texts)

    def embed_chunks(self, texts: Sequence[ChunkText]) -> Iterator[tuple[int, ChunkVectors]]:
        missing: list[int] = []
        reached = 0
        for i, text in enumerate(texts):
            if (place := self._find(text)) is None:
                missing.append(i)
                continue
            reached = max(reached, place)
            yield i, self._waiting[place][text]
        self._waiting = self._waiting[reached:]
        for i, vectors in self._embedder.embed_chunks([texts[i] for i in missing]):
            yield missing[i], vectors

    def _find(self, text: ChunkText) -> int | None:
        """Which of the waiting rows has it; waits for the next rows, but not for many."""
        for place in range(_MOST_WAITING):
            if place == len(self._waiting):
                if (row := next(self._rows, None)) is None:
                    return None
                self._waiting.append(row)
            if text in self._waiting[place]:
                return place
        return None


def _embed_changes(cluster: Cluster, library: Library) -> Generator[Row]:
    """The chunks of what was written since the checkpoint, in the order of revisions."""
    import ray.data

    active = library.generations.active()
    # As the indexer does, so that one row answers one call.
    batches = library.archive.batches_since(active.checkpoint if active else 0, ARTICLES_A_BATCH)
    groups = [[change.article_id for change in changes] for changes in batches]
    if not groups:
        return
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    rows = ray.data.from_items(
        [{"article_ids": group} for group in groups], override_num_blocks=len(groups)
    ).map(
        _EmbeddingWorker,  # type: ignore[arg-type]  # a class is an actor's
        fn_constructor_args=(library.settings,),
        compute=ray.data.ActorPoolStrategy(size=min(cluster.workers, len(groups))),
        num_cpus=1,
    )
    with explain_failures():
        for row in rows.iter_rows():
            yield pickle.loads(row["embedded"])  # nosec B301


class _EmbeddingWorker:
    """Reads articles from the archive, cuts and embeds them, on one core."""

    def __init__(self, settings: RetrievalSettings) -> None:
        self._settings = settings
        self._opened = open_library(settings)
        self._archive = self._opened.__enter__().archive
        self._encoder = load_chunk_encoder(settings.embedding_model, cores=1)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        texts = [
            build_chunk_text(article, chunk)
            for article in self._archive.get_many(row["article_ids"]).values()
            for chunk in chunk_article(
                article.text, self._settings.chunk_size_tokens, self._encoder.count_tokens
            )
        ]
        embedded = {texts[i]: vectors for i, vectors in self._encoder.encode(texts)}
        return {"embedded": pickle.dumps(embedded)}
