"""A second look by a cross-encoder: a real one, made here from the bundled weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from retrieval.embedder import bundled_folder
from retrieval.errors import EmbeddingModelError
from retrieval.reranker import CrossEncoderReranker, rerank
from retrieval.schema import Chunk, Passage
from tests.bot.factories import open_shelf
from tests.factories import make_article

TEXTS = ("Ice closed the harbour.", "A tug broke the ice at noon.", "The mayor spoke of schools.")
ARTICLES = tuple(
    make_article(title=f"Number {number}", text=text, url=f"https://example.org/{number}")
    for number, text in enumerate(TEXTS)
)


class OverlapReranker:
    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        asked = set(query.casefold().split())
        return [10.0 * len(asked & set(text.casefold().split())) - 5.0 for text in texts]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head of random numbers on the bundled network, as sentence-transformers keeps it."""
    from sentence_transformers import CrossEncoder

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("cross-encoder")
    CrossEncoder(str(bundled_folder()), num_labels=1, device="cpu").save_pretrained(str(path))
    return path


def passages() -> list[Passage]:
    return [
        Passage(article, Chunk(0, 0, len(article.text), ((0, len(article.text)),)), score, rank,
                (0.5,))
        for rank, (article, score) in enumerate(zip(ARTICLES, (1.0, 0.8, 0.1), strict=True), 1)
    ]  # fmt: skip


def test_half_of_what_counts_is_the_cross_encoder_s() -> None:
    found = rerank(OverlapReranker(), "when did a tug break the ice", passages())
    assert [each.article.title for each in found] == ["Number 1", "Number 0", "Number 2"]
    assert [each.rank for each in found] == [1, 2, 3]
    # 2, 4 and 1 words are shared: scaled 1/3, 1 and 0.
    assert [each.score for each in found] == pytest.approx([0.9, 0.5 + 0.5 / 3, 0.05])


def test_what_it_cannot_tell_apart_stays_in_order() -> None:
    same = [replace(each, score=0.5) for each in passages()]
    assert [each.article.title for each in rerank(OverlapReranker(), "zebra", same)] == [
        "Number 0",
        "Number 1",
        "Number 2",
    ]
    assert rerank(OverlapReranker(), "zebra", []) == ()


def test_a_named_cross_encoder_reads_each_passage_with_the_question(folder: Path) -> None:
    scores = CrossEncoderReranker.load(str(folder)).score("Who broke the ice?", TEXTS)
    assert len(scores) == 3
    assert len(set(scores)) == 3


def test_a_retriever_that_has_one_asks_it(tmp_path: Path) -> None:
    with open_shelf(tmp_path, *ARTICLES) as shelf:
        plain = shelf.retriever.retrieve("ice harbour")
        second = replace(shelf.retriever, reranker=OverlapReranker()).retrieve("ice harbour")
    assert {each.article.title for each in second} == {each.article.title for each in plain}
    assert [each.score for each in second] != [each.score for each in plain]


def test_one_that_cannot_be_loaded_says_which_setting_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelError, match=r"retrieval\.reranker"):
        CrossEncoderReranker.load(str(tmp_path / "nothing"))
