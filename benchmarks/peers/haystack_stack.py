"""Haystack: DocumentSplitter, sentence-transformers embedders, the in-memory store."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from beir_files import TOP_K, CorpusArticle, measure, model_folder
from haystack import Document, Pipeline
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


class HaystackStack:
    def __init__(self) -> None:
        store = InMemoryDocumentStore()
        self._indexing = Pipeline()
        self._indexing.add_component("splitter", DocumentSplitter())
        self._indexing.add_component(
            "embedder",
            SentenceTransformersDocumentEmbedder(model=model_folder(), progress_bar=False),
        )
        self._indexing.add_component("writer", DocumentWriter(store))
        self._indexing.connect("splitter", "embedder")
        self._indexing.connect("embedder", "writer")
        self._indexing.warm_up()

        self._querying = Pipeline()
        self._querying.add_component(
            "embedder", SentenceTransformersTextEmbedder(model=model_folder(), progress_bar=False)
        )
        self._querying.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=TOP_K))
        self._querying.connect("embedder.embedding", "retriever.query_embedding")
        self._querying.warm_up()

    def ingest(self, articles: Sequence[CorpusArticle]) -> None:
        documents = [
            Document(
                content=f"{article.title}\n\n{article.text}",
                meta={
                    "doc_id": article.doc_id,
                    "source": article.source,
                    "published_at": article.published_at,
                },
            )
            for article in articles
        ]
        self._indexing.run({"splitter": {"documents": documents}})

    def retrieve(self, text: str) -> list[str]:
        found = self._querying.run({"embedder": {"text": text}})
        return [document.meta["doc_id"] for document in found["retriever"]["documents"]]


if __name__ == "__main__":
    measure("haystack", version("haystack-ai"), HaystackStack())
