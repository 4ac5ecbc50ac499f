"""Dense search: chunk vectors in Chroma, embedded or on a server. The only user of chromadb."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from retrieval.embedder import Vector
from retrieval.errors import IndexMissing, SettingsError, StorageError
from retrieval.schema import ChunkRef, Hit

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

# Chroma takes at most 5,461 records a call; smaller calls keep requests to a server small.
_BATCH_SIZE = 1_000


class ChromaStore:
    """The collections of one Chroma, one a generation."""

    def __init__(self, client: ClientAPI) -> None:
        self._client = client

    @classmethod
    def open(cls, home: Path, url: str | None) -> ChromaStore:
        import chromadb
        from chromadb.config import Settings
        from chromadb.errors import ChromaError

        settings = Settings(anonymized_telemetry=False)
        try:
            if url is None:
                path = home / "chroma"
                return cls(chromadb.PersistentClient(path=str(path), settings=settings))
            address = urlsplit(url)
            if address.scheme not in ("http", "https") or address.hostname is None:
                raise SettingsError(
                    "retrieval.chroma_url must look like http://127.0.0.1:8000 (`chroma run`)"
                )
            secure = address.scheme == "https"
            port = address.port or (443 if secure else 8000)
            return cls(
                chromadb.HttpClient(host=address.hostname, port=port, ssl=secure, settings=settings)
            )
        except (ChromaError, OSError, ValueError) as error:
            raise StorageError(
                f"Chroma at {url or home / 'chroma'} cannot be opened ({error}): check that it "
                "is reachable and the disk is not full"
            ) from error

    def create(self, generation_id: int) -> ChromaIndex:
        """The generation's collection, made if it is not there."""
        collection = self._client.get_or_create_collection(
            collection_name(generation_id),
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine"}},
        )
        return ChromaIndex(collection)

    def get(self, generation_id: int) -> ChromaIndex:
        """Raises IndexMissing."""
        from chromadb.errors import NotFoundError

        try:
            return ChromaIndex(
                self._client.get_collection(collection_name(generation_id), embedding_function=None)
            )
        except NotFoundError as error:
            raise IndexMissing("vector") from error

    def drop(self, generation_id: int) -> None:
        from chromadb.errors import NotFoundError

        try:
            self._client.delete_collection(collection_name(generation_id))
        except NotFoundError:
            return


class ChromaIndex:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def count(self) -> int:
        return self._collection.count()

    def replace(
        self, article_ids: Sequence[str], refs: Sequence[ChunkRef], vectors: Sequence[Vector]
    ) -> None:
        """Make these the only chunks of these articles: new ones written, stale tails deleted."""
        from chromadb.errors import ChromaError

        try:
            for start in range(0, len(refs), _BATCH_SIZE):
                batch = refs[start : start + _BATCH_SIZE]
                self._collection.upsert(
                    ids=[_to_id(ref) for ref in batch],
                    embeddings=np.asarray(vectors[start : start + _BATCH_SIZE]),
                    metadatas=[{"article_id": ref.article_id} for ref in batch],
                )
            kept = {_to_id(ref) for ref in refs}
            stale = [found for found in self._ids_of(article_ids) if found not in kept]
            for start in range(0, len(stale), _BATCH_SIZE):
                self._collection.delete(ids=stale[start : start + _BATCH_SIZE])
        except (ChromaError, OSError) as error:
            raise StorageError(
                f"the vector index cannot be written ({error}): free some disk space or check "
                "the Chroma server, then run the same command again"
            ) from error

    def search(self, vector: Vector, limit: int) -> tuple[Hit, ...]:
        """The nearest chunks by cosine similarity, best first."""
        found = self._collection.query(
            query_embeddings=[vector.tolist()], n_results=limit, include=["distances"]
        )
        distances = found["distances"]
        assert distances is not None
        return tuple(
            Hit(read_chunk_ref(record), 1.0 - distance)
            for record, distance in zip(found["ids"][0], distances[0], strict=True)
        )

    def score(self, vector: Vector, refs: Sequence[ChunkRef], limit: int) -> tuple[Hit, ...]:
        """The nearest of the named chunks, scored exactly; for windows too narrow for `search`."""
        hits: list[Hit] = []
        for start in range(0, len(refs), _BATCH_SIZE):
            found = self._collection.get(
                ids=[_to_id(ref) for ref in refs[start : start + _BATCH_SIZE]],
                include=["embeddings"],
            )
            stored = found["embeddings"]
            if not found["ids"] or stored is None:
                continue
            scores = np.asarray(stored, dtype=np.float32) @ vector
            hits.extend(
                Hit(read_chunk_ref(record), float(score))
                for record, score in zip(found["ids"], scores, strict=True)
            )
        return tuple(sorted(hits, key=lambda hit: hit.score, reverse=True)[:limit])

    def _ids_of(self, article_ids: Sequence[str]) -> list[str]:
        found: list[str] = []
        for start in range(0, len(article_ids), _BATCH_SIZE):
            named: Any = {"article_id": {"$in": [*article_ids[start : start + _BATCH_SIZE]]}}
            stored = self._collection.get(where=named, include=[])
            found.extend(stored["ids"])
        return found


def collection_name(generation_id: int) -> str:
    """Of a generation's collection."""
    return f"chunks-{generation_id}"


def _to_id(ref: ChunkRef) -> str:
    """All that a hit needs: reading metadata of 200 hits takes Chroma three times the search."""
    return f"{ref.chunk_id}@{ref.revision}"


def read_chunk_ref(record: str) -> ChunkRef:
    """From the id of a record."""
    chunk_id, _, revision = record.rpartition("@")
    article_id, _, ordinal = chunk_id.rpartition("#")
    return ChunkRef(article_id, int(ordinal), int(revision))
