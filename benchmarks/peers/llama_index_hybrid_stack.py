"""llama-index, hybrid: its vector and BM25 retrievers under a QueryFusionRetriever."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib.metadata import version

from beir_files import TOP_K, CorpusArticle, measure
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.retrievers.bm25 import BM25Retriever
from llama_index_stack import LlamaIndexStack, build_documents


class LlamaIndexHybridStack(LlamaIndexStack):
    def ingest(self, articles: Sequence[CorpusArticle]) -> None:
        # Split here, because BM25 needs the nodes, and with Chroma the index keeps none.
        nodes = SentenceSplitter().get_nodes_from_documents(build_documents(articles))
        index = VectorStoreIndex(
            nodes,
            storage_context=StorageContext.from_defaults(vector_store=self._vectors),
            embed_model=self._embedder,
        )
        self._retriever = QueryFusionRetriever(
            [
                index.as_retriever(similarity_top_k=TOP_K),
                BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=TOP_K),
            ],
            llm=MockLLM(),  # never asked: it would write further queries, of which there are none
            num_queries=1,
            similarity_top_k=TOP_K,
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        stack = LlamaIndexHybridStack(home)
        measure("llama_index_hybrid", version("llama-index-core"), stack)
