"""An evaluation as one HTML page that stands alone: scores, plots and every failure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup

from eval.faults import FAULTS, find_faults, to_number

_WIDTH = 420  # of every plot, in its own units: the page scales it
_RANKS = range(1, 11)
_BINS = 10
_Ticks = Sequence[tuple[float, str]]
_QUARTERS = [(quarter / 4, f"{quarter / 4:g}") for quarter in range(5)]


@dataclass(frozen=True, slots=True)
class _Score:
    """A mean and its 95 % interval; what is undefined is None."""

    mean: float | None = None
    low: float | None = None
    high: float | None = None
    n: float | None = None


@dataclass(frozen=True, slots=True)
class _Plot:
    """SVG elements, what they show in words, and what the caption has to add."""

    said: str
    height: float
    marks: Sequence[Markup]
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A plot's axes; `x` and `y` take a share of their length, `y` upwards."""

    left: float
    top: float
    width: float
    height: float

    def x(self, share: float) -> float:
        return self.left + share * self.width

    def y(self, share: float) -> float:
        return self.top + (1 - share) * self.height


@dataclass(frozen=True, slots=True)
class _Bin:
    """Questions of like confidence: how many, their mean confidence, the share right."""

    count: int
    confidence: float
    right: float


def render_html(report: Mapping[str, Any]) -> str:
    """The page of a report: version, created_at, dataset, settings, summary and by_kind (metric →
    mean, low, high, n), baselines (metric → number) and rows. Whatever is missing is left out."""
    rows = report.get("rows") or ()
    summary = _read_scores(report.get("summary"))
    by_kind = {kind: _read_scores(s) for kind, s in (report.get("by_kind") or {}).items()}
    baselines = {way: _read_scores(s) for way, s in (report.get("baselines") or {}).items()}
    failures = [(row, faults) for row in rows if (faults := find_faults(row))]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"score": _show_score, "moment": _show_moment, "setting": _show_setting}
    return environment.get_template("report.html.j2").render(
        report=report,
        summary=summary,
        plots={
            "kinds": _plot_bars(
                by_kind, ("containment", "hit_rate@1"), "kind", "share of questions"
            ),
            "ranks": _plot_ranks(rows),
            "calibration": _plot_calibration(rows),
            "latency": _plot_latency(rows),
            "baselines": _plot_bars(baselines, ("hit_rate@1", "mrr@10"), "retrieval", "mean"),
        },
        by_kind=by_kind,
        kind_metrics=[m for m in summary if any(m in scores for scores in by_kind.values())],
        questions={kind: sum(row.get("kind") == kind for row in rows) for kind in by_kind},
        failures=failures,
        faults={f: (text, sum(f in fs for _, fs in failures)) for f, text in FAULTS.items()},
    )


def hit_rate_by_rank(rows: Sequence[Mapping[str, Any]]) -> tuple[float, ...]:
    """For k = 1 to 10, the share of answerable questions with a relevant article by rank k; ()
    where no question is answerable."""
    answerable = [row for row in rows if row.get("answerable")]
    ranks = [to_number(row.get("first_relevant_rank")) or math.inf for row in answerable]
    return tuple(sum(rank <= k for rank in ranks) / len(ranks) for k in _RANKS if ranks)


