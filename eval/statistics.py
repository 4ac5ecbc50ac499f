"""How sure a mean is, and whether two runs differ; by SciPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_RESAMPLES = 2_000
_BINS = 10
_SEED = 7
_FEWEST_PAIRS = 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % bootstrap interval, over `n` questions."""

    mean: float
    low: float
    high: float
    n: int


def estimate(values: Sequence[float]) -> Estimate:
    """Percentile bootstrap; of no values the mean is 0: nothing was shown."""
    from scipy import stats

    if not values:
        return Estimate(0.0, 0.0, 0.0, 0)
    mean = float(np.mean(values))
    if len(set(values)) == 1:
        return Estimate(mean, mean, mean, len(values))
    interval = stats.bootstrap(
        (np.asarray(values),),
        np.mean,
        n_resamples=_RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high), len(values))


def paired_p_value(before: Sequence[float], after: Sequence[float]) -> float:
    """Two-sided paired permutation test of the difference in means; 1 where nothing differs or
    one pair is all there is."""
    from scipy import stats

    differences = np.asarray(after) - np.asarray(before)
    if len(differences) < _FEWEST_PAIRS or not differences.any():
        return 1.0
    found = stats.permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=_RESAMPLES,
        rng=np.random.default_rng(_SEED),
    )
    return float(found.pvalue)


def calibration_error(confidences: Sequence[float], right: Sequence[float]) -> float:
    """Expected calibration error over ten equal bins (Naeini et al., AAAI 2015)."""
    bins: dict[int, list[tuple[float, float]]] = {}
    for confidence, outcome in zip(confidences, right, strict=True):
        bins.setdefault(min(int(confidence * _BINS), _BINS - 1), []).append((confidence, outcome))
    gaps = (
        abs(sum(c for c, _ in pairs) - sum(outcome for _, outcome in pairs))
        for pairs in bins.values()
    )
    return sum(gaps) / len(confidences) if confidences else 0.0


def area_under_curve(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """How often a positive scores above a negative, ties half: .5 is chance (Mann-Whitney's U)."""
    from scipy import stats

    above = [score for score, mark in zip(scores, positive, strict=True) if mark]
    below = [score for score, mark in zip(scores, positive, strict=True) if not mark]
    if not above or not below:
        return 0.5
    return float(stats.mannwhitneyu(above, below).statistic) / (len(above) * len(below))


def percentile(values: Sequence[float], quantile: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[max(math.ceil(quantile * len(ordered)) - 1, 0)] if ordered else 0.0
