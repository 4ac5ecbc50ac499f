"""txtai: an Embeddings database with content; it does not split, so that an article is one row."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from beir_files import TOP_K, CorpusArticle, measure, model_folder
from txtai import Embeddings


class TxtaiStack:
    def __init__(self) -> None:
        self._embeddings = Embeddings(path=model_folder(), content=True)

    def ingest(self, articles: Sequence[CorpusArticle]) -> None:
        self._embeddings.index(
            (
                article.doc_id,
                {
                    "text": f"{article.title}\n\n{article.text}",
                    "source": article.source,
                    "published_at": article.published_at,
                },
            )
            for article in articles
        )

    def retrieve(self, text: str) -> list[str]:
        return [found["id"] for found in self._embeddings.search(text, TOP_K)]


if __name__ == "__main__":
    measure("txtai", version("txtai"), TxtaiStack())
