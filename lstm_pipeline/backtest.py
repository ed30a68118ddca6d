"""Rivals on the same windows: errors per series and step, and losses per origin for the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.baselines import BASELINES, History, past_of
from lstm_pipeline.metrics import ErrorSums, Scored, error_sums, mse
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import WindowSize
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """The windows whose losses decide: per series a horizon apart, the newest target among them."""

    windows: Windows
    """(W,)"""
    nth: Ints
    """Which origin each window belongs to, 0 the oldest of O: (W,)."""
    count: int
    """O."""
    target_end: Ints
    """The grid's step of each origin's last target; with steps counted per series, that of any one: (O,)."""


def origins_apart(windows: Windows, field: Field) -> Origins:
    """Keep the windows a horizon apart, counted back from the newest target.

    With timestamps from the newest of all series; where steps are counted, from each series' own. Where the
    stride does not divide the horizon, its next multiple stands for it.
    """
    end = field.target_end(windows)
    newest = np.full(len(field.table.ids), end.max(initial=np.iinfo(np.int64).min))
    if not field.table.grid.timed:
        newest = field.table.first.copy()
        np.maximum.at(newest, windows.series, end)
    # targets must not overlap: taken for independent, they promote an equal model in 40 of 100 cases
    apart = -(-field.size.horizon // field.size.stride) * field.size.stride
    age = newest[windows.series] - end
    keep = age % apart == 0
    # by age, not by time: where steps are counted, origins of series that end apart belong together
    return _origins(windows.where(keep), -age[keep], field)


def every_origin(windows: Windows, field: Field) -> Origins:
    """Take every window's cutoff as an origin: for random splits, whose windows lie anywhere."""
    return _origins(windows, field.target_end(windows), field)


def _origins(windows: Windows, key: Ints, field: Field) -> Origins:
    distinct, nth = np.unique(key, return_inverse=True)
    end = np.zeros(len(distinct), dtype=np.int64)
    end[nth] = field.target_end(windows)
    return Origins(windows=windows, nth=nth.astype(np.int64), count=len(distinct), target_end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginErrors:
    """One rival's squared errors at the origins, by series: each (O, N)."""

    squared: Floats
    """Sum over the observed steps, in squared units of the series."""
    count: Floats
    """Observed steps."""

    def pooled(self, variance: Floats) -> Floats:
        """Mean over series of each series' mean squared error divided by its variance: (O,).

        Every series weighs the same, whatever its scale; those without variance are left out. NaN where an
        origin has no observed target.
        """
        scaled, seen = self._scaled(variance)
        series = seen.sum(axis=1)
        return np.where(series > 0, scaled.sum(axis=1) / np.maximum(series, 1), np.nan)

    def by_series(self, variance: Floats, counted: Bools) -> Floats:
        """Mean over the origins that count of each series' mean squared error divided by its variance: (N,).

        Shapes: variance (N,), counted (O,). NaN where a series has no variance, or nothing observed there.
        """
        scaled, seen = self._scaled(variance)
        total, origins = scaled[counted].sum(axis=0), seen[counted].sum(axis=0)
        result = np.full(len(variance), np.nan)
        result[variance > 0] = np.where(origins > 0, total / np.maximum(origins, 1), np.nan)
        return result

    def _scaled(self, variance: Floats) -> tuple[Floats, Bools]:
        """Scaled errors of the series with variance, 0 where unseen, and where they are seen: each (O, V)."""
        usable = variance > 0
        seen = self.count[:, usable] > 0
        mean = self.squared[:, usable] / np.where(seen, self.count[:, usable], 1.0)
        return np.where(seen, mean / variance[usable], 0.0), seen


def origin_errors(rival: Rival, origins: Origins, field: Field) -> OriginErrors:
    """Sum one rival's squared errors by origin and series."""
    series = len(field.table.ids)
    squared, count = np.zeros(origins.count * series), np.zeros(origins.count * series)
    for begin in range(0, len(origins.windows), WINDOWS_AT_ONCE):
        span = slice(begin, begin + WINDOWS_AT_ONCE)
        chunk = origins.windows.where(span)
        target, observed = field.truth(chunk)
        with np.errstate(over="ignore", invalid="ignore"):
            loss = np.where(observed, rival(chunk) - target, 0.0) ** 2
        loss[np.isnan(loss)] = np.inf  # a forecast that is not finite loses by as much as can be
        cell = origins.nth[span] * series + chunk.series
        squared += np.bincount(cell, weights=loss.sum(axis=1), minlength=len(squared))
        count += np.bincount(cell, weights=observed.sum(axis=1), minlength=len(count))
    shape = (origins.count, series)
    return OriginErrors(squared=squared.reshape(shape), count=count.reshape(shape))


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
