"""How well the network reads the passages that it was not trained on, whatever search finds.

    python -m training.evaluation --reading ../shared/data/reading \
        --corpus ../shared/data/realtimeqa [--weights FILE]

The learning curve and the ablations of `training/README.md` are made of these figures.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from eval.statistics import area_under_curve
from retrieval.models.reader import (
    END,
    EVIDENCE,
    NOTHING,
    START,
    UNSUPPORTED,
    WEIGHTS,
    find_best_span,
    measure_odds,
    start_session,
)
from training.epochs import Written
from training.examples import Example
from training.export import INPUTS
from training.reader import Encoded, Encoder
from training.written_sets import choose_held_out, read_written

Logits = NDArray[np.float32]


def measure(weights: Path, written: Written) -> Iterator[tuple[str, float, int]]:
    """Each figure's name, value and how many examples it is over."""
    asked = read(weights, (each.example for each in written.asked))
    misses = read(weights, (each.example for each in written.misses))
    answering = [max(_odds(each, row, EVIDENCE, NOTHING)) for each, row in asked]
    missing = [max(_odds(each, row, EVIDENCE, NOTHING)) for each, row in misses]
    right = [int(np.argmax(_odds(e, row, EVIDENCE, NOTHING))) in e.evidence for e, row in asked]
    yield "best sentence of the passage is evidence", fmean(right), len(right)
    yield "question from near miss (AUC)", _area(answering, missing), len(answering + missing)
    spans = [find_span(row, e) == (e.start, e.end) for e, row in asked if e.start]
    yield "short answer, to the token", fmean(spans), len(spans)
    yield from _measure_claims(weights, written)


def _measure_claims(weights: Path, written: Written) -> Iterator[tuple[str, float, int]]:
    """Every false claim's evidence counts as a true claim of its own: without them wording alone
    gives the label away."""
    claims = written.claims
    kinds = {
        "true": [each.example for each in claims if each.is_borne_out],
        "copied": [each.copied() for each in claims if not each.is_borne_out],
        "false": [each.example for each in claims if not each.is_borne_out],
    }
    scores = {
        name: [measure_support(row, e.claim) for e, row in read(weights, examples)]
        for name, examples in kinds.items()
    }
    supported = scores["true"] + scores["copied"]
    yield "claims (AUC)", _area(supported, scores["false"]), len(supported + scores["false"])
    yield "claims but copies (AUC)", _area(scores["true"], scores["false"]), len(claims)
    accuracy = (_share(supported, lambda x: x > 0) + _share(scores["false"], lambda x: x <= 0)) / 2
    yield "claims, balanced accuracy", accuracy, len(supported + scores["false"])


def read(weights: Path, examples: Iterable[Example]) -> list[tuple[Encoded, Logits]]:
    """What the network says of each, shape (tokens, 6)."""
    session = start_session(weights.read_bytes())
    encoder = Encoder()
    encoded = [each for each in map(encoder.encode, examples) if each is not None]
    return [
        (each, session.run(["logits"], dict(zip(INPUTS, _columns(each), strict=True)))[0][0])
        for each in encoded
    ]


def _columns(each: Encoded) -> list[NDArray[np.int64]]:
    return [np.asarray([column], dtype=np.int64) for column in each.inputs]


def _odds(each: Encoded, row: Logits, evidence: int, nothing: int) -> list[float]:
    return [measure_odds(row, tokens, evidence, nothing) for tokens in each.sentences]


def measure_support(logits: Logits, claim: slice) -> float:
    """The log-odds that each of a claim's words is borne out, these being its tokens."""
    unsupported = logits[[0, *range(claim.start, claim.stop)], UNSUPPORTED].astype(np.float64)
    borne_out = -float(np.logaddexp(0.0, unsupported).sum())
    return borne_out - math.log(-math.expm1(min(borne_out, -1e-9)))


def find_span(row: Logits, each: Encoded) -> tuple[int, int]:
    """The likeliest first and last token of the short answer in any sentence."""
    found = []
    for tokens in each.sentences:
        start, end, logit = find_best_span(row[tokens, START], row[tokens, END])
        found.append((logit, tokens.start + start, tokens.start + end))
    return max(found)[1:]


def _area(positive: Sequence[float], negative: Sequence[float]) -> float:
    labels = [True] * len(positive) + [False] * len(negative)
    return area_under_curve([*positive, *negative], labels)


def _share(values: Sequence[float], is_in: Callable[[float], bool]) -> float:
    return fmean(map(is_in, values)) if values else 0.0


def main(
    reading: Annotated[Path, typer.Option(help="The folder `reading`.")],
    corpus: Annotated[Path, typer.Option(help="Articles in BEIR's layout.")],
    weights: Annotated[Path, typer.Option(help="The network, as ONNX.")] = WEIGHTS,
) -> None:
    """Print the figures over the held-out passages."""
    held_out = choose_held_out(reading, random.Random(5))
    written = read_written(reading, corpus, held_out, only_held_out=True)
    for name, value, count in measure(weights, written):
        typer.echo(f"{name:45} {value:.3f} {count:6}")


if __name__ == "__main__":
    typer.run(main)
