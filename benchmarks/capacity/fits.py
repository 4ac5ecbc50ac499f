"""How a cost grows with the archive: a constant, a part by the logarithm, a part by the chunk."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Growth:
    """Milliseconds, megabytes or whatever was measured, at so many chunks; never over `most`."""

    constant: float
    by_log10: float
    by_million: float
    most: float = math.inf

    def at(self, chunks: float) -> float:
        found = (
            self.constant + self.by_log10 * math.log10(chunks) + self.by_million * chunks / _MILLION
        )
        return min(found, self.most)


def fit_growth(measured: Mapping[int, float]) -> Growth:
    """By least squares of the relative errors, no part below nothing."""
    if not measured:
        raise ValueError("nothing was measured")
    rows = [(1.0, math.log10(chunks), chunks / _MILLION) for chunks in measured]
    values = np.fromiter(measured.values(), dtype=float)
    if not values.any():
        return Growth(0.0, 0.0, 0.0)
    # What is next to nothing must not weigh more than all the rest.
    weights = 1.0 / np.maximum(values, values.max() / 100)
    found, _ = nnls(np.asarray(rows) * weights[:, None], values * weights)
    return Growth(*map(float, found))
