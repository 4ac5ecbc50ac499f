"""What a home holds, so that two homes can be compared: the archive and all that derives from it.

Chroma and Tantivy are listed by themselves, past the code that filters what is stale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tantivy
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from sqlalchemy import Connection, func, select

from retrieval.chroma_client import connect, disconnect
from retrieval.embedder import Vector
from retrieval.generations import Generation
from retrieval.indexes import hold_indexes
from retrieval.lexical import TantivyIndex
from retrieval.opening import Library, open_library
from retrieval.schema import Article, Chunk, ChunkRef, Filters
from retrieval.settings import RetrievalSettings
from retrieval.tables import chunks, story_bands, tombstones
from retrieval.vectors import collection_name, read_chunk_ref

# Two runs pad their batches otherwise, which moves the 16-bit vectors a little.
_LEAST_COSINE = 0.99
_BATCH_SIZE = 500
_COPIES = 10


@dataclass(frozen=True, slots=True)
class Home:
    """The contents of a home that nothing uses, revisions apart; `faults` are wrong in any home.

    Articles are keyed by their ids, chunks by theirs. `stories` is who shares a story with whom:
    the id of a story tells how it came about.
    """

    articles: Mapping[str, Article]
    stories: Mapping[str, frozenset[str]]
    bands: Mapping[str, frozenset[int]]
    removed: frozenset[str]
    chunks: Mapping[str, Chunk]
    sentence_vectors: Mapping[str, Vector]
    vectors: Mapping[str, Vector]
    lexical: frozenset[str]
    found: Mapping[str, frozenset[str]]
    faults: tuple[str, ...]


def read_home(settings: RetrievalSettings, words: Iterable[str] = ()) -> Home:
    """`words` are looked up in the lexical index; which chunks have them is compared."""
    with (
        open_library(settings) as library,
        hold_indexes(settings, library.generations, timeout_s=0) as indexes,
        _open_chroma(settings) as chroma,
    ):
        # As whoever asks does: a kill may have come between the chunks and their words.
        indexes.follow_words(library.archive)
        generation = library.generations.active()
        if generation is None:
            raise ValueError(f"nothing was ever indexed in {settings.home}")
        return _read(library, chroma, generation, words)


def find_differences(expected: Home, home: Home) -> tuple[str, ...]:
    """What is otherwise than expected, a line each; the faults of both homes among it."""
    return (
        *(f"undisturbed: {fault}" for fault in expected.faults),
        *home.faults,
        *_compare("article", expected.articles, home.articles),
        *_compare("story of article", expected.stories, home.stories),
        *_compare("bands of article", expected.bands, home.bands),
        *_compare("removed article", _keyed(expected.removed), _keyed(home.removed)),
        *_compare("chunk", expected.chunks, home.chunks),
        *_compare("words of chunk", _keyed(expected.lexical), _keyed(home.lexical)),
        *_compare("chunks found by", expected.found, home.found),
        *_compare_vectors("vector of chunk", expected.vectors, home.vectors),
        *_compare_vectors(
            "sentence vectors of chunk", expected.sentence_vectors, home.sentence_vectors
        ),
    )


def least_cosine(expected: Mapping[str, Vector], home: Mapping[str, Vector]) -> float:
    """Of the vectors that both have."""
    return min((_cosine(expected[key], home[key]) for key in expected.keys() & home), default=1.0)


def _read(
    library: Library, chroma: ClientAPI, generation: Generation, words: Iterable[str]
) -> Home:
    articles = {article.article_id: article for article in library.archive}
    refs = library.generations.list_chunks(generation, Filters())
    stored = _read_chunks(library, generation, refs)
    name = collection_name(generation.generation_id)
    collection = chroma.get_collection(name, embedding_function=None)
    vectors = read_vectors(collection)
    lexical_folder = library.settings.home / "lexical" / str(generation.generation_id)
    lexical = read_lexical(lexical_folder)
    kept = {"chunks": refs, "vectors": tuple(vectors), "words": lexical}
    return Home(
        articles={key: replace(a, revision=0, story_id="") for key, a in articles.items()},
        stories=_read_stories(articles.values()),
        bands=_read_bands(library),
        removed=_read_removed(library),
        chunks={ref.chunk_id: chunk for ref, (chunk, _) in stored.items()},
        sentence_vectors={ref.chunk_id: rows for ref, (_, rows) in stored.items()},
        vectors={ref.chunk_id: vector for ref, vector in vectors.items()},
        lexical=frozenset(ref.chunk_id for ref in lexical),
        found=_look_up(words, TantivyIndex.open(lexical_folder)),
        faults=(
            *_check_archive(library, generation),
            *_check_leftovers(library, chroma, generation),
            *check_revisions(articles, kept),
            *check_completeness(articles, kept),
            *check_searches(collection, vectors),
        ),
    )


def _compare(
    what: str, expected: Mapping[str, Hashable], found: Mapping[str, Hashable]
) -> Iterator[str]:
    yield from _compare_keys(what, expected.keys(), found.keys())
    for key in sorted(expected.keys() & found.keys()):
        if expected[key] != found[key]:
            yield f"{what} {key} differs"


def _compare_vectors(
    what: str, expected: Mapping[str, Vector], found: Mapping[str, Vector]
) -> Iterator[str]:
    yield from _compare_keys(what, expected.keys(), found.keys())
    for key in sorted(expected.keys() & found.keys()):
        if (cosine := _cosine(expected[key], found[key])) < _LEAST_COSINE:
            yield f"{what} {key} differs: cosine {cosine:.3f}"


def _compare_keys(what: str, expected: Iterable[str], found: Iterable[str]) -> Iterator[str]:
    yield from (f"{what} {key} is missing" for key in sorted({*expected} - {*found}))
    yield from (f"{what} {key} is one too many" for key in sorted({*found} - {*expected}))


def _keyed(names: Iterable[str]) -> dict[str, bool]:
    return dict.fromkeys(names, True)


def _cosine(some: Vector, other: Vector) -> float:
    """The least of the rows; unit vectors, as all that are stored."""
    if some.shape != other.shape:
        return 0.0
    return float((some * other).sum(axis=-1).min(initial=1.0))


def _read_stories(articles: Iterable[Article]) -> dict[str, frozenset[str]]:
    carriers: defaultdict[str, set[str]] = defaultdict(set)
    for article in articles:
        carriers[article.story_id].add(article.article_id)
    return {key: frozenset(together) for together in carriers.values() for key in together}


def _read_bands(library: Library) -> dict[str, frozenset[int]]:
    bands: defaultdict[str, set[int]] = defaultdict(set)
    with library.database.read() as connection:
        for row in connection.execute(select(story_bands)):
            bands[row.article_id].add(row.band)
    return {key: frozenset(found) for key, found in bands.items()}


def _read_removed(library: Library) -> frozenset[str]:
    with library.database.read() as connection:
        return frozenset(connection.execute(select(tombstones.c.article_id)).scalars())


def _read_chunks(
    library: Library, generation: Generation, refs: tuple[ChunkRef, ...]
) -> dict[ChunkRef, tuple[Chunk, Vector]]:
    stored: dict[ChunkRef, tuple[Chunk, Vector]] = {}
    for start in range(0, len(refs), _BATCH_SIZE):
        batch = refs[start : start + _BATCH_SIZE]
        stored |= library.generations.read_chunks(generation, batch)
    return stored


@contextmanager
def _open_chroma(settings: RetrievalSettings) -> Iterator[ClientAPI]:
    client = connect(settings)
    try:
        yield client
    finally:
        disconnect(client)


def read_vectors(collection: Collection) -> dict[ChunkRef, Vector]:
    found = collection.get(include=["embeddings"])
    embeddings = found["embeddings"]
    vectors = np.asarray([] if embeddings is None else embeddings, dtype=np.float32)
    return dict(zip(map(read_chunk_ref, found["ids"]), vectors, strict=True))


def read_lexical(folder: Path) -> tuple[ChunkRef, ...]:
    searcher = tantivy.Index.open(str(folder)).searcher()
    hits = searcher.search(tantivy.Query.all_query(), limit=max(searcher.num_docs, 1)).hits
    stored = [searcher.doc(address).to_dict() for _, address in hits]
    return tuple(
        ChunkRef(of["article_id"][0], of["ordinal"][0], of["revision"][0]) for of in stored
    )


def _look_up(words: Iterable[str], index: TantivyIndex) -> dict[str, frozenset[str]]:
    limit = max(index.count(), 1)
    return {
        word: frozenset(hit.ref.chunk_id for hit in index.search(word, limit)) for word in words
    }


def _check_archive(library: Library, generation: Generation) -> Iterator[str]:
    with library.database.read() as connection:
        if connection.dialect.name == "sqlite":
            yield from _check_sqlite(connection)
        rows = connection.execute(select(func.count()).select_from(chunks)).scalar_one()
    if (alive := library.generations.count_chunks(generation)) != rows:
        yield f"{rows - alive} chunks belong to no article or to no active generation"
    if (latest := library.archive.latest_revision()) != generation.checkpoint:
        yield f"the archive is at revision {latest}, the indexes at {generation.checkpoint}"


def _check_sqlite(connection: Connection) -> Iterator[str]:
    verdict = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    if verdict != "ok":
        yield f"the archive is damaged: {verdict}"
    if dangling := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        yield f"{len(dangling)} rows of the archive belong to nothing"


def _check_leftovers(library: Library, chroma: ClientAPI, generation: Generation) -> Iterator[str]:
    """Whatever an interrupted process made and nobody took away."""
    folder = library.settings.home
    number = str(generation.generation_id)
    for left in library.generations.inactive():
        yield f"generation {left.generation_id} was left behind"
    for collection in chroma.list_collections():
        if collection.name != collection_name(generation.generation_id):
            yield f"collection {collection.name} was left behind"
    for path in (folder / "lexical").iterdir():
        if path.name != number:
            yield f"{path} was left behind"
    models = [path for path in (folder / "models").glob("*") if path.is_dir()]
    if len(models) > 1:
        yield f"{len(models) - 1} half-written copies of the model were left behind"


def check_revisions(
    articles: Mapping[str, Article], kept: Mapping[str, Iterable[ChunkRef]]
) -> Iterator[str]:
    for name, refs in kept.items():
        listed = list(refs)
        current = [
            ref
            for ref in listed
            if ref.article_id in articles and articles[ref.article_id].revision == ref.revision
        ]
        if len(current) != len(listed):
            yield f"{name}: {len(listed) - len(current)} are not of the archive's revision"
        if len({ref.chunk_id for ref in listed}) != len(listed):
            yield f"{name}: a chunk is there twice"


def check_completeness(
    articles: Iterable[str], kept: Mapping[str, Iterable[ChunkRef]]
) -> Iterator[str]:
    everywhere = set().union(*kept.values())
    for name, refs in kept.items():
        if missing := everywhere - set(refs):
            yield f"{name}: {len(missing)} are missing that are elsewhere"
    if unindexed := {*articles} - {ref.article_id for ref in everywhere}:
        yield f"{len(unindexed)} articles are not indexed"


def check_searches(collection: Collection, vectors: Mapping[ChunkRef, Vector]) -> Iterator[str]:
    """Whether the graph that Chroma searches leads to every chunk."""
    listed = list(vectors.items())
    for start in range(0, len(listed), _BATCH_SIZE):
        batch = listed[start : start + _BATCH_SIZE]
        found = collection.query(
            query_embeddings=[vector.tolist() for _, vector in batch],
            n_results=min(_COPIES, len(listed)),
            include=[],
        )
        for (ref, _), ids in zip(batch, found["ids"], strict=True):
            if ref not in map(read_chunk_ref, ids):
                yield f"chunk {ref.chunk_id} is not found by its own vector"
