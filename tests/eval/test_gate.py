"""Floors that a change must not fall below."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.dataset import GoldError
from eval.gate import (
    FloorLowered,
    Floors,
    find_regressions,
    load_floors,
    raise_floors,
    write_floors,
)
from tests.eval.factories import make_report, make_row

FLOORS = Floors(
    gold_digest="d1",
    settings={"bot.llm": "none"},
    at_least={"mrr@10": 0.75, "quote_validity": 1.0},
    at_most={"leaks": 0.0},
)
GOOD = {"mrr@10": 1.0, "quote_validity": 1.0}


def test_scores_at_their_floors_and_ceilings_pass() -> None:
    rows = [make_row("a", scores=GOOD), make_row("b", scores={**GOOD, "mrr@10": 0.5})]
    assert list(find_regressions(make_report(rows), FLOORS)) == []


@pytest.mark.parametrize(
    ("scores", "leaks", "said"),
    [
        ({**GOOD, "mrr@10": 0.5}, 0, "mrr@10 is 0.5000, its floor is 0.75; failed on 1: a"),
        ({**GOOD, "quote_validity": 0.5}, 0, "quote_validity is 0.5000, its floor is 1.0"),
        (GOOD, 1, "leaks is 1.0000, its ceiling is 0.0; failed on 1: a"),
        ({"quote_validity": 1.0}, 0, "mrr@10 is not measured"),
        ({**GOOD, "mrr@10": float("nan")}, 0, "mrr@10 is nan"),
    ],
    ids=["a worse ranking", "a quote off by one", "a leak", "not measured", "no number"],
)
def test_what_is_out_of_bounds_is_named_with_the_questions_that_broke_it(
    scores: dict[str, float], leaks: int, said: str
) -> None:
    (line,) = find_regressions(make_report([make_row("a", scores=scores, leaks=leaks)]), FLOORS)
    assert said in line


def test_other_questions_or_settings_than_the_floors_were_measured_with_do_not_pass() -> None:
    rows = [make_row("a", scores=GOOD)]
    (line,) = find_regressions(make_report(rows, digest="d2"), FLOORS)
    assert "dateline eval --set-floors" in line
    (line,) = find_regressions(make_report(rows, {"bot.llm": "ollama/x"}), FLOORS)
    assert "bot.llm = none, but this run has ollama/x" in line


def test_floors_are_raised_to_just_below_what_was_reached() -> None:
    floors = raise_floors(make_report([make_row(scores=GOOD)]), FLOORS, None, "2026-03-01")
    assert floors.at_least == {"mrr@10": 0.99, "quote_validity": 1.0}
    assert floors.at_most == {"leaks": 0.0}


def test_a_floor_is_lowered_only_for_a_reason_which_is_kept() -> None:
    worse = make_report([make_row(scores={"mrr@10": 0.5, "quote_validity": 1.0})])
    with pytest.raises(FloorLowered, match="would lower mrr@10"):
        raise_floors(worse, FLOORS, None, "2026-03-01")
    floors = raise_floors(worse, FLOORS, "harder questions", "2026-03-01")
    (lowered,) = floors.lowered
    assert (lowered.metric, lowered.before, lowered.after) == ("mrr@10", 0.75, 0.49)
    assert (lowered.reason, lowered.on) == ("harder questions", "2026-03-01")


def test_floors_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_floors(FLOORS, tmp_path / "floors.json")
    assert load_floors(tmp_path / "floors.json") == FLOORS


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
