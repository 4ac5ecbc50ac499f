"""How measured costs are carried on to sizes that were not measured."""

from __future__ import annotations

import math

import pytest

from benchmarks.capacity.fits import Growth, fit_growth

SIZES = (1_000, 10_000, 100_000, 1_000_000)


@pytest.mark.parametrize(
    "growth",
    [Growth(8.0, 0.0, 0.0), Growth(1.0, 2.0, 0.0), Growth(0.5, 0.0, 20.0), Growth(1.0, 0.5, 3.0)],
    ids=["constant", "logarithm", "linear", "all three"],
)
def test_a_fit_finds_what_the_costs_were_made_of(growth: Growth) -> None:
    found = fit_growth({size: growth.at(size) for size in SIZES})
    for size in (*SIZES, 10**8):
        assert found.at(size) == pytest.approx(growth.at(size), rel=1e-3)


def test_no_cost_falls_as_the_archive_grows() -> None:
    found = fit_growth(dict(zip(SIZES, (5.0, 4.8, 4.9, 4.7), strict=True)))
    costs = [found.at(10**power) for power in range(3, 9)]
    assert costs == sorted(costs)
    assert min(costs) >= 0


def test_small_costs_count_as_much_as_large_ones() -> None:
    measured = {1_000: 0.11, 10_000: 0.2, 100_000: 1.1, 1_000_000: 10.1}
    found = fit_growth(measured)
    for size, cost in measured.items():
        assert math.isclose(found.at(size), cost, rel_tol=0.1)


def test_what_costs_nothing_is_nothing_and_nothing_measured_is_an_error() -> None:
    assert fit_growth({1_000: 0.0, 10_000: 0.0}).at(10**8) == 0.0
    with pytest.raises(ValueError, match="nothing was measured"):
        fit_growth({})
