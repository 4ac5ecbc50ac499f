"""The trained network as ONNX in 8 bits: written, and read again to train on."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import nn

from retrieval.models.reader import END, EVIDENCE, NOTHING, START

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
    # The only attention whose export keeps to operators that are quantised.
    small.get_submodule("bert").config._attn_implementation = "eager"  # type: ignore[union-attr]
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


def read_onnx(path: Path, weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of a file that `write_onnx` wrote, as they are named in torch, and those of
    `weights` for what it does not hold; a head that lacks columns starts with its first ones."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    found = {name: torch.tensor(values.copy()) for name, values in stored.items()}
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            number = node.input[1].removesuffix("_quantized")
            bias = _find_bias(node, users, stored)
            if bias is not None:
                exact = stored[node.input[1]].astype("float32") * stored[f"{number}_scale"]
                found[f"{bias.removesuffix('.bias')}.weight"] = torch.tensor(exact.T.copy())
    heads = (EVIDENCE, START, END, NOTHING, EVIDENCE, NOTHING)
    for name in ("head.weight", "head.bias"):
        if len(found[name]) == len(set(heads)):
            found[name] = found[name][list(heads)]
    return {
        name: found[name] if name in found and found[name].shape == exact.shape else exact
        for name, exact in weights.items()
    }


def _find_bias(node: Any, users: Mapping[str, Sequence[Any]], stored: Mapping[str, Any]) -> Any:
    """What is added behind a multiplication names the layer that it belongs to."""
    for _ in range(4):
        node = users[node.output[0]][0]
        for name in node.input if node.op_type == "Add" else ():
            if name in stored and name.endswith(".bias"):
                return name
    return None
