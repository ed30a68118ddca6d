"""Where rivals meet: the series, every baseline on them, and errors summed over any windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.baselines import BASELINES, History, past_of
from lstm_pipeline.metrics import ErrorSums, Scored, error_sums, mse
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.index import Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Rival = Callable[[Windows], Floats]
"""Forecasts of a set of windows in the units of the series: (W, H)."""

WINDOWS_AT_ONCE = 8192
"""Windows scored at once: bounds the memory, changes no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Where rivals meet: the series and the size of the windows."""

    table: SeriesTable
    size: WindowSize
    season: int

    def truth(self, windows: Windows) -> tuple[Floats, Bools]:
        """What came, and whether it was observed: each (W, H)."""
        rows = windows.start[:, None] + np.arange(self.size.input_size, self.size.total)
        return self.table.y[rows], self.table.observed[rows]

    def target_end(self, windows: Windows) -> Ints:
        """The step of the grid of each window's last target: (W,)."""
        return self.table.step_of(windows.start, windows.series) + self.size.total - 1


def field_of(dataset: Dataset) -> Field:
    """The field of a dataset."""
    return Field(table=dataset.table, size=dataset.spec.size, season=dataset.spec.season_length)


def baseline_rivals(field: Field) -> dict[str, Rival]:
    """Every baseline as a rival on this field."""
    past = past_of(field.table, field.season)

    def rival(name: str) -> Rival:
        def forecast(windows: Windows) -> Floats:
            history = History(
                past=past,
                begin=field.table.offsets[windows.series],
                cutoff=windows.start + field.size.input_size - 1,
                horizon=field.size.horizon,
            )
            return BASELINES[name](history)

        return forecast

    return {name: rival(name) for name in BASELINES}


def score(rival: Rival, windows: Windows, field: Field) -> ErrorSums:
    """Sum one rival's errors over all these windows."""
    total = empty_sums(len(field.table.ids), field.size.horizon)
    for begin in range(0, len(windows), WINDOWS_AT_ONCE):
        chunk = windows.where(slice(begin, begin + WINDOWS_AT_ONCE))
        target, observed = field.truth(chunk)
        scored = Scored(forecast=rival(chunk), target=target, observed=observed, series=chunk.series)
        total = total + error_sums(scored, len(field.table.ids))
    return total


def empty_sums(series: int, horizon: int) -> ErrorSums:
    """Sums over no window."""
    zero = np.zeros((series, horizon))
    return ErrorSums(squared=zero, absolute=zero, symmetric=zero, count=zero)


def best(scores: Mapping[str, ErrorSums], variance: Floats) -> str:
    """The rival with the least mean over series of their MSE divided by their variance; the first of equals.

    So neither a huge series nor a long one chooses for all. A rival that is not finite is never the best.
    """

    def loss(name: str) -> float:
        own = scores[name].by_series()
        usable = (variance > 0) & (own.count[:, 0] > 0)
        value = float((mse(own)[usable, 0] / variance[usable]).sum())
        return value if np.isfinite(value) else float("inf")

    return min(scores, key=loss)


def seasonal_scale(table: SeriesTable, training_end: Ints, season: int) -> Floats:
    """Mean absolute error of the seasonal naive forecast within each training part: (N,); 0 where none.

    The divisor of MASE (Hyndman, Koehler 2006): pairs of observed values a season apart.
    """
    owner = table.series_of_row
    row = np.arange(len(table.y), dtype=np.int64)
    earlier = row - season
    used = (earlier >= table.offsets[:-1][owner]) & (row < training_end[owner]) & table.observed
    used &= table.observed[np.where(earlier >= 0, earlier, 0)]
    change = np.abs(table.y[used] - table.y[earlier[used]])
    count = np.bincount(owner[used], minlength=len(table.ids))
    total = np.bincount(owner[used], weights=change, minlength=len(table.ids))
    return total / np.maximum(count, 1)
