"""A question's vector from an ONNX copy of the model, without importing torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.embedder import Vector, normalise

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class NotExportable(Exception):
    """This model cannot be written as ONNX."""


def export_onnx(model: SentenceTransformer, folder: Path) -> None:
    """Write the weights and the tokenizer. Raises NotExportable or OSError."""
    import torch

    try:
        _export_weights(model, folder / "model.onnx")
    except (RuntimeError, TypeError, ValueError, torch.onnx.OnnxExporterError) as error:
        raise NotExportable(str(error)) from error
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.enable_truncation(model.max_seq_length)
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")


def load_onnx(folder: Path) -> Callable[[str], Vector]:
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    # Waiting threads would spin, and take the core that another question could have.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
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
        return normalise(np.asarray(vectors[0], dtype=np.float32))

    return encode


def _export_weights(model: SentenceTransformer, path: Path) -> None:
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
            Encoder().eval(),
            tuple(features[name] for name in names),
            str(path),
            input_names=names,
            output_names=["vector"],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names},
            dynamo=False,
        )
