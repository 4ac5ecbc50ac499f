"""Dense search: chunk vectors in Chroma, embedded or on a server. The only user of chromadb."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.chroma_calls import UNREACHABLE, Patience, patient
from retrieval.embedder import Vector
from retrieval.errors import IndexMissing, StorageError
from retrieval.schema import ChunkRef, Hit
from retrieval.settings import RetrievalSettings

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

# How the graph of a collection is searched: at a million chunks, with Chroma's own 100, six of a
# hundred of the ten nearest to a question were missed, with 300 three and with 500 one half.
HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_search": 400}
# Chroma takes at most 5,461 records a call, and its server 40 MiB.
_MOST_RECORDS = 1_000
_MOST_BYTES = 8 * 1024 * 1024
# About a third of a kilobyte each.
_MOST_REMEMBERED = 50_000


class ChromaStore:
    """The collections of one Chroma, one a generation."""

    def __init__(self, client: ClientAPI) -> None:
        self._client = client

    @classmethod
    def open(cls, settings: RetrievalSettings) -> ChromaStore:
        """Raises SettingsError or StorageError."""
        from chromadb.errors import ChromaError

        from retrieval.chroma_client import connect

        try:
            return cls(connect(settings))
        except (ChromaError, ValueError, *UNREACHABLE) as error:
            raise StorageError(
                f"Chroma at {settings.chroma_url or settings.home / 'chroma'} cannot be opened "
                f"({error}): check that it is reachable and the disk is not full"
            ) from error

    def close(self) -> None:
        from retrieval.chroma_client import disconnect

        disconnect(self._client)

    @patient
    def create(self, generation_id: int) -> ChromaIndex:
        """The generation's collection, empty, whatever another archive left under its name."""
        self._forget(generation_id)
        collection = self._client.get_or_create_collection(
            collection_name(generation_id),
            embedding_function=None,
            configuration={"hnsw": HNSW},
        )
        return ChromaIndex(collection)

    @patient
    def get(self, generation_id: int) -> ChromaIndex:
        """Raises IndexMissing."""
        from chromadb.errors import NotFoundError

        try:
            return ChromaIndex(
                self._client.get_collection(collection_name(generation_id), embedding_function=None)
            )
        except NotFoundError as error:
            raise IndexMissing("vector") from error

    @patient
    def drop(self, generation_id: int) -> None:
        self._forget(generation_id)

    def _forget(self, generation_id: int) -> None:
        from chromadb.errors import NotFoundError

        try:
            self._client.delete_collection(collection_name(generation_id))
        except NotFoundError:
            return


