"""Forecasts that need no training, from the whole history before the cutoff: what any model must beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.observed import newest_observed
from lstm_pipeline.series.table import SeriesTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# the mean of the last seven days has an error of 0.400 on ETTh1, where the tutorial's lstm has 0.495
SEASONS_AVERAGED = 7
"""How many past seasons `seasonal_mean` averages, where the history holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Rows of a series table, and where each value was observed last: what is carried or filled is none."""

    y: Floats
    """Values of all series end to end: (R,)."""
    observed: Bools
    """(R,)"""
    newest: Ints
    """The newest observed row so far, of the same series; -1 where there is none: (R,)."""
    in_season: Ints
    """The same among rows a whole number of seasons before, itself included: (R,)."""
    season: int
    """Steps of a season."""


def past_of(table: SeriesTable, season: int) -> Past:
    """What baselines look at of a table."""
    return Past(
        y=table.y,
        observed=table.observed,
        newest=newest_observed(table, 1),
        in_season=newest_observed(table, season),
        season=season,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a baseline may look at: the past up to W cutoffs."""

    past: Past
    begin: Ints
    """First row of each forecast's series: (W,)."""
    cutoff: Ints
    """Last row each forecast may know: (W,)."""
    horizon: int
    """Steps to forecast: H."""
    gap: Ints | int = 0
    """Steps between each cutoff and the first step to forecast, for series that ended early: (W,)."""

    @property
    def ahead(self) -> Ints:
        """How far each target lies after its cutoff, from 1: (W, H)."""
        gap = np.broadcast_to(np.asarray(self.gap, dtype=np.int64), self.cutoff.shape)
        return gap[:, None] + np.arange(1, self.horizon + 1)

    @property
    def newest(self) -> Ints:
        """The newest observed row of each, or its cutoff where nothing was: (W,)."""
        row = self.past.newest[self.cutoff]
        return np.where(row >= 0, row, self.cutoff)

    def back(self, seasons: int) -> tuple[Ints, Bools]:
        """The row so many seasons before each target, and whether the history reaches there: (W, H)."""
        season = self.past.season
        # a target beyond one season repeats the newest known one: no row after the cutoff may be looked at
        phase = (self.ahead - 1) % season + 1
        row = self.cutoff[:, None] + phase - seasons * season
        known = row >= self.begin[:, None]
        # the cutoff's row stands in for what is not known, so that no lookup leaves the series
        return np.where(known, row, self.cutoff[:, None]), known


def last_value(history: History) -> Floats:
    """The newest value, for every step: (W, H)."""
    return np.repeat(history.past.y[history.newest][:, None], history.horizon, axis=1)


def seasonal_naive(history: History) -> Floats:
    """The newest value a whole number of seasons before; the newest of all where there is none: (W, H)."""
    row, known = history.back(1)
    source = history.past.in_season[row]
    return np.where(known & (source >= 0), history.past.y[source], last_value(history))


def seasonal_mean(history: History) -> Floats:
    """The mean of the same step of the last seasons, as far as they were observed: (W, H)."""
    total = np.zeros((len(history.cutoff), history.horizon))
    count = np.zeros_like(total)
    for seasons in range(1, SEASONS_AVERAGED + 1):
        row, known = history.back(seasons)
        seen = known & history.past.observed[row]
        total += np.where(seen, history.past.y[row], 0.0)
        count += seen
    return np.where(count > 0, total / np.maximum(count, 1), seasonal_naive(history))


def drift(history: History) -> Floats:
    """The line from the first value to the newest, continued: (W, H)."""
    # the first row needs no look-up: a series begins with a value that was kept
    y, newest = history.past.y, history.newest
    slope = (y[newest] - y[history.begin]) / np.maximum(newest - history.begin, 1)
    since = (history.cutoff - newest)[:, None] + history.ahead
    return y[newest][:, None] + slope[:, None] * since


def mean(history: History) -> Floats:
    """The mean of all values so far, for every step; the best there is for noise around a level: (W, H)."""
    level = history.past.y[history.newest]
    order = np.argsort(history.begin, kind="stable")
    begins, heads = np.unique(history.begin[order], return_index=True)
    # series by series: one running sum over all would let a huge series take the digits of a small one
    for begin, mine in zip(begins.tolist(), np.split(order, heads[1:]), strict=True):
        last = history.cutoff[mine]
        rows = slice(begin, int(last.max()) + 1)
        total = np.cumsum(np.where(history.past.observed[rows], history.past.y[rows], 0.0))[last - begin]
        count = np.cumsum(history.past.observed[rows])[last - begin]
        level[mine] = np.where(count > 0, total / np.maximum(count, 1), level[mine])
    return np.repeat(level[:, None], history.horizon, axis=1)


BASELINES: dict[str, Callable[[History], Floats]] = {
    "last_value": last_value,
    "seasonal_naive": seasonal_naive,
    "seasonal_mean": seasonal_mean,
    "drift": drift,
    # without it white noise was promoted on five of six seeds
    "mean": mean,
}
"""Every baseline by name, in the order of reports; the first of equals wins."""
