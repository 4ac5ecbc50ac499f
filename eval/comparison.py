"""Two runs over the same questions: what got better, what got worse, and is it chance?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.dataset import GoldError
from eval.statistics import paired_p_value

_DECIDING = ("containment", "abstention_recall", "hit_rate@10")


@dataclass(frozen=True, slots=True)
class Change:
    """A metric over the questions that both runs scored."""

    metric: str
    before: float
    after: float
    n: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """`better` and `worse` are the ids of questions whose answer changed."""

    changes: tuple[Change, ...]
    better: tuple[str, ...]
    worse: tuple[str, ...]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Two reports. Raises GoldError if they are not of the same questions."""
    old = {row["id"]: row for row in before["rows"]}
    new = {row["id"]: row for row in after["rows"]}
    if set(old) != set(new):
        raise GoldError(
            f"the runs asked different questions ({len(old)} and {len(new)}): compare runs of the "
            "same gold set"
        )
    metrics = dict.fromkeys(metric for row in new.values() for metric in row["scores"])
    changes = tuple(
        change for metric in metrics if (change := _compare_metric(metric, old, new)) is not None
    )
    gains = {row_id: _worth(new[row_id]) - _worth(old[row_id]) for row_id in new}
    return Comparison(
        changes,
        better=tuple(row_id for row_id, gain in gains.items() if gain > 0),
        worse=tuple(row_id for row_id, gain in gains.items() if gain < 0),
    )


def render_comparison(comparison: Comparison, after: Mapping[str, Any], console: Console) -> None:
    table = Table(box=None, title="Before and after")
    for heading in ("metric", "before", "after", "change", "n", "p"):
        table.add_column(heading, justify="left" if heading == "metric" else "right")
    for change in comparison.changes:
        table.add_row(
            change.metric,
            f"{change.before:.3f}",
            f"{change.after:.3f}",
            f"{change.after - change.before:+.3f}",
            str(change.n),
            f"{change.p_value:.3f}",
        )
    console.print(table)
    questions = {row["id"]: row["question"] for row in after["rows"]}
    for heading, ids in (("Better", comparison.better), ("Worse", comparison.worse)):
        console.print(f"{heading}: {len(ids)}")
        for row_id in ids:
            console.print(f"  {row_id} {questions[row_id]}", markup=False)


def _compare_metric(metric: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change | None:
    shared = [i for i in new if metric in new[i]["scores"] and metric in old[i]["scores"]]
    if not shared:
        return None
    before = [float(old[row_id]["scores"][metric]) for row_id in shared]
    after = [float(new[row_id]["scores"][metric]) for row_id in shared]
    return Change(
        metric,
        sum(before) / len(shared),
        sum(after) / len(shared),
        len(shared),
        paired_p_value(before, after),
    )


def _worth(row: Mapping[str, Any]) -> float:
    """What a reader got: the answer, or the refusal that was due; then what was found."""
    scores = row["scores"]
    first, second, third = (float(scores.get(metric, 0.0)) for metric in _DECIDING)
    return 100.0 * first + 100.0 * second + third
