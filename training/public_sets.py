"""Claims of public sets, each with a text that people said bears it out, or does not."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.chunking import split_sentences
from training.examples import Example, Kind, Reading
from training.written_sets import read_lines

_WORD = re.compile(r"\w+")
# Public sets of claims, and the most that are taken of either kind.
_PUBLIC_SETS = {
    "bump": 300,
    "cg2c_doc_synthetic": 800,
    "defacto": 1_000,
    "factcheck_gpt": 250,
    "megaveridicality": 200,
    "negation_nli": 200,
    "ragtruth_summ": 100,
    "summedits": 300,
    "wice": 320,
}
_MAX_CLAIM_WORDS, _MAX_EVIDENCE_WORDS = 50, 140


def read_public_claims(grounding: Path, rng: random.Random) -> tuple[Example, ...]:
    """Of the public sets' lines for training, as many of both kinds a set."""
    chosen: list[Example] = []
    for name, most in _PUBLIC_SETS.items():
        kinds: dict[bool, list[Example]] = {True: [], False: []}
        for row in read_lines(grounding / f"{name}.jsonl.gz"):
            if row["split"] == "train" and len(row["claim"].split()) <= _MAX_CLAIM_WORDS:
                kinds[row["supported"]].append(_read_public_claim(row))
        each = min(len(kinds[True]), len(kinds[False]), most)
        chosen += [example for pool in kinds.values() for example in rng.sample(pool, each)]
    return tuple(chosen)


def _read_public_claim(row: Mapping[str, Any]) -> Example:
    """With the part of its document that has most of the claim's words."""
    text = row["evidence"]
    sentences = [text[first:last] for _, (first, last) in split_sentences(text)]
    words = set(_WORD.findall(row["claim"].casefold()))
    shares = [len(words & set(_WORD.findall(each.casefold()))) for each in sentences]
    counts = [len(each.split()) for each in sentences]
    windows = []
    for first in range(len(sentences)):
        last = first + 1
        while last < len(sentences) and sum(counts[first : last + 1]) <= _MAX_EVIDENCE_WORDS:
            last += 1
        windows.append((sum(shares[first:last]), -first, slice(first, last)))
    kept = max(windows)[2] if windows else slice(0)
    unsupported = () if row["supported"] else None
    reading = Reading("", tuple(sentences[kept]))
    return Example(row["claim"], reading, kind=Kind.CLAIM, unsupported=unsupported)
