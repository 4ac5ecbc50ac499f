"""The retriever over real indexes, with the keyword embedder."""

from __future__ import annotations

from datetime import UTC, datetime

from ingest.indexer import Indexer
from retrieval.indexes import Indexes
from retrieval.opening import Library, build_retriever
from retrieval.schema import Filters, Window
from tests.factories import make_article, put_article


def test_retriever_finds_the_article_that_shares_the_query_s_words(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_article(library.archive, make_article())
    other = make_article(
        title="Cables cut",
        text="A cable on the sea floor between Finland and Estonia was cut by a tanker's anchor.",
        url="https://example.org/cables",
    )
    put_article(library.archive, other)
    indexer.catch_up(indexes)
    passages = build_retriever(library, indexes).retrieve("Who cut the cable to Estonia?")
    assert passages[0].article.title == "Cables cut"
    assert passages[0].rank == 1


def test_retriever_leaves_out_what_was_published_after_as_of(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_article(library.archive, make_article())
    indexer.catch_up(indexes)
    retriever = build_retriever(library, indexes)
    window = Window(as_of=datetime(2025, 6, 24, tzinfo=UTC))
    assert retriever.retrieve("Where did leaders meet?", Filters(window)) == ()
    assert retriever.retrieve("Where did leaders meet?") != ()
