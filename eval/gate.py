"""Floors that a change must not fall below, kept with the digest of what they were measured on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.dataset import GoldError
from eval.report import means

FLOORS = Path(__file__).parent / "floors.json"
# Another CPU rounds the embeddings otherwise, which moves a question or two.
_SLACK = 0.01
_MOST_NAMED = 12
_FLOORED = (
    "hit_rate@1",
    "hit_rate@10",
    "mrr@10",
    "ndcg@10",
    "containment",
    "citation_recall",
    "lead_precision",
    "citation_precision",
    "confidence_auc",
    "cited_article_precision",
    "answered",
    "abstention_recall",
    "entry_precision",
    "entry_recall",
)


class Lowered(BaseModel):
    """A floor that was lowered knowingly."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str
    before: float
    after: float
    reason: str
    on: str


class Floors(BaseModel):
    """`at_least` and `at_most` bound metrics by name; `settings` say how they were measured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gold_digest: str
    settings: dict[str, Any] = {}
    at_least: dict[str, float]
    at_most: dict[str, float]
    lowered: tuple[Lowered, ...] = ()


class FloorLowered(GoldError):
    """New floors would be lower than the old, and nobody said why."""


def load_floors(path: Path) -> Floors:
    """Raises GoldError."""
    try:
        return Floors.model_validate_json(path.read_bytes())
    except OSError as error:
        raise GoldError(f"cannot read the floors {path}: {error.strerror}") from error
    except ValidationError as error:
        raise GoldError(f"{path} is malformed: {error.errors()[0]['msg']}") from error


def find_regressions(report: Mapping[str, Any], floors: Floors) -> Iterator[str]:
    """What is wrong, a line each, with the questions that broke it; none when all is well."""
    digest, settings = report["dataset"]["digest"], report["settings"]
    if digest != floors.gold_digest:
        yield (
            "the gold set is not the one the floors were measured on: "
            "run `dateline eval --set-floors`"
        )
    for name, value in floors.settings.items():
        if settings.get(name) != value:
            yield (
                f"the floors were measured with {name} = {value}, but this run has "
                f"{settings.get(name)}"
            )
    reached = means(report)
    for metric, floor in floors.at_least.items():
        # Written so that what is no number fails.
        if not reached.get(metric, math.nan) >= floor:
            yield _describe(report, metric, f"is {_show(reached, metric)}, its floor is {floor}")
    for metric, ceiling in floors.at_most.items():
        if not reached.get(metric, math.nan) <= ceiling:
            bound = f"is {_show(reached, metric)}, its ceiling is {ceiling}"
            yield _describe(report, metric, bound)


def raise_floors(
    report: Mapping[str, Any], old: Floors | None, reason: str | None, today: str
) -> Floors:
    """Floors just below what a report reached. Raises FloorLowered where one would sink and
    no reason is given; a reason is kept in the file."""
    reached = means(report)
    at_least = {
        metric: math.floor((reached[metric] - _SLACK) * 1000) / 1000
        for metric in _FLOORED
        if metric in reached
    }
    at_least["quote_validity"] = 1.0
    sunk = {
        metric: floor
        for metric, floor in (old.at_least if old else {}).items()
        if metric in at_least and at_least[metric] < floor
    }
    if sunk and not reason:
        raise FloorLowered(
            f"this would lower {', '.join(sunk)}: fix what got worse, or say why with "
            '--allow-regression "…"'
        )
    lowered = tuple(
        Lowered(metric=metric, before=floor, after=at_least[metric], reason=reason or "", on=today)
        for metric, floor in sunk.items()
    )
    return Floors(
        gold_digest=report["dataset"]["digest"],
        settings=report["settings"],
        at_least=at_least,
        at_most={"leaks": 0.0},
        lowered=(*(old.lowered if old else ()), *lowered),
    )


def write_floors(floors: Floors, path: Path) -> None:
    path.write_text(floors.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _describe(report: Mapping[str, Any], metric: str, bound: str) -> str:
    broke = [row["id"] for row in report["rows"] if _breaks(row, metric)]
    named = ", ".join(broke[:_MOST_NAMED]) + (" …" if len(broke) > _MOST_NAMED else "")
    return f"{metric} {bound}" + (f"; failed on {len(broke)}: {named}" if broke else "")


def _breaks(row: Mapping[str, Any], metric: str) -> bool:
    return bool(row["leaks"]) if metric == "leaks" else row["scores"].get(metric, 1.0) < 1.0


def _show(reached: Mapping[str, float], metric: str) -> str:
    return f"{reached[metric]:.4f}" if metric in reached else "not measured"
