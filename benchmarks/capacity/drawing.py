"""Curves over sizes that grow tenfold, as SVG that reads on light and on dark pages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 200, 40, 44
# Distinguishable with colour blindness, and on white as on black (Okabe and Ito).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#808080", "#999933")
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 2", "10 4", "4 2 1 2", "12 3")
_LEAST_GAP = 15
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#24292f}"
    ".grid{stroke:#8c959f;stroke-opacity:.35}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}}"
)


@dataclass(frozen=True, slots=True)
class Chart:
    """`curves`: by name, what was measured at each size."""

    title: str
    unit: str
    curves: Mapping[str, Mapping[int, float]]


def draw(chart: Chart) -> str:
    """Both axes logarithmic."""
    sizes = sorted({size for curve in chart.curves.values() for size in curve})
    values = [value for curve in chart.curves.values() for value in curve.values()]
    decades = range(
        math.floor(math.log10(min(values))),
        max(math.ceil(math.log10(max(values))), math.floor(math.log10(min(values))) + 1) + 1,
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            f'role="img" aria-label="{escape(chart.title)}">',
            f"<style>{_STYLE}</style>",
            f'<text x="{_LEFT}" y="22" font-weight="bold">{escape(chart.title)}</text>',
            *_draw_grid(sizes, decades, chart.unit),
            *_draw_curves(chart, sizes, decades),
            "</svg>\n",
        )
    )


def _draw_grid(sizes: Sequence[int], decades: range, unit: str) -> Iterator[str]:
    right = _WIDTH - _RIGHT
    for power in decades:
        y = _find_y(10.0**power, decades)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{right}"/>'
        yield (
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{10.0**power:,g} {escape(unit)}</text>"
        )
    for size in sizes:
        x = _find_x(size, sizes)
        yield f'<path class="grid" d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}"/>'
        yield (
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{size:,}</text>'
        )
    middle = (_LEFT + right) / 2
    yield f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">chunks</text>'


def _draw_curves(chart: Chart, sizes: Sequence[int], decades: range) -> Iterator[str]:
    labels = _place_labels(
        {name: curve[max(curve)] for name, curve in chart.curves.items()}, decades
    )
    for number, (name, curve) in enumerate(chart.curves.items()):
        colour, dash = _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)]
        points = " ".join(
            f"{_find_x(size, sizes):.1f},{_find_y(value, decades):.1f}"
            for size, value in sorted(curve.items())
        )
        yield (
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" '
            f'stroke-dasharray="{dash}"/>'
        )
        yield (
            f'<text x="{_WIDTH - _RIGHT + 10}" y="{labels[name]:.1f}" style="fill:{colour}">'
            f"{escape(name)}</text>"
        )


def _place_labels(last: Mapping[str, float], decades: range) -> dict[str, float]:
    """At the ends of their curves, pushed down where they would cover each other."""
    places: dict[str, float] = {}
    lowest = -math.inf
    for name in sorted(last, key=lambda name: -last[name]):
        lowest = max(_find_y(last[name], decades) + 4, lowest + _LEAST_GAP)
        places[name] = lowest
    return places


def _find_x(size: float, sizes: Sequence[int]) -> float:
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])
    share = (math.log10(size) - first) / (last - first) if last > first else 0.5
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _find_y(value: float, decades: range) -> float:
    share = (math.log10(value) - decades[0]) / (decades[-1] - decades[0])
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