def calibrate(rows: Sequence[Mapping[str, Any]]) -> tuple[_Bin | None, ...]:
    """Ten bins of confidence, None where no row fell. Right is: answerable, containment 1."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for row in rows:
        confidence = to_number(row.get("confidence"))
        if confidence is None:
            continue
        contained = to_number((row.get("scores") or {}).get("containment")) or 0.0
        right = bool(row.get("answerable")) and contained >= 1
        clipped = min(max(confidence, 0.0), 1.0)
        bins[min(int(clipped * _BINS), _BINS - 1)].append((clipped, right))
    return tuple(
        _Bin(len(b), sum(c for c, _ in b) / len(b), sum(r for _, r in b) / len(b)) if b else None
        for b in bins
    )


def _plot_bars(
    groups: Mapping[str, Mapping[str, _Score]],
    series: tuple[str, str],
    y_label: str,
    x_label: str,
) -> _Plot | None:
    """A pair of horizontal bars to a group; groups that have neither score are left out."""
    pairs = {g: [scores.get(m, _Score()) for m in series] for g, scores in groups.items()}
    pairs = {g: pair for g, pair in pairs.items() if any(score.mean is not None for score in pair)}
    if not pairs:
        return None
    left = min(12 + 6.6 * max(len(_shorten(group)) for group in pairs), 150)
    frame = _Frame(left, 26, _WIDTH - left - 40, 38 * len(pairs))
    marks = _draw_axes(frame, x_label, y_label, _QUARTERS, ())
    kinds = ("bar", "bar second")
    for x, kind, metric in zip((200, 315), kinds, series, strict=True):
        marks += [_rect(x, 3, 12, 10, kind), _text(x + 18, 12, metric, "start")]
    said = [" and ".join(series)]
    for place, (group, pair) in enumerate(pairs.items()):
        y = frame.top + 38 * place + 7
        n = next((f"n = {score.n:.0f}" for score in pair if score.n is not None), "")
        marks.append(_text(left - 8, y + (9 if n else 16), _shorten(group), "end"))
        marks.append(_text(left - 8, y + 23, n, "end", "note"))
        for below, kind, score in zip((0, 13), kinds, pair, strict=True):
            marks += _draw_bar(frame, y + below, score, kind)
        said.append(f"{group}: {' and '.join(_show_score(score.mean) for score in pair)} {n}")
    return _Plot("; ".join(said), frame.y(0) + 42, marks)


def _draw_bar(frame: _Frame, y: float, score: _Score, kind: str) -> list[Markup]:
    if score.mean is None:
        return [_text(frame.left + 5, y + 9, "–", "start", "value")]
    x = frame.x(max(score.mean, score.high or 0.0)) + 5
    marks = [_rect(frame.left, y, score.mean * frame.width, 11, kind)]
    if score.low is not None and score.high is not None:
        marks.append(_line(frame.x(score.low), y + 5.5, frame.x(score.high), y + 5.5, "whisker"))
    return [*marks, _text(x, y + 9.5, f"{score.mean:.2f}", "start", "value")]


def _plot_ranks(rows: Sequence[Mapping[str, Any]]) -> _Plot | None:
    rates = hit_rate_by_rank(rows)
    if not rates:
        return None
    frame = _Frame(38, 30, _WIDTH - 50, 190)
    across = [(k - 0.5) / len(_RANKS) for k in _RANKS]
    ticks = [(x, str(k)) for x, k in zip(across, _RANKS, strict=True)]
    marks = _draw_axes(frame, "rank k", "share of answerable questions", ticks, _QUARTERS)
    points = [(frame.x(x), frame.y(rate)) for x, rate in zip(across, rates, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks.append(Markup('<polyline class="curve" points="{}"/>').format(path))
    for (x, y), rate in zip(points, rates, strict=True):
        label_y = y + 18 if rate > 0.15 else y - 9
        marks += [_dot(x, y), _text(x, label_y, f"{rate:.2f}", "middle", "value")]
    n = sum(bool(row.get("answerable")) for row in rows)
    missed = n - round(rates[-1] * n)
    note = f"{missed} of the {n} answerable questions have none in the first ten."
    said = ", ".join(f"rank {k}: {rate:.3f}" for k, rate in zip(_RANKS, rates, strict=True))
    return _Plot(said, frame.y(0) + 42, marks, note)


def _plot_calibration(rows: Sequence[Mapping[str, Any]]) -> _Plot | None:
    bins = calibrate(rows)
    if not any(bins):
        return None
    frame = _Frame(38, 48, _WIDTH - 50, 220)
    marks = _draw_axes(frame, "mean confidence", "share right", _QUARTERS, _QUARTERS)
    marks.append(_line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), "diagonal"))
    marks.append(_text(frame.left - 8, 40, "n", "end", "note"))
    for place, held in enumerate(bins):
        count = str(held.count) if held else "0"
        marks.append(_text(frame.x((place + 0.5) / _BINS), 40, count, "middle", "note"))
        if held:
            x, y = frame.x(held.confidence), frame.y(held.right)
            marks += [_line(x, frame.y(held.confidence), x, y, "gap"), _dot(x, y)]
    held_bins = (b for b in bins if b)
    said = "; ".join(f"{b.confidence:.2f}: {b.right:.2f} right, n = {b.count}" for b in held_bins)
    return _Plot(said, frame.y(0) + 42, marks)


def _plot_latency(rows: Sequence[Mapping[str, Any]]) -> _Plot | None:
    taken = sorted(ms for row in rows if (ms := to_number(row.get("latency_ms"))) is not None)
    if not taken:
        return None
    # By nearest rank, as the summary has them.
    p50, p95 = (taken[max(math.ceil(share * len(taken)) - 1, 0)] for share in (0.50, 0.95))
    step = _round_up(max(p95, 0.01) / 12)
    bars = min(int(taken[-1] / step) + 1, 18)
    counts = [sum(min(int(ms / step), bars - 1) == bar for ms in taken) for bar in range(bars)]
    frame = _Frame(38, 48, _WIDTH - 50, 190)
    by = math.ceil(max(counts) / 4)
    x_ticks = [(bar / bars, f"{bar * step:g}") for bar in range(0, bars + 1, 3 if bars > 5 else 1)]
    y_ticks = [(quarter / 4, str(quarter * by)) for quarter in range(5)]
    marks = _draw_axes(frame, "milliseconds", "questions", x_ticks, y_ticks)
    for bar, count in enumerate(counts):
        y = frame.y(count / (4 * by))
        marks.append(_rect(frame.x(bar / bars), y, frame.width / bars, frame.y(0) - y, "bar"))
    for label, ms, y in (("p50", p50, 28), ("p95", p95, 42)):
        x = frame.x(min(ms / (step * bars), 1.0))
        x_text, anchor = (x + 5, "start") if x < _WIDTH - 70 else (x - 5, "end")
        marks.append(_line(x, y - 9, x, frame.y(0), "whisker"))
        marks.append(_text(x_text, y, f"{label} {ms:.1f}", anchor, "value"))
    slower = sum(ms >= bars * step for ms in taken)
    note = f"The last bar also holds {slower} slower than the axis." if slower else ""
    said = f"p50 {p50:.1f} ms, p95 {p95:.1f} ms; by {step:g} ms: {', '.join(map(str, counts))}"
    return _Plot(said, frame.y(0) + 42, marks, note)


def _draw_axes(
    frame: _Frame, x_label: str, y_label: str, x_ticks: _Ticks, y_ticks: _Ticks
) -> list[Markup]:
    """Ticks are (share of the axis, label). Grid lines are y's, or x's where y has no ticks."""
    x0, x1, y0, y1 = frame.x(0), frame.x(1), frame.y(0), frame.y(1)
    grid = [_line(x0, frame.y(share), x1, frame.y(share), "grid") for share, _ in y_ticks]
    grid = grid or [_line(frame.x(share), y0, frame.x(share), y1, "grid") for share, _ in x_ticks]
    return [
        *grid,
        _line(x0, y0, x1 if y_ticks else x0, y0 if y_ticks else y1, "axis"),
        *(_text(frame.x(share), y0 + 16, label, "middle") for share, label in x_ticks),
        *(_text(x0 - 8, frame.y(share) + 4, label, "end") for share, label in y_ticks),
        _text(x1, y0 + 34, x_label, "end", "label"),
        _text(0, 12, y_label, "start", "label"),
    ]


def _rect(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return _shape("rect", kind, x=x, y=y, width=width, height=height)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return _shape("line", kind, x1=x1, y1=y1, x2=x2, y2=y2)


def _dot(x: float, y: float) -> Markup:
    return _shape("circle", "dot", cx=x, cy=y, r=3.5)


def _shape(tag: str, kind: str, **places: float) -> Markup:
    attributes = Markup(" ").join(Markup('{}="{:.1f}"').format(*place) for place in places.items())
    return Markup('<{} class="{}" {}/>').format(tag, kind, attributes)


def _text(x: float, y: float, text: str, anchor: str, kind: str = "tick") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, text
    )


def _shorten(label: str) -> str:
    return label if len(label) <= 20 else label[:19] + "…"


def _round_up(step: float) -> float:
    """The next of 1, 2, 5, 10, 20, …"""
    power = 10 ** math.floor(math.log10(step))
    return float(next(power * digit for digit in (1, 2, 5, 10) if power * digit >= step))


def _read_scores(scores: Mapping[str, Any] | None) -> dict[str, _Score]:
    """Of metric → {mean, low, high, n} or metric → mean."""
    named = {m: s if isinstance(s, Mapping) else {"mean": s} for m, s in (scores or {}).items()}
    return {metric: _read_score(score) for metric, score in named.items()}


def _read_score(score: Mapping[str, Any]) -> _Score:
    """A mean over nothing is undefined; an interval of no width says nothing."""
    mean, low, high, n = (to_number(score.get(name)) for name in ("mean", "low", "high", "n"))
    return _Score(None if n == 0 else mean, *((low, high) if low != high else (None, None)), n)


def _show_score(value: Any, metric: str = "") -> str:
    if (number := to_number(value)) is None:
        return "–"
    places = 0 if metric == "leaks" else 1 if metric.endswith("_ms") else 3
    return f"{number:,.{places}f}"


def _show_moment(text: str | None) -> str:
    """In its own time zone: a publisher's day is not moved."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return text or "undated"
    return f"{moment:%Y-%m-%d %H:%M %Z}".strip()


def _show_setting(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
