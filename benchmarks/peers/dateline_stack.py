"""Dateline: its own pipeline, its own retriever, no time information beyond the corpus."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from beir_files import ADDRESS, TOP_K, CorpusArticle, json_line, measure

from ingest.indexer import Indexer
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.indexes import Indexes, hold_indexes
from retrieval.opening import Library, build_retriever, open_library
from retrieval.retriever import Retriever
from retrieval.settings import RetrievalSettings


@dataclass
class DatelineStack:
    library: Library
    indexes: Indexes

    def ingest(self, articles: Sequence[CorpusArticle]) -> None:
        corpus = self.library.settings.home / "corpus.jsonl"
        corpus.write_text("".join(map(json_line, articles)), encoding="utf-8")
        report = archive_articles([str(corpus)], self.library, IngestSettings(), lambda _: None)
        if report.failed:
            raise ValueError(report.failed[0])
        Indexer(self.library).catch_up(self.indexes)

    def retrieve(self, text: str) -> list[str]:
        passages = self._retriever.retrieve(text, top_k=TOP_K)
        return [(passage.article.url or "").removeprefix(ADDRESS) for passage in passages]

    @cached_property
    def _retriever(self) -> Retriever:
        return build_retriever(self.library, self.indexes)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        settings = RetrievalSettings.load().model_copy(
            update={"home": Path(home), "archive_url": None, "chroma_url": None}
        )
        with (
            open_library(settings) as library,
            hold_indexes(settings, library.generations) as indexes,
        ):
            library.embedder.count_tokens(["Loads the weights."])
            measure("dateline", version("dateline"), DatelineStack(library, indexes))


if __name__ == "__main__":
    main()
