"""Train the evidence ranker from the bundled embedding model, and write it as ONNX in 8 bits.

    python -m training.evidence_ranker --news FOLDER --held-out FILE --clapnq FILE… --timeqa FILE

Some 65 minutes on two cores that multiply 16-bit floats; `training/README.md` has the recipe
and the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import distributed as workers
from torch import nn
from torch.multiprocessing.spawn import spawn
from transformers import BertConfig, BertModel

from retrieval.embedder import bundled_folder
from retrieval.evidence_ranker import (
    MOST_TOKENS,
    WEIGHTS,
    find_sentence,
    load_tokenizer,
    locate_tokens,
)
from training.examples import (
    Example,
    Label,
    Reading,
    read_clapnq,
    read_headlines,
    read_near_misses,
    read_news,
    read_timeqa,
)
from training.export import INPUTS, write_onnx

# Every batch has this shape: with changing shapes torch takes four times as long.
_BATCH_SIZE = 8
_WARM_UP = 0.06
_SPAN_WEIGHT = 0.4

_console = Console()

Batch = list[tuple[str, tuple[Reading, ...]]]


class Network(nn.Module):
    """Reads question and passage; two logits a token: of being evidence, of being the answer."""

    def __init__(self) -> None:
        super().__init__()
        folder = str(bundled_folder())
        # Attention that is written out is twice as fast backwards on 16-bit hardware.
        config = BertConfig.from_pretrained(
            folder,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",
        )
        self.bert = BertModel.from_pretrained(folder, config=config, add_pooling_layer=False)
        self.head = nn.Linear(config.hidden_size, 2)
        self.bert.embeddings.requires_grad_(False)

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        states = self.bert(**dict(zip(INPUTS, inputs, strict=True))).last_hidden_state
        logits: torch.Tensor = self.head(states.float())
        return logits


@dataclass(frozen=True, slots=True)
class Encoded:
    """A question with one passage, in tokens."""

    inputs: tuple[Sequence[int], ...]
    sentences: tuple[slice, ...]
    answers: tuple[slice | None, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    examples: tuple[Example, ...]
    epochs: int
    learning_rate: float
    shuffled_share: float = 0.0


class Encoder:
    def __init__(self) -> None:
        self._tokenizer = load_tokenizer()
        self._tokenizer.enable_truncation(MOST_TOKENS, strategy="only_second")
        self._tokenizer.enable_padding(length=MOST_TOKENS)

    def encode(self, question: str, reading: Reading) -> Encoded:
        encoding = self._tokenizer.encode(question, reading.head + reading.text)
        positions, spans = locate_tokens(encoding, len(reading.head))

        def locate(span: tuple[int, int]) -> slice | None:
            tokens = positions[find_sentence(spans, span)]
            return slice(int(tokens[0]), int(tokens[-1]) + 1) if tokens.size else None

        seen = [
            (tokens, answer and locate(answer), label)
            for span, answer, label in zip(
                reading.sentences, reading.answers, reading.labels, strict=True
            )
            if (tokens := locate(span)) is not None and label != "unknown"
        ]
        sentences, answers, labels = zip(*seen, strict=True) if seen else ((), (), ())
        inputs = (encoding.ids, encoding.type_ids, encoding.attention_mask)
        return Encoded(inputs, sentences, answers, labels)


def train(rank: int, world: int, stages: Sequence[Stage], checkpoint: Path, port: int) -> None:
    """One worker: a thread each, since threads that share a multiplication wait for each other."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    workers.init_process_group("gloo", rank=rank, world_size=world)
    network = Network()
    if checkpoint.exists():
        network.load_state_dict(torch.load(checkpoint))
    for stage in stages:
        _run_stage(network, stage, rank, world)
    if rank == 0:
        torch.save(network.state_dict(), checkpoint)
    workers.destroy_process_group()


def _run_stage(network: Network, stage: Stage, rank: int, world: int) -> None:
    encoder = Encoder()
    batches = [
        batch
        for epoch in range(stage.epochs)
        for batch in _draw_batches(stage, rank, world, random.Random(epoch))
    ]
    parameters = [each for each in network.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=stage.learning_rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: _learning_rate(step / len(batches))
    )
    started = time.monotonic()
    for step, batch in enumerate(batches, 1):
        loss = _loss(network, encoder, batch)
        torch.autograd.backward(loss)
        _share_gradients(parameters, world)
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if rank == 0 and step % 25 == 0:
            speed = step * world * _BATCH_SIZE / (time.monotonic() - started)
            _console.print(f"{step}/{len(batches)} loss {loss.item():.3f} {speed:.1f} passages/s")


def _learning_rate(progress: float) -> float:
    """Of the highest: up at first, then down to nothing, by straight lines."""
    return min(progress / _WARM_UP + 1e-3, (1.0 - progress) / (1.0 - _WARM_UP))


