"""Train the reader on written questions, and write it as ONNX in 8 bits.

    python -m training.reader --reading ../shared/data/reading \
        --grounding ../shared/data/grounding --corpus ../shared/data/realtimeqa \
        [--start OLD.onnx] [--state FOLDER] [--steps N] [--rate R] [--threads N]

It goes on from the state that it saved last, every eight minutes. `training/README.md` has the
recipe and the figures.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from tokenizers import Encoding
from torch import nn
from transformers import BertConfig, BertModel

from retrieval.embedder import bundled_folder
from retrieval.models.reader import (
    END,
    EVIDENCE,
    MAX_TOKENS,
    NOTHING,
    START,
    SUPPORT,
    UNSUPPORTED,
    WEIGHTS,
    find_tokens,
    load_tokenizer,
    locate_tokens,
)
from retrieval.schema import Span
from training.epochs import Written
from training.examples import Example, Kind
from training.export import INPUTS, read_onnx, write_onnx
from training.neighbours import add_neighbours
from training.public_sets import read_public_claims
from training.written_sets import choose_held_out, read_written

_BATCH_SIZE = 16
# Batches are of about the same length: a few shapes cost torch less than many.
_POOLED_BATCHES = 40
_LENGTH_STEP = 32
_WARM_UP = 0.05
_HEAD_RATE = 4.0
_ANSWER_WEIGHT = 0.4
# Where nothing answers, "no short answer" teaches less.
_NO_ANSWER_SHARE = 0.3
_GROUNDS_WEIGHT = 0.3
_SAVED_EVERY_S = 480
_HIDDEN = -1e4

_console = Console(width=100)


class Network(nn.Module):
    """Reads a question or a claim and a passage; six logits a token (`retrieval.models.reader`)."""

    def __init__(self) -> None:
        super().__init__()
        folder = str(bundled_folder())
        config = BertConfig.from_pretrained(
            folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
        )
        self.bert = BertModel.from_pretrained(folder, config=config, add_pooling_layer=False)
        self.head = nn.Linear(config.hidden_size, 6)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        self.bert.embeddings.requires_grad_(False)

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        states = self.bert(**dict(zip(INPUTS, inputs, strict=True))).last_hidden_state
        logits: torch.Tensor = self.head(states)
        return logits


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example in tokens; `start` and `end` are those of the short answer, 0 for none, `claim`
    are a claim's, and `unsupported` those of them that nothing bears out."""

    inputs: tuple[Sequence[int], ...]
    sentences: tuple[slice, ...]
    evidence: tuple[int, ...]
    start: int
    end: int
    kind: Kind
    claim: slice
    unsupported: tuple[int, ...] | None

    @property
    def length(self) -> int:
        return len(self.inputs[0])


class Encoder:
    def __init__(self) -> None:
        self._tokenizer = load_tokenizer()
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
        self._tokenizer.no_padding()

    def encode(self, example: Example) -> Encoded | None:
        """None where the evidence is beyond what the network reads."""
        head = example.reading.head
        text, spans = "", []
        for sentence in example.reading.sentences:
            spans.append((len(text), len(text) + len(sentence)))
            text += f"{sentence} "
        encoding = self._tokenizer.encode(example.question, head + text)
        positions, placed = locate_tokens(encoding, len(head))
        # By their places, since those at the end may be cut off.
        found = [positions[find_tokens(placed, span)] for span in spans]
        seen = [i for i, tokens in enumerate(found) if tokens.size]
        evidence = tuple(seen.index(i) for i in sorted(example.evidence) if i in seen)
        if example.evidence and not evidence:
            return None
        start = end = 0
        if example.answer is not None and example.answer[0] in seen:
            first = spans[example.answer[0]][0]
            span = (first + example.answer[1], first + example.answer[2])
            tokens = positions[find_tokens(placed, span)]
            start, end = (int(tokens[0]), int(tokens[-1])) if tokens.size else (0, 0)
        sentences = tuple(slice(int(found[i][0]), int(found[i][-1]) + 1) for i in seen)
        inputs = (encoding.ids, encoding.type_ids, encoding.attention_mask)
        claim = slice(1, encoding.sequence_ids.index(None, 1))
        wrong = _find_unsupported(encoding, claim, example.unsupported)
        return Encoded(inputs, sentences, evidence, start, end, example.kind, claim, wrong)


