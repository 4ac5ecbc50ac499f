"""Floors that a change must not fall below."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.dataset import GoldError
from eval.gate import Floors, find_regressions, load_floors

FLOORS = Floors(gold_digest="d1", at_least={"mrr@10": 0.9}, at_most={"leaks": 0.0})


def test_scores_at_their_floors_and_ceilings_pass() -> None:
    assert find_regressions({"mrr@10": 0.9, "leaks": 0.0, "more": 0.0}, FLOORS, "d1") == ()


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ({"mrr@10": 0.8999, "leaks": 0.0}, "mrr@10 is 0.8999, its floor is 0.9"),
        ({"mrr@10": 0.95, "leaks": 1.0}, "leaks is 1.0000, its ceiling is 0.0"),
        ({"leaks": 0.0}, "mrr@10"),
        ({"mrr@10": 0.95}, "leaks"),
        ({"mrr@10": float("nan"), "leaks": 0.0}, "mrr@10"),
    ],
    ids=["below its floor", "above its ceiling", "no floored one", "no ceiling one", "no number"],
)
def test_what_is_out_of_bounds_or_missing_is_named(summary: dict[str, float], said: str) -> None:
    (line,) = find_regressions(summary, FLOORS, "d1")
    assert said in line


def test_everything_that_is_wrong_is_named() -> None:
    assert len(find_regressions({"mrr@10": 0.1, "leaks": 2.0}, FLOORS, "d2")) == 3


def test_other_questions_than_the_floors_were_measured_on_do_not_pass() -> None:
    (line,) = find_regressions({"mrr@10": 1.0, "leaks": 0.0}, FLOORS, "d2")
    assert "d2" in line
    assert "floors.json" in line


def test_floors_are_read_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    path.write_text(FLOORS.model_dump_json())
    assert load_floors(path) == FLOORS


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"\xff\xfe",
        json.dumps({"gold_digest": "d", "at_least": {}}).encode(),
        json.dumps({"gold_digest": "d", "at_least": {"a": "b"}, "at_most": {}}).encode(),
        json.dumps({"gold_digest": "d", "at_least": {}, "at_most": {}, "x": 1}).encode(),
    ],
    ids=["no JSON", "a list", "no UTF-8", "a key missing", "no number", "a key too many"],
)
def test_floors_that_are_malformed_are_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "floors.json").write_bytes(content)
    with pytest.raises(GoldError, match=r"floors\.json is malformed"):
        load_floors(tmp_path / "floors.json")


def test_floors_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="No such file"):
        load_floors(tmp_path / "floors.json")
