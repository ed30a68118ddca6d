"""Forecasts that need no training, from the whole history before the cutoff: what any model must beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEASONS_AVERAGED = 7
"""How many past seasons `seasonal_mean` averages, where the history holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a baseline may look at: rows of a series table up to W cutoffs."""

    y: Floats
    """Values of all series end to end: (R,)."""
    begin: Ints
    """First row of each forecast's series: (W,)."""
    cutoff: Ints
    """Last row each forecast may know: (W,)."""
    season: int
    """Steps of a season."""
    horizon: int
    """Steps to forecast: H."""
    gap: Ints | int = 0
    """Steps between each cutoff and the first step to forecast, for series that ended early: (W,)."""

    @property
    def ahead(self) -> Ints:
        """How far each target lies after its cutoff, from 1: (W, H)."""
        gap = np.broadcast_to(np.asarray(self.gap, dtype=np.int64), self.cutoff.shape)
        return gap[:, None] + np.arange(1, self.horizon + 1)

    def back(self, seasons: int) -> tuple[Floats, NDArray[np.bool_]]:
        """The value so many seasons before each target, and whether the history reaches there: (W, H)."""
        phase = (self.ahead - 1) % self.season + 1
        row = self.cutoff[:, None] + phase - seasons * self.season
        known = row >= self.begin[:, None]
        return self.y[np.where(known, row, self.cutoff[:, None])], known


def last_value(history: History) -> Floats:
    """The newest value, for every step: (W, H)."""
    return np.repeat(history.y[history.cutoff][:, None], history.horizon, axis=1)


def seasonal_naive(history: History) -> Floats:
    """The value one season before; the newest value where the history is shorter than a season: (W, H)."""
    values, known = history.back(1)
    return np.where(known, values, last_value(history))


def seasonal_mean(history: History) -> Floats:
    """The mean of the same step of the last seasons, as far as the history reaches: (W, H)."""
    total = np.zeros((len(history.cutoff), history.horizon))
    count = np.zeros_like(total)
    for seasons in range(1, SEASONS_AVERAGED + 1):
        values, known = history.back(seasons)
        total += np.where(known, values, 0.0)
        count += known
    return np.where(count > 0, total / np.maximum(count, 1), last_value(history))


def drift(history: History) -> Floats:
    """The line from the first value to the newest, continued: (W, H)."""
    newest, steps = history.y[history.cutoff], history.cutoff - history.begin
    slope = (newest - history.y[history.begin]) / np.maximum(steps, 1)
    return newest[:, None] + slope[:, None] * history.ahead


def mean(history: History) -> Floats:
    """The mean of all values so far, for every step; the best there is for noise around a level: (W, H)."""
    level = np.empty(len(history.cutoff))
    order = np.argsort(history.begin, kind="stable")
    begins, heads = np.unique(history.begin[order], return_index=True)
    # series by series: one running sum over all would let a huge series take the digits of a small one
    for begin, mine in zip(begins.tolist(), np.split(order, heads[1:]), strict=True):
        last = history.cutoff[mine]
        total = np.cumsum(history.y[begin : int(last.max()) + 1])
        level[mine] = total[last - begin] / (last - begin + 1)
    return np.repeat(level[:, None], history.horizon, axis=1)


BASELINES: dict[str, Callable[[History], Floats]] = {
    "last_value": last_value,
    "seasonal_naive": seasonal_naive,
    "seasonal_mean": seasonal_mean,
    "drift": drift,
    "mean": mean,
}
"""Every baseline by name, in the order of reports; the first of equals wins."""
