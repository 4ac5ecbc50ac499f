"""Index generations: one embedding model and chunk size each, with its chunks and checkpoint.

A rebuild fills a new generation beside the active one and then takes its place, so that
questions are answered from whole indexes only. Chunks belong to a generation because their
offsets depend on the chunk size and their sentence vectors on the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from retrieval.carriers import allowed_by
from retrieval.database import Database
from retrieval.embedder import Vector
from retrieval.errors import Superseded
from retrieval.schema import Chunk, ChunkRef, Filters, Span
from retrieval.tables import articles, chunks, generations, lexical_snapshots

# Databases limit how many values a statement may name.
_MOST_NAMED = 900
_READ_CHUNKS = (
    select(chunks)
    .join(
        articles,
        (articles.c.article_id == chunks.c.article_id) & (articles.c.revision == chunks.c.revision),
    )
    .where(
        chunks.c.generation_id == bindparam("generation_id"),
        # Apart, not as pairs: SQLite has no index for pairs and would read every chunk.
        chunks.c.article_id.in_(bindparam("article_ids", expanding=True)),
        chunks.c.ordinal.in_(bindparam("ordinals", expanding=True)),
    )
)


@dataclass(frozen=True, slots=True)
class Generation:
    """`checkpoint` is the archive revision up to which its chunks and vectors are complete."""

    generation_id: int
    embedding_model: str
    chunk_size_tokens: int
    checkpoint: int
    active: bool


@dataclass(frozen=True, slots=True)
class EmbeddedChunk:
    """A chunk with its vector, shape (d,), and its sentences' vectors, shape (sentences, d)."""

    chunk: Chunk
    vector: Vector
    sentence_vectors: Vector


class Generations:
    def __init__(self, database: Database) -> None:
        self.database = database

    def active(self) -> Generation | None:
        with self.database.read() as connection:
            row = connection.execute(select(generations).where(generations.c.active)).one_or_none()
        return None if row is None else _to_generation(row)

    def is_active(self, generation: Generation) -> bool:
        """Whether it still is."""
        active = self.active()
        return active is not None and active.generation_id == generation.generation_id

    def get(self, generation_id: int) -> Generation:
        query = select(generations).where(generations.c.generation_id == generation_id)
        with self.database.read() as connection:
            return _to_generation(connection.execute(query).one())

    def create(self, embedding_model: str, chunk_size_tokens: int, *, active: bool) -> Generation:
        values = {
            "embedding_model": embedding_model,
            "chunk_size_tokens": chunk_size_tokens,
            "checkpoint": 0,
            "active": active,
        }
        with self.database.write() as connection:
            query = insert(generations).values(values).returning(generations)
            return _to_generation(connection.execute(query).one())

    def activate(self, generation: Generation) -> None:
        """Make this the generation that answers; the others stay until dropped."""
        with self.database.write() as connection:
            active = generations.c.generation_id == generation.generation_id
            connection.execute(update(generations).values(active=active))

    def inactive(self) -> tuple[Generation, ...]:
        return tuple(generation for generation in self.list_all() if not generation.active)

    def list_all(self) -> tuple[Generation, ...]:
        """The active one first."""
        query = select(generations).order_by(
            generations.c.active.desc(), generations.c.generation_id
        )
        with self.database.read() as connection:
            return tuple(_to_generation(row) for row in connection.execute(query))

    def drop(self, generation: Generation) -> None:
        with self.database.write(patient=True) as connection:
            for table in (chunks, lexical_snapshots, generations):
                of_this = table.c.generation_id == generation.generation_id
                connection.execute(delete(table).where(of_this))

    def move_checkpoint(self, generation: Generation, revision: int) -> Generation:
        """The generation as it is then. Raises Superseded where another process moved it."""
        query = (
            update(generations)
            .where(
                generations.c.generation_id == generation.generation_id,
                generations.c.checkpoint == generation.checkpoint,
            )
            .values(checkpoint=revision)
        )
        with self.database.write() as connection:
            if connection.execute(query).rowcount == 0:
                raise Superseded
        return replace(generation, checkpoint=revision)

    def replace_chunks(
        self,
        generation: Generation,
        written: Mapping[tuple[str, int], Sequence[EmbeddedChunk]],
        removed: Iterable[str],
        revision: int | None = None,
    ) -> None:
        """Write the chunks of articles, keyed by (article id, revision), in one transaction.

        Where others may write too, `revision` is that of the newest change known here: what is
        newer stays. Raises Superseded where another process has moved the checkpoint.
        """
        of_these = (
            chunks.c.generation_id == generation.generation_id,
            chunks.c.article_id.in_([*removed, *(article_id for article_id, _ in written)]),
        )
        with self.database.write() as connection:
            _lock(connection, generation)
            known = () if revision is None else (chunks.c.revision <= revision,)
            connection.execute(delete(chunks).where(*of_these, *known))
            newer = set(connection.execute(select(chunks.c.article_id).where(*of_these)).scalars())
            rows = [
                _to_row(generation, article_id, of_revision, embedded)
                for (article_id, of_revision), all_embedded in written.items()
                if article_id not in newer
                for embedded in all_embedded
            ]
            if rows:
                connection.execute(insert(chunks), rows)

    def read_spans(
        self, generation: Generation, article_ids: Iterable[str]
    ) -> tuple[tuple[ChunkRef, Span], ...]:
        """Where the chunks of these articles begin and end."""
        query = select(*chunks.c["article_id", "ordinal", "revision", "start", "end"]).where(
            chunks.c.generation_id == generation.generation_id,
            chunks.c.article_id.in_(list(article_ids)),
        )
        with self.database.read() as connection:
            return tuple((_to_ref(row), (row.start, row.end)) for row in connection.execute(query))

    def read_chunks(
        self, generation: Generation, refs: Sequence[ChunkRef]
    ) -> dict[ChunkRef, tuple[Chunk, Vector]]:
        """Chunks with their sentences' vectors, those whose revision is still the archive's."""
        wanted = {
            "generation_id": generation.generation_id,
            "article_ids": list({ref.article_id for ref in refs}),
            "ordinals": list({ref.ordinal for ref in refs}),
        }
        with self.database.read() as connection:
            rows = {_to_ref(row): row for row in connection.execute(_READ_CHUNKS, wanted)}
        return {ref: _to_chunk(rows[ref]) for ref in refs if ref in rows}

    def count_chunks(self, generation: Generation) -> int:
        query = select(func.count()).where(chunks.c.generation_id == generation.generation_id)
        with self.database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def list_chunks(self, generation: Generation, filters: Filters) -> tuple[ChunkRef, ...]:
        # Joined in one statement, SQLite reads every chunk there is.
        allowed = select(articles.c.article_id).where(allowed_by(filters))
        with self.database.read() as connection:
            named = [row.article_id for row in connection.execute(allowed)]
            found = [
                row
                for start in range(0, len(named), _MOST_NAMED)
                for row in connection.execute(
                    select(*chunks.c["article_id", "ordinal", "revision"]).where(
                        chunks.c.generation_id == generation.generation_id,
                        chunks.c.article_id.in_(named[start : start + _MOST_NAMED]),
                    )
                )
            ]
        return tuple(map(_to_ref, found))


