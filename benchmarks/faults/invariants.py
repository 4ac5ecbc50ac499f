"""What must be true of a cluster at rest: the archive holds all that was acknowledged, word for
word, and Chroma and the lexical index of every replica hold exactly the archive's chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.faults.articles import KnownArticle
from benchmarks.faults.asking import Asked
from benchmarks.faults.cluster import REPLICAS, Cluster
from benchmarks.homes import (
    check_completeness,
    check_revisions,
    check_searches,
    read_lexical,
    read_vectors,
)
from retrieval.chroma_client import connect, disconnect
from retrieval.generations import Generation
from retrieval.opening import Library, open_library
from retrieval.schema import Article, ChunkRef, Filters
from retrieval.vectors import collection_name, read_chunk_ref


def find_faults(cluster: Cluster, *, thorough: bool = False) -> tuple[str, ...]:
    """A line each, none where all agree. `thorough` also looks every vector up."""
    with open_library(cluster.settings) as library:
        generation = library.generations.active()
        if generation is None:
            return ("nothing is indexed",)
        return tuple(_check(cluster, library, generation, thorough))


def find_lost(cluster: Cluster, acknowledged: Iterable[KnownArticle]) -> tuple[str, ...]:
    """Acknowledged articles that are not in the archive as they were sent."""
    with open_library(cluster.settings) as library:
        stored = {article.url: article for article in library.archive}
    return tuple(
        f"{known.url} was acknowledged and is not there as it was sent"
        for known in acknowledged
        if known.url not in stored or stored[known.url].text != known.text
    )


def find_wrong(cluster: Cluster, asked: Sequence[Asked]) -> tuple[str, ...]:
    """Answers whose citations are not the archive's words, that miss the fact which is known, or
    that quote what was published after the day they were asked as of."""
    with open_library(cluster.settings) as library:
        articles = {article.article_id: article for article in library.archive}
    return tuple(wrong for each in asked for wrong in _check_answer(each, articles))


def _check(
    cluster: Cluster, library: Library, generation: Generation, thorough: bool
) -> Iterator[str]:
    articles = {article.article_id: article for article in library.archive}
    refs = library.generations.list_chunks(generation, Filters())
    if (latest := library.archive.latest_revision()) != generation.checkpoint:
        yield f"the archive is at revision {latest}, the vectors at {generation.checkpoint}"
    client = connect(cluster.settings)
    try:
        collection = client.get_collection(
            collection_name(generation.generation_id), embedding_function=None
        )
        if thorough:
            stored = read_vectors(collection)
            yield from check_searches(collection, stored)
            vectors = tuple(stored)
        else:
            vectors = tuple(map(read_chunk_ref, collection.get(include=[])["ids"]))
    finally:
        disconnect(client)
    kept: dict[str, Sequence[ChunkRef]] = {"chunks": refs, "vectors": vectors}
    for name in REPLICAS:
        folder = cluster.home(name) / "lexical" / str(generation.generation_id)
        if folder.is_dir():
            kept[f"words of {name}"] = read_lexical(folder)
        elif name != "indexer":
            yield f"{name} has no lexical index"
    yield from check_revisions(articles, kept)
    yield from check_completeness(articles, kept)


def _check_answer(asked: Asked, articles: Mapping[str, Article]) -> Iterator[str]:
    if asked.answer is None or asked.declined:
        return
    told = f"{asked.article.question!r} ({asked.kind}): {asked.answer['answer']!r}"
    for citation in asked.answer["citations"]:
        yield from (f"{told} {problem}" for problem in _check_citation(asked, citation, articles))
    if asked.kind == "known" and not asked.has_fact:
        yield f"{told} does not quote {asked.article.fact} first"
    if asked.kind == "too early" and asked.article.fact in str(asked.answer["answer"]):
        yield f"{told} tells what was not published yet"


def _check_citation(
    asked: Asked, citation: Mapping[str, Any], articles: Mapping[str, Article]
) -> Iterator[str]:
    article = articles.get(citation["article_id"])
    if article is None:
        yield "quotes an article that is not in the archive"
    elif article.text[citation["start"] : citation["end"]] != citation["quote"]:
        yield "quotes what is not the article's words"
    elif asked.kind == "too early" and (
        article.published_at is None
        or article.published_at.date() >= asked.article.published_at.date()
    ):
        yield "quotes what was published after the day it was asked as of"
