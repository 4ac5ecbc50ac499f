"""The questions, near misses and claims that were written by hand, with their passages."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from retrieval.models.reader import describe
from training.examples import Asked, Claimed, Example, Kind, Reading, Written

WRITTEN = Path(__file__).parent / "written"


def read_written(
    reading: Path, held_out: frozenset[str] = frozenset(), *, only_held_out: bool = False
) -> Written:
    """Of `reading/train` and our own `written/`, all but the passages held out, or those alone."""
    passages, rows = read_passages(reading)
    asked: list[Asked] = []
    misses: list[Asked] = []
    claims: list[Claimed] = []
    for row in rows:
        if (row["id"] in held_out) is not only_held_out:
            continue
        passage = passages[row["id"]]
        read = Reading(describe(passage["title"], name_day(passage["date"])),
                       tuple(passage["sentences"]))  # fmt: skip
        asked += [Asked(row["id"], each) for each in _read_questions(row, read)]
        misses += [Asked(row["id"], Example(text, read)) for text in row.get("miss", ())]
        claims += [_read_claim(row["id"], each, read) for each in row["claims"]]
    return Written(tuple(asked), tuple(misses), tuple(claims))


def read_passages(reading: Path) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """The passages by their ids, and the questions, near misses and claims of each."""
    pairs = [(reading / "train_passages.jsonl.gz", reading / "train.jsonl.gz")]
    pairs += [
        (path, path.with_name(path.name.replace("_passages", "")))
        for path in sorted(WRITTEN.glob("*_passages.jsonl"))
    ]
    passages = {each["id"]: each for path, _ in pairs for each in read_lines(path)}
    # Some hold questions or claims over passages that are given elsewhere.
    paths = [path for _, path in pairs]
    paths += sorted(
        p for p in WRITTEN.glob("*.jsonl") if p not in {q for pair in pairs for q in pair}
    )
    passages |= {
        each["id"]: each
        for each in read_lines(reading / "unwritten_passages.jsonl.gz")
        if each["id"] not in passages
    }
    rows = [row for path in paths for row in read_lines(path) if not row.get("junk")]
    return passages, rows


def choose_held_out(reading: Path, rng: random.Random) -> frozenset[str]:
    """Sixty passages of news and twenty of other styles, to choose weights and thresholds by."""
    ids = sorted(row["id"] for row in read_lines(reading / "train.jsonl.gz") if not row.get("junk"))
    news = [each for each in ids if each.startswith("rt")]
    styles = [each for each in ids if each.startswith("st")]
    return frozenset(rng.sample(news, 60) + rng.sample(styles, 20))


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        yield from map(json.loads, file)


def name_day(stated: str) -> str:
    """`2026-03-05` as an article's head has it: `05 March 2026`; empty where none is stated."""
    return f"{date.fromisoformat(stated[:10]):%d %B %Y}" if stated else ""


def _read_questions(row: Mapping[str, Any], reading: Reading) -> Iterator[Example]:
    for each in row.get("qa", ()):
        evidence = frozenset(i for i in each["ev"] if i >= 0)
        if evidence:
            answer = each["a"] and _find(each["a"], reading.sentences, sorted(evidence))
            yield Example(each["q"], reading, evidence, answer or None)


def _read_claim(passage_id: str, claim: Mapping[str, Any], reading: Reading) -> Claimed:
    """One that only the headline or the date bears out has the first sentence for its evidence: the
    network reads them together."""
    places = frozenset(max(i, 0) for i in claim["ev"])
    evidence = places if claim["ok"] else frozenset[int]()
    example = Example(claim["c"], reading, evidence, kind=Kind.CLAIM)
    return Claimed(passage_id, example, frozenset() if claim["ok"] else places)


def _find(
    words: str, sentences: Sequence[str], evidence: Sequence[int]
) -> tuple[int, int, int] | None:
    for i in evidence:
        start = sentences[i].find(words)
        if start >= 0:
            return i, start, start + len(words)
    return None
