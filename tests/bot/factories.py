"""Values of answering to test with, and a shelf: an archive, its indexes and what reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.answering.answerer import Answerer, build_answerer
from bot.answering.llm import LLM
from bot.answering.schema import Abstention, Answer, Citation, Evidence
from bot.service import LocalService, build_local_service
from bot.settings import BotSettings
from ingest.chunking import split_sentences
from ingest.indexer import Indexer
from retrieval.indexes import Indexes, hold_indexes
from retrieval.opening import Library, build_retriever, open_library
from retrieval.retriever import Retriever
from retrieval.schema import Article, Chunk, Passage, Window
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder, OverlapReader
from tests.stores import make_settings, place_archive

ASKED_AT = datetime(2026, 3, 1, tzinfo=UTC)
QUOTE = "Mark Rutte chaired the talks."


@dataclass(frozen=True, slots=True)
class Shelf:
    """Articles put here are in the archive and in both indexes at once."""

    library: Library
    indexes: Indexes
    indexer: Indexer

    def put(self, *articles: Article) -> None:
        for article in articles:
            put_article(self.library.archive, article)
        self.indexer.catch_up(self.indexes)

    @property
    def retriever(self) -> Retriever:
        return build_retriever(self.library, self.indexes)

    @property
    def service(self) -> LocalService:
        return build_local_service(self.library, self.indexes, BotSettings())

    def build_answerer(self, llm: LLM | None = None, abstain_below: float = 0.25) -> Answerer:
        settings = BotSettings(abstain_below=abstain_below)
        return build_answerer(self.retriever, llm, settings, OverlapReader())


@contextmanager
def open_shelf(home: Path, *articles: Article) -> Iterator[Shelf]:
    """For tests that only read, and can share it."""
    settings = make_settings(home)
    place_archive(settings)
    with (
        open_library(settings, KeywordEmbedder()) as library,
        hold_indexes(library.settings, library.generations) as indexes,
    ):
        shelf = Shelf(library, indexes, Indexer(library))
        shelf.put(*articles)
        yield shelf


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_passage(
    article: Article | None = None,
    rank: int = 1,
    similarities: Sequence[float] | None = None,
    also_reported_by: Sequence[str] = (),
) -> Passage:
    """The whole article as one passage."""
    article = article or make_article()
    spans = tuple(span for _, span in split_sentences(article.text))
    return Passage(
        article=article,
        chunk=Chunk(0, spans[0][0], spans[-1][1], spans),
        score=1.0,
        rank=rank,
        sentence_similarities=tuple(similarities or [0.5] * len(spans)),
        also_reported_by=tuple(also_reported_by),
    )


def make_evidence(quote: str, passage: Passage | None = None) -> Evidence:
    passage = passage or make_passage()
    start = passage.article.text.index(quote)
    return Evidence(passage, start, start + len(quote), 0.9)


def make_citation(
    marker: int = 1,
    quote: str = QUOTE,
    title: str = "Allies meet in The Hague",
    url: str | None = "https://example.org/summit",
    source: str | None = "Meridian Wire",
    also_reported_by: Sequence[str] = (),
) -> Citation:
    return Citation(
        marker=marker,
        article_id="abc",
        title=title,
        url=url,
        source=source,
        published_at=datetime(2025, 6, 25, 16, 0, tzinfo=UTC),
        date_provenance="structured",
        quote=quote,
        start=0,
        end=len(quote),
        also_reported_by=tuple(also_reported_by),
    )


def make_answer(
    text: str = "Mark Rutte chaired the talks [1].",
    citations: Sequence[Citation] | None = None,
    abstention: Abstention | None = None,
    notes: Sequence[str] = (),
    window: Window = Window(),
) -> Answer:
    return Answer(
        answer_id="a1",
        question="Who chaired the talks?",
        text="" if abstention else text,
        abstention=abstention,
        citations=() if abstention else tuple(citations or [make_citation()]),
        window=window,
        newest_evidence_at=None if abstention else datetime(2025, 6, 25, 16, 0, tzinfo=UTC),
        notes=tuple(notes),
        confidence=0.83,
        mode="extractive",
        model=None,
        conversation_id=None,
        timings_ms={"retrieve": 9.0, "answer": 4.0},
    )
