"""llama-index: VectorStoreIndex over Chroma, SentenceSplitter, metadata embedded with the text."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib.metadata import version

import chromadb
from beir_files import TOP_K, CorpusArticle, measure, model_folder
from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore


class LlamaIndexStack:
    _retriever: BaseRetriever

    def __init__(self, home: str) -> None:
        collection = chromadb.PersistentClient(path=home).get_or_create_collection("quickstart")
        self._vectors = ChromaVectorStore(chroma_collection=collection)
        self._embedder = HuggingFaceEmbedding(model_name=model_folder())

    def ingest(self, articles: Sequence[CorpusArticle]) -> None:
        index = VectorStoreIndex.from_documents(
            build_documents(articles),
            storage_context=StorageContext.from_defaults(vector_store=self._vectors),
            embed_model=self._embedder,
        )
        self._retriever = index.as_retriever(similarity_top_k=TOP_K)

    def retrieve(self, text: str) -> list[str]:
        return [found.node.ref_doc_id or "" for found in self._retriever.retrieve(text)]


def build_documents(articles: Sequence[CorpusArticle]) -> list[Document]:
    return [
        Document(
            id_=article.doc_id,
            text=article.text,
            metadata={
                "title": article.title,
                "source": article.source,
                "published_at": article.published_at,
            },
        )
        for article in articles
    ]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        measure("llama_index", version("llama-index-core"), LlamaIndexStack(home))
