"""What was written for the reader is whole: every line speaks of a passage that it fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.written_sets import WRITTEN

TYPES = {"who", "what", "when", "where", "how_many", "why", "how", "yes_no", "list", "describe"}
FILES = sorted(WRITTEN.glob("*.jsonl"))
OWN = [path for path in FILES if path.with_name(f"{path.stem}_passages.jsonl").exists()]


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_evidence_and_short_answers_stand_in_the_passage(path: Path) -> None:
    passages = {each["id"]: each for each in read(path.with_name(f"{path.stem}_passages.jsonl"))}
    rows = read(path)
    assert {row["id"] for row in rows} == set(passages)
    for row in rows:
        sentences = passages[row["id"]]["sentences"]
        for asked in row["qa"]:
            assert asked["type"] in TYPES
            assert asked["ev"]
            told = [sentences[i] for i in asked["ev"] if i >= 0]
            assert asked["a"] is None or any(asked["a"] in each for each in told), asked
        assert all(-1 <= i < len(sentences) for claim in row["claims"] for i in claim["ev"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_line_is_written_twice(path: Path) -> None:
    ids = [row["id"] for row in read(path)]
    assert len(ids) == len(set(ids))


def test_others_articles_are_named_and_not_copied() -> None:
    for path in set(FILES) - set(OWN):
        for row in read(path):
            assert path.stem.endswith("_passages") or "sentences" not in row
            assert not row["id"].startswith("rt") or "title" not in row
