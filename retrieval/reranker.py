"""A second look at the first passages, by a cross-encoder that somebody names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from retrieval.errors import EmbeddingModelError
from retrieval.fusion import scale
from retrieval.schema import Passage

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

# What a cross-encoder says of a passage is worth as much as what ranked it: it knows nothing of
# days and of sources.
_SHARE = 0.5


class Reranker(Protocol):
    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers; higher is better, on a scale of its own."""
        ...


class CrossEncoderReranker:
    def __init__(self, model: CrossEncoder) -> None:
        self._model = model

    @classmethod
    def load(cls, name: str) -> CrossEncoderReranker:
        """A sentence-transformers cross-encoder by name or folder. Raises EmbeddingModelError."""
        from sentence_transformers import CrossEncoder

        try:
            return cls(CrossEncoder(name))
        except (OSError, ValueError, RuntimeError) as error:
            raise EmbeddingModelError(
                f"cannot load the cross-encoder {name!r}: check the name or the folder in "
                "retrieval.reranker, or leave it unset"
            ) from error

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        pairs = [(query, text) for text in texts]
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)]


def rerank(reranker: Reranker, query: str, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages in their new order; scores stay between 0 and 1."""
    texts = [f"{passage.article.title}. {passage.text}" for passage in passages]
    judged = scale(reranker.score(query, texts)) if passages else []
    ranked = sorted(
        (
            replace(passage, score=(1 - _SHARE) * passage.score + _SHARE * score)
            for passage, score in zip(passages, judged, strict=True)
        ),
        key=lambda passage: (-passage.score, passage.rank),
    )
    return tuple(replace(passage, rank=rank) for rank, passage in enumerate(ranked, 1))
