"""The paired test: whether the mean of loss differences lies above zero, where neighbours are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.gate import critical

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest:
    """Differences of losses in order of time, and what can be said of their mean."""

    origins: int
    mean: float
    """Of the differences; above 0 where the candidate loses less."""
    error: float
    """Standard error of the mean, robust against autocorrelation."""

    @property
    def statistic(self) -> float:
        """Mean over standard error; infinite where every difference is the same, 0 where all are 0."""
        if self.error > 0:
            return self.mean / self.error
        return math.copysign(math.inf, self.mean) if self.mean else 0.0

    def critical(self, level: float) -> float:
        """What the statistic must pass, so that an equal model does in this share of cases."""
        return critical.critical_value(self._share, level)

    @property
    def chance(self) -> float:
        """How often an equal model has such a statistic or a larger one."""
        return critical.chance(self._share, self.statistic)

    @property
    def _share(self) -> float:
        return bandwidth(self.origins) / self.origins

    def passes(self, level: float) -> bool:
        """The mean lies above zero, at this level."""
        return self.statistic > self.critical(level)

    def bounds(self, level: float) -> tuple[float, float]:
        """The mean's lower and upper bound, each one-sided at this level; none where no test bears it."""
        limit = self.critical(level)
        if math.isinf(limit):
            return -math.inf, math.inf
        reach = limit * self.error
        return self.mean - reach, self.mean + reach


def bandwidth(origins: int) -> int:
    """ceil(1.3 sqrt n) origins (Lazarus, Lewis, Stock, Watson 2018)."""
    return math.ceil(1.3 * math.sqrt(origins))


def paired_test(differences: Floats) -> PairedTest:
    """Test a mean with the Bartlett long-run variance of Diebold and Mariano (1995), fixed-b.

    Shapes: differences (n,), n at least 1, finite, in order of time.
    """
    n, width = len(differences), bandwidth(len(differences))
    # in units of the largest: squares of what a float can hold may be more than it can
    unit = float(np.max(np.abs(differences), initial=0.0)) or 1.0
    scaled = differences / unit
    mean = float(np.mean(scaled))
    walk = np.concatenate([[0.0], np.cumsum(scaled - mean)])
    begin = np.arange(1 - width, n)
    # the Bartlett sum of autocovariances is the mean square of sums over windows of its width: never below 0
    sums = walk[np.minimum(begin + width, n)] - walk[np.maximum(begin, 0)]
    error = math.sqrt(float(np.sum(sums**2)) / (n * width) / n)
    # equal differences leave no more than what their sum was rounded by
    rounded = float(np.finfo(np.float64).eps) * n
    # an error too small for a float is not none: none would make any mean certain
    error = max(error * unit, math.ulp(0.0)) if error > rounded else 0.0
    return PairedTest(origins=n, mean=mean * unit, error=error)
