"""Floors that a change must not fall below, kept with the digest of what they were measured on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.dataset import GoldError

FLOORS = Path(__file__).parent / "floors.json"


class Floors(BaseModel):
    """`at_least` and `at_most` bound metrics by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gold_digest: str
    at_least: dict[str, float]
    at_most: dict[str, float]


def load_floors(path: Path) -> Floors:
    """Raises GoldError."""
    try:
        return Floors.model_validate_json(path.read_bytes())
    except OSError as error:
        raise GoldError(f"cannot read the floors {path}: {error.strerror}") from error
    except ValidationError as error:
        raise GoldError(f"{path} is malformed: {error.errors()[0]['msg']}") from error


def find_regressions(
    summary: Mapping[str, float], floors: Floors, gold_digest: str
) -> tuple[str, ...]:
    """What is wrong, a line each; empty when the gate is passed."""
    wrong: list[str] = []
    if gold_digest != floors.gold_digest:
        wrong.append(
            "the gold set is not the one the floors were measured on: measure again and write "
            f"its digest {gold_digest} to eval/floors.json"
        )
    for metric, floor in floors.at_least.items():
        # Written so that what is no number fails.
        if not summary.get(metric, math.nan) >= floor:
            wrong.append(f"{metric} is {summary.get(metric, math.nan):.4f}, its floor is {floor}")
    for metric, ceiling in floors.at_most.items():
        if not summary.get(metric, math.nan) <= ceiling:
            wrong.append(
                f"{metric} is {summary.get(metric, math.nan):.4f}, its ceiling is {ceiling}"
            )
    return tuple(wrong)