def _draw_batches(stage: Stage, rank: int, world: int, rng: random.Random) -> list[Batch]:
    """One epoch: every example's list, as many of them in a batch as fit; this worker's share."""
    lists = [
        (example.question, _shuffle_some(example.draw(rng), stage.shuffled_share, rng))
        for example in stage.examples
        if rng.random() < example.chance
    ]
    rng.shuffle(lists)
    batches: list[Batch] = [[]]
    for each in lists:
        if sum(len(readings) for _, readings in batches[-1]) + len(each[1]) > _BATCH_SIZE:
            batches.append([])
        batches[-1].append(each)
    return batches[: len(batches) // world * world][rank::world]


def _shuffle_some(
    readings: Sequence[Reading], share: float, rng: random.Random
) -> tuple[Reading, ...]:
    return tuple(each.shuffled(rng) if rng.random() < share else each for each in readings)


def _loss(network: Network, encoder: Encoder, batch: Batch) -> torch.Tensor:
    """Of each list, the surprise that an answering sentence is the best one, or "no answer",
    whose logit is 0; and that the answer, of all words, is where it is."""
    encoded = [encoder.encode(question, each) for question, readings in batch for each in readings]
    padded = [*encoded, *encoded[:1] * (_BATCH_SIZE - len(encoded))]
    inputs = [torch.tensor([each.inputs[i] for each in padded]) for i in range(len(INPUTS))]
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(*inputs)
    rows = iter(zip(encoded, logits, strict=False))
    ranking: list[torch.Tensor] = []
    placing: list[torch.Tensor] = []
    for _, readings in batch:
        read = [next(rows) for _ in readings]
        ranking.append(_ranking_loss(read))
        placing += _placing_losses(read)
    loss = torch.stack(ranking).mean()
    return loss + _SPAN_WEIGHT * torch.stack(placing).mean() if placing else loss


def _ranking_loss(read: Sequence[tuple[Encoded, torch.Tensor]]) -> torch.Tensor:
    logits = [_score(row[tokens]) for each, row in read for tokens in each.sentences]
    answering = [label == "answers" for each, _ in read for label in each.labels]
    scores = torch.stack([*logits, torch.zeros(())])
    right = torch.tensor([*answering, not any(answering)])
    return torch.logsumexp(scores, 0) - torch.logsumexp(scores[right], 0)


def _score(tokens: torch.Tensor) -> torch.Tensor:
    """As `retrieval.evidence_ranker` scores a sentence."""
    return tokens[:, 0].mean() + torch.logsumexp(tokens[:, 1], 0)


def _placing_losses(read: Sequence[tuple[Encoded, torch.Tensor]]) -> Iterator[torch.Tensor]:
    words = [row[tokens, 1] for each, row in read for tokens in each.sentences]
    placed = [
        row[answer, 1]
        for each, row in read
        for answer, label in zip(each.answers, each.labels, strict=True)
        if label == "answers" and answer is not None
    ]
    if placed:
        yield torch.logsumexp(torch.cat(words), 0) - torch.logsumexp(torch.cat(placed), 0)


def _share_gradients(parameters: Sequence[nn.Parameter], world: int) -> None:
    gradients = [each.grad for each in parameters if each.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    workers.all_reduce(flat)
    sizes = [gradient.numel() for gradient in gradients]
    for gradient, mean in zip(gradients, torch.split(flat / world, sizes), strict=True):
        gradient.copy_(mean.view_as(gradient))


def main() -> None:
    given = _read_arguments()
    held_out = {json.loads(line)["_id"] for path in given.held_out for line in path.open()}
    general = [
        *(each for path in given.clapnq for each in read_clapnq(path, chance=1.0)),
        *(each for path in given.timeqa for each in read_timeqa(path, chance=0.5)),
    ]
    quarter = [replace(each, chance=each.chance / 4) for each in general]
    unseen = read_headlines(given.news, frozenset(held_out), random.Random(0))
    headlines = [replace(each, chance=0.25) for each in unseen]
    news = list(read_news(given.news, given.home, frozenset(held_out)))
    everything = (*news, *headlines, *quarter)
    near_misses = tuple(read_near_misses(everything, random.Random(1)))
    stages = (
        Stage(tuple(general), 2, 1e-4),
        Stage((*headlines, *headlines, *quarter), 1, 1e-4),
        Stage(everything, 3, 8e-5),
        Stage(everything, 2, 5e-5, shuffled_share=0.5),
        Stage((*everything, *near_misses), 2, 6e-5, shuffled_share=0.5),
    )
    _console.print(f"{len(general)} general examples, {len(headlines)} headlines, {len(news)} news")
    world = len(os.sched_getaffinity(0))
    checkpoint = given.checkpoint
    arguments = (world, stages, checkpoint, _find_port())
    spawn(train, arguments, nprocs=world)  # type: ignore[no-untyped-call]
    network = Network()
    network.load_state_dict(torch.load(checkpoint))
    _console.print(write_onnx(network, WEIGHTS))


def _read_arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--news", type=Path, required=True, help="a BEIR folder")
    parser.add_argument("--held-out", type=Path, nargs="*", default=[], help="queries.jsonl")
    parser.add_argument("--clapnq", type=Path, nargs="*", default=[])
    parser.add_argument("--timeqa", type=Path, nargs="*", default=[])
    parser.add_argument("--home", type=Path, default=Path(".dateline-training"))
    parser.add_argument("--checkpoint", type=Path, default=Path("evidence_ranker.pt"))
    return parser.parse_args()


def _find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