def _find_unsupported(
    encoding: Encoding, claim: slice, spans: Sequence[Span] | None
) -> tuple[int, ...] | None:
    """The tokens of the spans; None for a false claim of which it is not known."""
    if not spans:
        return None if spans is None else ()
    found = tuple(
        token
        for token in range(claim.start, claim.stop)
        for first, last in [encoding.offsets[token]]
        if any(first < end and last > start for start, end in spans)
    )
    return found or None


def train(network: Network, written: Written, state: Path, steps: int, rate: float) -> None:
    """One pass of AdamW over drawn epochs, from the state saved last."""
    groups: list[dict[str, Any]] = [
        {"params": [each for each in network.bert.parameters() if each.requires_grad]},
        {"params": list(network.head.parameters()), "lr": _HEAD_RATE * rate},
    ]
    optimiser = torch.optim.AdamW(
        groups,
        lr=rate,
        weight_decay=0.01,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step / steps))
    begun = _load_state(state, network, optimiser, schedule)
    saved = started = time.monotonic()
    batches = _draw_batches(written, begun)
    for step in range(begun, steps):
        loss = _loss(network, next(batches))
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if step % 25 == 0:
            speed = (step - begun + 1) * _BATCH_SIZE / (time.monotonic() - started)
            _console.print(f"{step}/{steps} loss {loss.item():.3f}, {speed:.1f} passages/s")
        if time.monotonic() - saved > _SAVED_EVERY_S or step == steps - 1:
            saved = time.monotonic()
            _save_state(state, network, optimiser, schedule, step + 1)


def _load_state(state: Path, network: Network, optimiser: Any, schedule: Any) -> int:
    """How many steps were taken."""
    path = state / "state.pt"
    if not path.exists():
        return 0
    kept = torch.load(path)
    network.load_state_dict(kept["network"])
    optimiser.load_state_dict(kept["optimiser"])
    schedule.load_state_dict(kept["schedule"])
    return int(kept["step"])


def _save_state(state: Path, network: Network, optimiser: Any, schedule: Any, step: int) -> None:
    state.mkdir(parents=True, exist_ok=True)
    kept = {
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
        "step": step,
    }
    torch.save(kept, state / "state.new")
    (state / "state.new").replace(state / "state.pt")


def _rate(progress: float) -> float:
    """Of the highest: up at first, then down to nothing, by straight lines."""
    return min(progress / _WARM_UP + 1e-3, max((1.0 - progress) / (1.0 - _WARM_UP), 1e-3))


def _draw_batches(written: Written, seed: int) -> Iterator[list[Encoded]]:
    """Epoch after epoch, batches of about the same length in any order."""
    encoder = Encoder()
    while True:
        rng = random.Random(seed)
        encoded = [each for each in map(encoder.encode, written.draw(rng)) if each is not None]
        pooled = _POOLED_BATCHES * _BATCH_SIZE
        for first in range(0, len(encoded), pooled):
            pool = sorted(encoded[first : first + pooled], key=lambda each: each.length)
            batches = [pool[i : i + _BATCH_SIZE] for i in range(0, len(pool), _BATCH_SIZE)]
            yield from rng.sample(batches, len(batches))
        seed += 1