def _lock(connection: Connection, generation: Generation) -> None:
    """Nobody else writes to the generation until the transaction ends. Raises Superseded."""
    query = select(generations.c.checkpoint).where(
        generations.c.generation_id == generation.generation_id
    )
    if connection.execute(query.with_for_update()).scalar() != generation.checkpoint:
        raise Superseded


def _to_generation(row: Row[Any]) -> Generation:
    return Generation(
        generation_id=row.generation_id,
        embedding_model=row.embedding_model,
        chunk_size_tokens=row.chunk_size_tokens,
        checkpoint=row.checkpoint,
        active=row.active,
    )


def _to_ref(row: Row[Any]) -> ChunkRef:
    return ChunkRef(row.article_id, row.ordinal, row.revision)


def _to_row(
    generation: Generation, article_id: str, revision: int, embedded: EmbeddedChunk
) -> dict[str, Any]:
    """Spans as 32-bit integers; vectors as 16-bit floats, which keep cosines to three digits."""
    chunk = embedded.chunk
    return {
        "generation_id": generation.generation_id,
        "article_id": article_id,
        "ordinal": chunk.ordinal,
        "revision": revision,
        "start": chunk.start,
        "end": chunk.end,
        "sentences": np.asarray(chunk.sentences, dtype="<i4").tobytes(),
        "sentence_vectors": embedded.sentence_vectors.astype("<f2").tobytes(),
    }


def _to_chunk(row: Row[Any]) -> tuple[Chunk, Vector]:
    spans: list[Span] = [
        (int(start), int(end))
        for start, end in np.frombuffer(row.sentences, dtype="<i4").reshape(-1, 2)
    ]
    vectors = np.frombuffer(row.sentence_vectors, dtype="<f2").astype(np.float32)
    chunk = Chunk(row.ordinal, row.start, row.end, tuple(spans))
    return chunk, vectors.reshape(len(spans), -1)
