"""Vectors that were made elsewhere, as the indexer asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ingest.embedding_ahead import EmbedderAhead, Row
from retrieval.embedder import ChunkText
from tests.fakes import KeywordEmbedder


def make_texts(*words: str) -> list[ChunkText]:
    return [ChunkText(word, ((0, len(word)),)) for word in words]


def make_row(*words: str) -> Row:
    texts = make_texts(*words)
    return {texts[i]: vectors for i, vectors in KeywordEmbedder().embed_chunks(texts)}


def embed(ahead: EmbedderAhead, texts: Sequence[ChunkText]) -> None:
    """Each text gets its own vector."""
    vectors = dict(ahead.embed_chunks(texts))
    assert sorted(vectors) == list(range(len(texts)))
    for i, text in enumerate(texts):
        assert np.array_equal(vectors[i].vector, KeywordEmbedder().embed_question(text.text))


def test_nothing_is_embedded_here_that_was_embedded_elsewhere() -> None:
    here = KeywordEmbedder()
    ahead = EmbedderAhead(here, iter([make_row("accord", "budget"), make_row("storm")]))
    embed(ahead, make_texts("budget", "accord"))
    embed(ahead, make_texts("storm"))
    assert here.embedded == []


def test_calls_may_be_cut_otherwise_than_the_rows() -> None:
    here = KeywordEmbedder()
    ahead = EmbedderAhead(here, iter([make_row("accord", "budget"), make_row("storm", "strike")]))
    embed(ahead, make_texts("accord"))
    embed(ahead, make_texts("budget", "storm"))
    embed(ahead, make_texts("strike"))
    assert here.embedded == []


def test_two_articles_of_the_same_words_share_one_vector() -> None:
    here = KeywordEmbedder()
    embed(EmbedderAhead(here, iter([make_row("accord")])), make_texts("accord", "accord"))
    assert here.embedded == []


def test_what_changed_meanwhile_is_embedded_here_and_few_rows_wait_for_it() -> None:
    here, given = KeywordEmbedder(), 0

    def give_rows() -> Iterator[Row]:
        nonlocal given
        for given in range(1, 101):
            yield make_row(f"story {given}")

    ahead = EmbedderAhead(here, give_rows())
    embed(ahead, make_texts("story 1", "changed"))
    assert here.embedded == ["changed"]
    assert given < 10
    for number in range(2, 101):
        embed(ahead, make_texts(f"story {number}"))
    assert here.embedded == ["changed"]


def test_all_is_embedded_here_where_nothing_was_elsewhere() -> None:
    here = KeywordEmbedder()
    embed(EmbedderAhead(here, iter(())), make_texts("accord", "budget"))
    assert here.embedded == ["accord", "budget"]
