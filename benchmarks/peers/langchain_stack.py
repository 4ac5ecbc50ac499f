"""LangChain: RecursiveCharacterTextSplitter, HuggingFaceEmbeddings, Chroma."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib.metadata import version

from beir_files import TOP_K, CorpusArticle, measure, model_folder
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter


class LangChainStack:
    def __init__(self, home: str) -> None:
        self._store = Chroma(
            embedding_function=HuggingFaceEmbeddings(model_name=model_folder()),
            persist_directory=home,
        )

    def ingest(self, articles: Sequence[CorpusArticle]) -> None:
        documents = [
            Document(
                page_content=f"{article.title}\n\n{article.text}",
                metadata={
                    "doc_id": article.doc_id,
                    "source": article.source,
                    "published_at": article.published_at,
                },
            )
            for article in articles
        ]
        self._store.add_documents(RecursiveCharacterTextSplitter().split_documents(documents))

    def retrieve(self, text: str) -> list[str]:
        found = self._store.similarity_search(text, k=TOP_K)
        return [document.metadata["doc_id"] for document in found]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        measure("langchain", version("langchain-core"), LangChainStack(home))