class ChromaIndex:
    """Every method raises StorageError."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._patience = Patience()

    def count(self) -> int:
        with self._patience.asking():
            return self._count()

    def replace(
        self,
        article_ids: Sequence[str],
        refs: Sequence[ChunkRef],
        vectors: Sequence[Vector],
        revision: int | None = None,
    ) -> None:
        """Make these the only chunks of these articles: new ones written, stale tails deleted.

        Where others may write too, `revision` is that of the newest change known here: what is
        newer stays. What is there already, of a run that was interrupted, is the same and left
        alone: to write a vector again can cut others off in the graph that is searched.
        """
        stored = set(self._ids_of(article_ids))
        missing = [number for number, ref in enumerate(refs) if _to_id(ref) not in stored]
        batch_size = _find_batch_size(len(vectors[0]) if len(vectors) else 0)
        for start in range(0, len(missing), batch_size):
            batch = missing[start : start + batch_size]
            self._upsert([refs[n] for n in batch], np.asarray([vectors[n] for n in batch]))
        kept = {_to_id(ref) for ref in refs}
        stale = [
            found
            for found in stored
            if found not in kept
            and (revision is None or read_chunk_ref(found).revision <= revision)
        ]
        for start in range(0, len(stale), _MOST_RECORDS):
            self._delete(stale[start : start + _MOST_RECORDS])

    def search(
        self, vector: Vector, limit: int, among: Sequence[ChunkRef] | None = None
    ) -> tuple[Hit, ...]:
        """The nearest chunks by cosine similarity, best first; only of `among`, if it is given."""
        with self._patience.asking():
            return self._search(vector, limit, among)

    def score(self, vector: Vector, refs: Sequence[ChunkRef], limit: int) -> tuple[Hit, ...]:
        """The nearest of the named chunks, scored exactly; for windows too narrow for `search`."""
        hits: list[Hit] = []
        with self._patience.asking():
            for start in range(0, len(refs), _MOST_RECORDS):
                named = refs[start : start + _MOST_RECORDS]
                ids, stored = self._read([_to_id(ref) for ref in named])
                scores = (stored @ vector).tolist() if ids else []
                hits.extend(map(Hit, map(read_chunk_ref, ids), scores))
        return tuple(sorted(hits, key=lambda hit: hit.score, reverse=True)[:limit])

    @patient
    def _count(self) -> int:
        return self._collection.count()

    @patient
    def _search(
        self, vector: Vector, limit: int, among: Sequence[ChunkRef] | None
    ) -> tuple[Hit, ...]:
        from chromadb.errors import InternalError

        if among is None:
            return self._query(vector, limit, None)
        ids = [_to_id(ref) for ref in among]
        try:
            return self._query(vector, limit, ids)
        except InternalError:
            # One of them is not there yet, or no more. To look first would take longer.
            return self._query(vector, limit, self._find_existing(ids))

    def _query(self, vector: Vector, limit: int, ids: list[str] | None) -> tuple[Hit, ...]:
        if ids == []:
            return ()
        found = self._collection.query(
            query_embeddings=[vector.tolist()], ids=ids, n_results=limit, include=["distances"]
        )
        distances = found["distances"]
        assert distances is not None
        return tuple(
            Hit(read_chunk_ref(record), 1.0 - distance)
            for record, distance in zip(found["ids"][0], distances[0], strict=True)
        )

    @patient
    def _upsert(self, refs: Sequence[ChunkRef], vectors: Vector) -> None:
        self._collection.upsert(
            ids=[_to_id(ref) for ref in refs],
            embeddings=vectors,
            metadatas=[{"article_id": ref.article_id} for ref in refs],
        )

    @patient
    def _delete(self, ids: list[str]) -> None:
        self._collection.delete(ids=ids)

    @patient
    def _read(self, ids: list[str]) -> tuple[list[str], Vector]:
        """Those that exist, and their vectors, shape (ids, d)."""
        found = self._collection.get(ids=ids, include=["embeddings"])
        return found["ids"], np.asarray(found["embeddings"], dtype=np.float32)

    def _find_existing(self, ids: Sequence[str]) -> list[str]:
        return [
            found
            for start in range(0, len(ids), _MOST_RECORDS)
            for found in self._collection.get(
                ids=[*ids[start : start + _MOST_RECORDS]], include=[]
            )["ids"]
        ]

    @patient
    def _ids_of(self, article_ids: Sequence[str]) -> list[str]:
        found: list[str] = []
        for start in range(0, len(article_ids), _MOST_RECORDS):
            named: Any = {"article_id": {"$in": [*article_ids[start : start + _MOST_RECORDS]]}}
            stored = self._collection.get(where=named, include=[])
            found.extend(stored["ids"])
        return found


def _find_batch_size(dimensions: int) -> int:
    """Records a call: a number takes about twelve bytes on its way to a server."""
    return min(_MOST_RECORDS, max(1, _MOST_BYTES // max(12 * dimensions, 1)))


def collection_name(generation_id: int) -> str:
    """Of a generation's collection."""
    return f"chunks-{generation_id}"


def _to_id(ref: ChunkRef) -> str:
    """All that a hit needs: reading metadata of 200 hits takes Chroma three times the search."""
    return f"{ref.chunk_id}@{ref.revision}"


@lru_cache(_MOST_REMEMBERED)
def read_chunk_ref(record: str) -> ChunkRef:
    """From the id of a record. Remembered: a question brings two hundred, often the same."""
    chunk_id, _, revision = record.rpartition("@")
    article_id, _, ordinal = chunk_id.rpartition("#")
    return ChunkRef(article_id, int(ordinal), int(revision))
