"""Critical values of the paired test under fixed-b asymptotics, for any level and any number of origins."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

_LEVELS = (0.5, 0.2, 0.1, 0.05, 0.025, 0.01, 0.005, 0.0025, 0.001, 0.0005)
_TABLE = {
    0.0: (0.842, 1.282, 1.645, 1.960, 2.326, 2.576, 2.807, 3.090, 3.291),
    0.02: (0.858, 1.309, 1.682, 2.017, 2.411, 2.671, 2.920, 3.212, 3.440),
    0.05: (0.878, 1.344, 1.740, 2.099, 2.522, 2.813, 3.105, 3.442, 3.708),
    0.1: (0.913, 1.410, 1.840, 2.238, 2.723, 3.064, 3.411, 3.845, 4.167),
    0.15: (0.950, 1.480, 1.944, 2.382, 2.936, 3.335, 3.721, 4.244, 4.617),
    0.2: (0.989, 1.551, 2.055, 2.539, 3.153, 3.598, 4.051, 4.662, 5.101),
    0.25: (1.029, 1.626, 2.168, 2.695, 3.370, 3.874, 4.386, 5.053, 5.571),
    0.3: (1.070, 1.700, 2.283, 2.856, 3.586, 4.143, 4.696, 5.450, 6.004),
    0.35: (1.112, 1.778, 2.399, 3.015, 3.806, 4.419, 5.011, 5.825, 6.423),
    0.4: (1.154, 1.855, 2.515, 3.175, 4.018, 4.671, 5.318, 6.171, 6.849),
    0.45: (1.198, 1.933, 2.635, 3.326, 4.221, 4.913, 5.604, 6.500, 7.156),
    0.5: (1.242, 2.011, 2.750, 3.478, 4.418, 5.153, 5.875, 6.826, 7.563),
}
"""One-sided critical values at these levels but the first, by bandwidth over origins: Bartlett kernel.

Drawn by benchmarks/fixed_b.py; within 0.04 of the polynomials of Kiefer and Vogelsang (2005); 0.0: normal.
"""
_SHARES = np.array(list(_TABLE))
_VALUES = np.array([(0.0, *row) for row in _TABLE.values()])
# in units of the normal's own quantiles a row is nearly a line, so that few levels tell of all
_NORMAL = np.array([-NormalDist().inv_cdf(level) for level in _LEVELS])


def critical_value(share: float, level: float) -> float:
    """What the statistic must pass at a one-sided level; infinite at a level that the table does not reach.

    `share`: bandwidth over origins, 0 to 0.5.
    """
    if not _LEVELS[-1] <= level <= _LEVELS[0]:
        return math.inf
    return float(np.interp(-NormalDist().inv_cdf(level), _NORMAL, _row(share)))


def chance(share: float, statistic: float) -> float:
    """How often an equal model has such a statistic or a larger one; past the table along its last slope."""
    if math.isnan(statistic):
        return 1.0
    if statistic < 0:
        return 1.0 - chance(share, -statistic)
    row = _row(share)
    # a floor there would pass any slice among some hundred: Holm's levels lie below the table
    slope = (_NORMAL[-1] - _NORMAL[-2]) / (row[-1] - row[-2])
    beyond = slope * max(0.0, statistic - row[-1])
    return NormalDist().cdf(-float(np.interp(statistic, row, _NORMAL) + beyond))


def _row(share: float) -> np.ndarray:
    """Critical values by level: (levels,)."""
    return np.array([np.interp(share, _SHARES, column) for column in _VALUES.T])