def _loss(network: Network, batch: Sequence[Encoded]) -> torch.Tensor:
    """The surprise at the evidence, or at "nothing here"; and at where the short answer is."""
    longest = max(each.length for each in batch)
    length = min(MAX_TOKENS, -(-longest // _LENGTH_STEP) * _LENGTH_STEP)
    inputs = [
        torch.tensor([[*each.inputs[i], *[0] * (length - each.length)] for each in batch])
        for i in range(len(INPUTS))
    ]
    rows = network(*inputs)
    losses = []
    for each, row in zip(batch, rows, strict=True):
        if each.kind is Kind.QUESTION:
            losses.append(_ranking_loss(each, row))
            losses.append(_ANSWER_WEIGHT * _placing_loss(each, row))
        else:
            losses.append(_support_loss(each, row[:, UNSUPPORTED]))
            losses.append(_GROUNDS_WEIGHT * _grounds_loss(each, row[:, SUPPORT]))
    return torch.stack(losses).sum() / len(batch)


def _ranking_loss(each: Encoded, row: torch.Tensor) -> torch.Tensor:
    """Cross-entropy over the sentences and "nothing here", every evidence sentence alike."""
    sentences = [row[tokens, EVIDENCE].mean() for tokens in each.sentences]
    chances = torch.log_softmax(torch.stack([*sentences, row[0, NOTHING]]), 0)
    return -(chances[list(each.evidence)].mean() if each.evidence else chances[-1])


def _support_loss(each: Encoded, logits: torch.Tensor) -> torch.Tensor:
    """A claim is borne out if each of its words is, and the first token, which stands for them
    all. Of a false one it is known that some word is not, and of most, which."""
    tokens = [0, *range(each.claim.start, each.claim.stop)]
    surprise = nn.functional.softplus
    if each.unsupported == ():
        return surprise(logits[tokens]).sum()
    borne_out = -surprise(logits[list(each.unsupported or tokens)]).sum().clamp_min(1e-6)
    loss = -torch.log(-torch.expm1(borne_out))
    if each.unsupported:
        others = [token for token in tokens[1:] if token not in each.unsupported]
        loss = loss + surprise(logits[others]).sum()
    return loss


def _grounds_loss(each: Encoded, logits: torch.Tensor) -> torch.Tensor:
    """Cross-entropy over the sentences that the claim speaks of, true or not."""
    if not each.evidence:
        return logits.sum() * 0.0
    chances = torch.log_softmax(torch.stack([logits[t].mean() for t in each.sentences]), 0)
    return -chances[list(each.evidence)].mean()


def _placing_loss(each: Encoded, row: torch.Tensor) -> torch.Tensor:
    """As SQuAD 2.0's readers learn it: the first token stands for "no short answer"."""
    open_ = torch.zeros(len(row), dtype=torch.bool)
    open_[0] = True
    for tokens in each.sentences:
        open_[tokens] = True
    ends = [
        -torch.log_softmax(row[:, column].masked_fill(~open_, _HIDDEN), 0)[place]
        for column, place in ((START, each.start), (END, each.end))
    ]
    return torch.stack(ends).mean() * (1.0 if each.evidence else _NO_ANSWER_SHARE)


def main(
    reading: Annotated[Path, typer.Option(help="The folder `reading`.")],
    grounding: Annotated[Path, typer.Option(help="The folder `grounding`, of public claims.")],
    corpus: Annotated[Path, typer.Option(help="Articles in BEIR's layout, for neighbours.")],
    start: Annotated[Path | None, typer.Option(help="ONNX to start from.")] = None,
    state: Annotated[Path, typer.Option(help="Where the state is kept.")] = Path(".training"),
    steps: Annotated[int, typer.Option(help="Batches of 16.")] = 1_726,
    rate: Annotated[float, typer.Option(help="The highest learning rate.")] = 1.5e-4,
    claims: Annotated[bool, typer.Option(help="Whether to learn from claims, too.")] = True,
    threads: Annotated[int, typer.Option(help="Threads of torch.")] = 2,
    weights: Annotated[Path, typer.Option(help="Where the ONNX is written.")] = WEIGHTS,
) -> None:
    """From the written data to the file that ships."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    held_out = choose_held_out(reading, random.Random(5))
    written = read_written(reading, corpus, held_out)
    if claims:
        written = replace(written, public_claims=read_public_claims(grounding, random.Random(5)))
    else:
        written = replace(written, claims=())
    written = add_neighbours(written, reading, corpus)
    _console.print(
        f"{len(written.asked)} questions, {len(written.misses)} near misses, "
        f"{len(written.claims)} claims, {len(written.public_claims)} of public sets"
    )
    network = Network()
    if start is not None:
        network.load_state_dict(read_onnx(start, network.state_dict()))
    train(network, written, state, steps, rate)
    _console.print(write_onnx(network, weights))


if __name__ == "__main__":
    typer.run(main)
