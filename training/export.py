"""Write the trained network as ONNX in 8 bits."""

from __future__ import annotations

import hashlib
import tempfile
from copy import deepcopy
from pathlib import Path

import torch
from torch import nn

INPUTS = ("input_ids", "token_type_ids", "attention_mask")
_WORDS = "bert.embeddings.word_embeddings"


class _ByteEmbedding(nn.Module):
    """An embedding in 8 bits with a scale a row: one scale for all costs accuracy."""

    def __init__(self, exact: nn.Embedding) -> None:
        super().__init__()
        weights = exact.weight.data
        scales = weights.abs().amax(dim=1, keepdim=True).clamp_min(1e-9) / 127
        self.register_buffer("scales", scales)
        self.register_buffer("numbers", torch.round(weights / scales).to(torch.int8))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        look_up = nn.functional.embedding
        return look_up(ids, self.get_buffer("numbers")).float() * look_up(
            ids, self.get_buffer("scales")
        )


def write_onnx(network: nn.Module, path: Path) -> str:
    """The network with its weights in 8 bits; returns the file's sha256."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    small = deepcopy(network).eval()
    words = small.get_submodule(_WORDS)
    assert isinstance(words, nn.Embedding)
    small.set_submodule(_WORDS, _ByteEmbedding(words))
    example = torch.ones((2, 16), dtype=torch.int64)
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        exact = Path(folder) / "exact.onnx"
        torch.onnx.export(
            small,
            (example,) * len(INPUTS),
            str(exact),
            input_names=list(INPUTS),
            output_names=["logits"],
            dynamic_axes={name: {0: "passages", 1: "tokens"} for name in (*INPUTS, "logits")},
            dynamo=False,
        )
        path.parent.mkdir(exist_ok=True)
        quantize_dynamic(
            exact,
            path,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul"],
        )
    return hashlib.sha256(path.read_bytes()).hexdigest()
