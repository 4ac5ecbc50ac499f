"""The questions, near misses and claims that were written by hand, with their passages."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ingest.chunking import split_sentences
from retrieval.models.reader import describe
from training.claims import Claimed, find_changes
from training.epochs import Asked, Written
from training.examples import Example, Kind, Reading

WRITTEN = Path(__file__).parent / "written"


def read_written(
    reading: Path,
    corpus: Path,
    held_out: frozenset[str] = frozenset(),
    *,
    only_held_out: bool = False,
) -> Written:
    """Of `reading/train` and our own `written/`, all but the passages held out, or those alone."""
    passages, rows = read_passages(reading, corpus)
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
        claims += [_read_claim(row["id"], each, read) for each in row.get("claims", ())]
        claims += [
            one for each in row.get("pairs", ()) for one in _read_pair(row["id"], each, read)
        ]
    return Written(tuple(asked), tuple(misses), tuple(claims))


def read_passages(
    reading: Path, corpus: Path
) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
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
    cut = _cut_passages(corpus, {row["id"] for row in rows} - set(passages))
    return passages | cut, rows


def _cut_passages(corpus: Path, ids: Set[str]) -> dict[str, dict[str, Any]]:
    """Passages that are named by their article in a BEIR folder and their span of its text."""
    wanted: dict[str, list[str]] = {}
    for name in ids:
        wanted.setdefault(name.split("#")[0], []).append(name)
    cut: dict[str, dict[str, Any]] = {}
    for article in read_lines(corpus / "corpus.jsonl.gz") if ids else ():
        text = article["text"]
        for name in wanted.get(article["_id"], ()):
            start, end = map(int, name.split("#")[1].split("-"))
            spans = [span for _, span in split_sentences(text) if start <= span[0] < end]
            cut[name] = {
                "id": name,
                "title": article.get("title") or "",
                "date": (article.get("metadata") or {}).get("published_at") or "",
                "sentences": [text[first:last] for first, last in spans],
            }
    return cut


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
    evidence = _read_evidence(claim)
    unsupported = () if claim["ok"] else None
    return Claimed(
        passage_id, Example(claim["c"], reading, evidence, kind=Kind.CLAIM, unsupported=unsupported)
    )


def _read_pair(
    passage_id: str, pair: Mapping[str, Any], reading: Reading
) -> tuple[Claimed, Claimed]:
    """A true claim, and the same with one thing changed."""
    true = Example(pair["t"], reading, _read_evidence(pair), kind=Kind.CLAIM)
    false = replace(true, question=pair["f"], unsupported=find_changes(pair["t"], pair["f"]))
    return Claimed(passage_id, true), Claimed(passage_id, false)


def _read_evidence(claim: Mapping[str, Any]) -> frozenset[int]:
    """A claim that only the headline or the date bears out has the first sentence for its evidence:
    the network reads them together."""
    return frozenset(max(i, 0) for i in claim["ev"])


def _find(
    words: str, sentences: Sequence[str], evidence: Sequence[int]
) -> tuple[int, int, int] | None:
    for i in evidence:
        start = sentences[i].find(words)
        if start >= 0:
            return i, start, start + len(words)
    return None
