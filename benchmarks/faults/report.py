"""The table: fault, what users saw, for how long."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.faults.running import Run

_HEADINGS = (
    "fault", "asked", "answered", "503", "errors", "longest", "disturbed", "after it",
    "Slack: asked", "once", "told it failed", "late", "longest", "ingest: runs", "ended after",
    "index complete", "all up after", "by itself",
)  # fmt: skip


def render_table(runs: Iterable[Run]) -> str:
    """Markdown."""
    lines = [_join(_HEADINGS), _join("---" for _ in _HEADINGS)]
    lines.extend(_join(_build_row(run)) for run in runs)
    return "\n".join(lines)


def _build_row(run: Run) -> tuple[str, ...]:
    seen, slack, moments = run.seen, run.slack, run.moments
    return (
        run.name,
        str(seen.asked),
        str(seen.answered + seen.declined),
        str(seen.refused),
        str(seen.failed),
        f"{seen.longest_s:.1f} s",
        f"{seen.disturbed_s:.0f} s",
        f"{seen.after_s:.0f} s",
        str(slack.asked),
        str(slack.once),
        str(slack.failed),
        str(slack.late),
        f"{slack.longest_s:.0f} s",
        str(run.ingest_runs),
        _tell_since(moments.lifted, moments.indexed),
        _tell_since(moments.lifted, moments.complete),
        _tell_since(moments.lifted, moments.whole),
        "yes" if run.recovered else "**no**",
    )


def _tell_since(lifted: float, moment: float | None) -> str:
    return "never" if moment is None else f"{moment - lifted:.0f} s"


def _join(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
