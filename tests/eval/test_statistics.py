"""Intervals, significance and calibration, on cases that can be seen through."""

from __future__ import annotations

import pytest

from eval.statistics import (
    Estimate,
    area_under_curve,
    calibration_error,
    estimate,
    paired_p_value,
    percentile,
)


def test_an_estimate_has_the_mean_within_its_interval() -> None:
    found = estimate([0.0, 1.0] * 50)
    assert found.mean == 0.5
    assert found.n == 100
    # The standard error is 0.5 / sqrt(100) = 0.05; 1.96 of them are about 0.1.
    assert found.low == pytest.approx(0.4, abs=0.03)
    assert found.high == pytest.approx(0.6, abs=0.03)
    assert estimate([0.0, 1.0] * 50) == found


def test_equal_values_leave_no_doubt_and_no_values_show_nothing() -> None:
    assert estimate([1.0, 1.0]) == Estimate(1.0, 1.0, 1.0, 2)
    assert estimate([]) == Estimate(0.0, 0.0, 0.0, 0)


def test_a_difference_on_every_question_is_no_chance_and_none_is() -> None:
    worse, better = [0.0] * 12, [1.0] * 12
    # All twelve signs alike: 2 / 2**12 = 0.0005.
    assert paired_p_value(worse, better) < 0.01
    assert paired_p_value(better, better) == 1.0
    assert paired_p_value([0.0, 1.0] * 6, [1.0, 0.0] * 6) > 0.5


def test_calibration_error_is_the_gap_weighted_by_bin() -> None:
    # Bin .8: two, both right, |1.6 - 2| = .4; bin .3: two, none right, |.6 - 0| = .6; (1.0) / 4.
    assert calibration_error([0.8, 0.8, 0.3, 0.3], [1, 1, 0, 0]) == pytest.approx(0.25)
    assert calibration_error([1.0], [1.0]) == 0.0
    assert calibration_error([], []) == 0.0


def test_percentiles_are_by_nearest_rank() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0  # ceil(1.5) = the 2nd
    assert percentile([5.0], 0.95) == 5.0
    assert percentile([], 0.5) == 0.0


def test_the_area_under_the_curve_counts_the_pairs_in_order() -> None:
    # Of the four pairs .9 > .5, .9 > .2 and .4 > .2 are in order, .4 < .5 is not.
    assert area_under_curve([0.9, 0.4, 0.5, 0.2], [True, True, False, False]) == 0.75
    assert area_under_curve([0.5, 0.5], [True, False]) == 0.5
    assert area_under_curve([0.5, 0.7], [True, True]) == 0.5
