"""Chunks through the model in torch: the part of ingestion that takes the time.

Texts of like length go together, so that little is padded; every core works on its own batch,
which costs less than sharing each multiplication; 16-bit floats where the hardware multiplies
them, if the vectors come out the same.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.embedder import ChunkText, ChunkVectors, Vector, normalise

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding, Tokenizer

# Measured on AMX: larger batches fall out of the caches, and attention over a length that is no
# multiple of 16 takes up to 1.7 times as long.
_BATCH_SIZE = 16
_GPU_BATCH_SIZE = 128
_LENGTH_MULTIPLE = 16
_MOST_WORKERS = 8
_LEAST_FIDELITY = 0.999
_FIDELITY_SENTENCES = (
    "The ministers signed the accord on Monday.",
    "Shares fell 3.4 % to 1,207.50 after the bank raised its rate by a quarter point.",
    "Wybory odbędą się 15 października, poinformował przewodniczący komisji.",
    "“We were not told,” said the mayor, whose town of 4,000 has been without water since May, "
    "when the pumping station flooded and the only road to the reservoir was washed away.",
    "QF-32; HTTP 404; €5bn; a/b; 12:30",
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Network:
    """`adds_mask` is for models in 16 bits: the mask of padding is added to the attention."""

    modules: torch.nn.Sequential
    adds_mask: bool = False


class ChunkEncoder:
    """`cores` is how many to keep busy, all of them if None."""

    def __init__(self, model: SentenceTransformer, cores: int | None = None) -> None:
        self.model = model
        self._cores = cores or _count_cores()

    def encode(self, texts: Sequence[ChunkText]) -> Iterator[tuple[int, ChunkVectors]]:
        """Vectors with the index of their text, longest texts first."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i].text), reverse=True)
        batches = [order[i : i + self._batch_size] for i in range(0, len(order), self._batch_size)]
        encoded = self._workers.map(lambda batch: self._encode([texts[i] for i in batch]), batches)
        for batch, vectors in zip(batches, encoded, strict=True):
            yield from zip(batch, vectors, strict=True)

    def encode_question(self, question: str) -> Vector:
        return normalise(np.asarray(self.model.encode(question), dtype=np.float32))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encodings = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def _encode(self, chunks: Sequence[ChunkText]) -> list[ChunkVectors]:
        encodings = self._tokenizer.encode_batch([chunk.text for chunk in chunks])
        states, vectors = self._run(self._network, encodings)
        pooled = _pool_sentences(states, encodings, chunks, vectors)
        return [ChunkVectors(*each) for each in zip(vectors, pooled, strict=True)]

    def _run(self, network: _Network, encodings: Sequence[Encoding]) -> tuple[Vector, Vector]:
        """Token states, shape (texts, tokens, d), and unit vectors, shape (texts, d)."""
        import torch

        device = next(network.modules.parameters()).device
        features: dict[str, Any] = {
            name: torch.from_numpy(column).to(device)
            for name, column in self._pad(encodings).items()
        }
        mask = features["attention_mask"]
        with torch.inference_mode():
            first, *rest = network.modules
            if network.adds_mask:
                # As attention adds it: made from ones and zeros in every layer, it costs 6 %.
                lowest = torch.finfo(torch.bfloat16).min
                features["attention_mask"] = ((1 - mask) * lowest).to(torch.bfloat16)[:, None, None]
            features = {**first(features), "attention_mask": mask}
            features["token_embeddings"] = features["token_embeddings"].float()
            for module in rest:
                features = module(features)
        return (
            features["token_embeddings"].cpu().numpy(),
            normalise(features["sentence_embedding"].float().cpu().numpy()),
        )

    def _pad(self, encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int64]]:
        longest = max(len(encoding) for encoding in encodings)
        limit = self.model.max_seq_length or longest
        length = max(longest, min(-longest // _LENGTH_MULTIPLE * -_LENGTH_MULTIPLE, limit))
        shape = (len(encodings), length)
        columns = {
            "input_ids": np.full(shape, self.model.tokenizer.pad_token_id or 0, dtype=np.int64),
            "attention_mask": np.zeros(shape, dtype=np.int64),
            "token_type_ids": np.zeros(shape, dtype=np.int64),
        }
        for row, encoding in enumerate(encodings):
            columns["input_ids"][row, : len(encoding)] = encoding.ids
            columns["attention_mask"][row, : len(encoding)] = 1
            columns["token_type_ids"][row, : len(encoding)] = encoding.type_ids
        return {name: columns[name] for name in columns if name in self._inputs}

    @cached_property
    def _inputs(self) -> Sequence[str]:
        names: list[str] = self.model.tokenizer.model_input_names
        return names

    @cached_property
    def _counter(self) -> Tokenizer:
        tokenizer = _copy_tokenizer(self.model)
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = _copy_tokenizer(self.model)
        if self.model.max_seq_length is not None:
            tokenizer.enable_truncation(self.model.max_seq_length)
        return tokenizer

    @cached_property
    def _network(self) -> _Network:
        """The model's modules, in 16-bit floats on hardware for them, if they are faithful."""
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
        exact = _Network(self.model if device == "cpu" else deepcopy(self.model).to(device))
        if not _has_fast_bfloat16():
            return exact
        fast = _Network(torch.nn.Sequential(*deepcopy(list(self.model))), adds_mask=True)
        fast.modules[0].to(torch.bfloat16)
        fast.modules.to(device)
        fidelity = self._compare(exact, fast)
        if fidelity >= _LEAST_FIDELITY:
            return fast
        _log.warning("16-bit floats change the vectors (cosine %.4f): running in 32", fidelity)
        return exact

    def _compare(self, exact: _Network, fast: _Network) -> float:
        """The least cosine of two vectors of one sentence; 0 for a model that cannot run fast."""
        encodings = self._tokenizer.encode_batch(list(_FIDELITY_SENTENCES))
        _, wanted = self._run(exact, encodings)
        try:
            _, given = self._run(fast, encodings)
        except (RuntimeError, TypeError, ValueError) as error:
            _log.info("this model does not run in 16-bit floats: %s", error)
            return 0.0
        return float((wanted * given).sum(axis=1).min())

    @cached_property
    def _batch_size(self) -> int:
        import torch

        return _GPU_BATCH_SIZE if torch.cuda.is_available() else _BATCH_SIZE

    @cached_property
    def _workers(self) -> Executor:
        """One a core, so that no core waits for another within a multiplication."""
        import torch

        # Made here: several workers must not make it at once.
        _ = self._network, self._tokenizer
        if torch.cuda.is_available():
            return ThreadPoolExecutor(1)
        workers = min(self._cores, _MOST_WORKERS)
        threads_each = max(self._cores // workers, 1)
        return ThreadPoolExecutor(
            workers, "encode", initializer=torch.set_num_threads, initargs=(threads_each,)
        )


def load_model(path: str) -> SentenceTransformer:
    """In 32-bit floats on the CPU. Raises OSError, ValueError or RuntimeError."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    # The library announces itself on stderr, where our own progress is shown.
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(path, device="cpu").eval()


def _count_cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _copy_tokenizer(model: SentenceTransformer) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    return tokenizer


def _has_fast_bfloat16() -> bool:
    """Whether the processor multiplies 16-bit floats in hardware: three times the speed there."""
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def _pool_sentences(
    states: Vector, encodings: Sequence[Encoding], chunks: Sequence[ChunkText], vectors: Vector
) -> list[Vector]:
    """The mean of each sentence's token states, normalised; the chunk's vector where it has none
    (a sentence cut off by the model's length limit)."""
    most = max(len(chunk.sentences) for chunk in chunks)
    pooled = np.empty((len(chunks), most, states.shape[2]), dtype=np.float32)
    pooled[:] = vectors[:, None]
    for row, (encoding, chunk) in enumerate(zip(encodings, chunks, strict=True)):
        offsets = np.asarray(encoding.offsets)
        # Special tokens have empty spans; between them both columns only grow.
        worded = np.flatnonzero(offsets[:, 1] > offsets[:, 0])
        starts, ends = offsets[worded, 0], offsets[worded, 1]
        spans = np.asarray(chunk.sentences).reshape(-1, 2)
        firsts = np.searchsorted(ends, spans[:, 0], side="right")
        lasts = np.searchsorted(starts, spans[:, 1], side="left")
        for sentence, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
            if first < last:
                # Token by token, not as a product of matrices: that would start threads of its own.
                pooled[row, sentence] = states[row, worded[first] : worded[last - 1] + 1].sum(
                    axis=0
                )
    pooled = normalise(pooled)
    return [pooled[row, : len(chunk.sentences)] for row, chunk in enumerate(chunks)]
