"""How often the paired test takes an equal model for a better one, drawn for a given number of origins."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.gate.critical import critical_value
from lstm_pipeline.gate.paired import bandwidth

Floats = NDArray[np.float64]

DRAWS = 10_000
LONGEST = 400
"""Origins from which on the figures stay as they are, and drawing more would take seconds."""
PERSISTENT = 0.5
"""Correlation of neighbouring origins in the second figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Shares of equal models that pass."""

    independent: float
    """Where an origin tells nothing of the next."""
    persistent: float
    """Where neighbouring origins correlate by a half."""


@lru_cache(maxsize=1024)
def simulated_size(origins: int, level: float) -> Size:
    """Draw the size of the test on so many origins at this level; equal arguments give equal figures."""
    origins = min(origins, LONGEST)
    limit = critical_value(bandwidth(origins) / origins, level)
    if math.isinf(limit):
        return Size(independent=0.0, persistent=0.0)
    rng = np.random.default_rng(origins)
    noise = rng.standard_normal((DRAWS, origins))
    related = np.empty_like(noise)
    related[:, 0] = noise[:, 0]
    for at in range(1, origins):
        related[:, at] = PERSISTENT * related[:, at - 1] + np.sqrt(1 - PERSISTENT**2) * noise[:, at]
    return Size(independent=_passing(noise, limit), persistent=_passing(related, limit))


def _passing(differences: Floats, limit: float) -> float:
    """The share of rows that pass. Shapes: differences (draws, n)."""
    draws, n = differences.shape
    width, mean = bandwidth(n), differences.mean(axis=1)
    walk = np.zeros((draws, n + 1))
    np.cumsum(differences - mean[:, None], axis=1, out=walk[:, 1:])
    begin = np.arange(1 - width, n)
    sums = walk[:, np.minimum(begin + width, n)] - walk[:, np.maximum(begin, 0)]
    error = np.sqrt((sums**2).sum(axis=1) / (n * width) / n)
    return float(np.mean(mean > limit * error))
