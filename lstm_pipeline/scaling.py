"""Per-series scaling, fitted on the training part alone, and its inverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.table import SeriesTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST = np.finfo(np.float64).tiny
"""Below it numbers lose their digits, down to none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesScaler:
    """scaled = (y - centre) / scale, series by series; both in the units of the series: (N,)."""

    ids: tuple[str, ...]
    centre: Floats
    scale: Floats

    def scaled(self, values: Floats, series: Ints) -> NDArray[np.float32]:
        """Values of the given series in scaled units. Shapes: values (K, ...), series (K,) -> as values."""
        shape = (-1,) + (1,) * (values.ndim - 1)
        with np.errstate(over="ignore", invalid="ignore"):
            result = (values - self.centre[series].reshape(shape)) / self.scale[series].reshape(shape)
            return result.astype(np.float32)

    def unscaled(self, values: Floats, series: Ints) -> Floats:
        """The inverse of `scaled`, in the units of the series."""
        shape = (-1,) + (1,) * (values.ndim - 1)
        return values * self.scale[series].reshape(shape) + self.centre[series].reshape(shape)


def fit_scaler(table: SeriesTable, training_end: Ints, kind: Literal["none", "standard"]) -> SeriesScaler:
    """Fit on the observed values of each series before its row `training_end`: (N,).

    A series that is constant there, or has nothing there, keeps scale 1.
    """
    if kind == "none":
        return SeriesScaler(ids=table.ids, centre=np.zeros(len(table.ids)), scale=np.ones(len(table.ids)))
    stats = training_stats(table, training_end)
    scale = np.sqrt(stats.variance)
    return SeriesScaler(ids=table.ids, centre=stats.mean, scale=np.where(scale > 0, scale, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStats:
    """Count, mean and variance of each series' observed training values: each (N,)."""

    count: Ints
    mean: Floats
    variance: Floats
    """Zero where every value is the same, and only there."""


def training_stats(table: SeriesTable, training_end: Ints) -> TrainingStats:
    """Statistics over the observed rows before `training_end`.

    The variance is not finite where squares are too large for a number, or too small.
    """
    series = table.series_of_row
    used = table.observed & (np.arange(len(table.y)) < training_end[series])
    values, owner, n = table.y[used], series[used], len(table.ids)
    present, heads = np.unique(owner, return_index=True)
    level = np.zeros(n)
    level[present] = values[heads]
    count = np.bincount(owner, minlength=n)
    divisor = np.maximum(count, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        # seen from one of its own values, a series at 1e12 that moves by 1e-3 keeps its digits
        away = values - level[owner]
        mean = np.bincount(owner, weights=away, minlength=n) / divisor
        variance = np.bincount(owner, weights=(away - mean[owner]) ** 2, minlength=n) / divisor
    moves = np.bincount(owner, weights=away != 0, minlength=n) > 0
    # it moves, but its squares vanish: not a constant, only in a unit that is far too large
    variance = np.where(moves & (variance < SMALLEST), np.nan, variance)
    return TrainingStats(count=count.astype(np.int64), mean=level + mean, variance=variance)
