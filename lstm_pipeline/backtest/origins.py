"""The windows whose losses decide, a horizon apart, and each rival's errors at them by origin and series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.backtest.field import WINDOWS_AT_ONCE, Field, Rival, field_of
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.index import Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


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


def tested_origins(dataset: Dataset, tests: Windows) -> Origins:
    """Where rivals meet on test windows of a dataset: a horizon apart, or anywhere where it was split so."""
    field = field_of(dataset)
    return every_origin(tests, field) if dataset.spec.split == "random" else origins_apart(tests, field)


def _origins(windows: Windows, key: Ints, field: Field) -> Origins:
    distinct, nth = np.unique(key, return_inverse=True)
    end = np.zeros(len(distinct), dtype=np.int64)
    end[nth] = field.target_end(windows)
    return Origins(windows=windows, nth=nth.astype(np.int64), count=len(distinct), target_end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """What each series says in a pooled error."""

    variance: Floats
    """Of its training part, by which its squared errors are divided; 0 leaves it out: (N,)."""
    weight: Floats
    """(N,)"""

    @property
    def usable(self) -> Bools:
        """Series that say anything: (N,)."""
        return (self.variance > 0) & (self.weight > 0)

    def among(self, series: Bools) -> Say:
        """The same of these series alone: (N,)."""
        return Say(variance=self.variance, weight=np.where(series, self.weight, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginErrors:
    """One rival's squared errors at the origins, by series: each (O, N)."""

    squared: Floats
    """Sum over the observed steps, in squared units of the series."""
    count: Floats
    """Observed steps."""

    def pooled(self, say: Say) -> Floats:
        """Mean over series of each series' mean squared error divided by its variance: (O,).

        A series weighs what it was given, whatever its scale. NaN where an origin has no observed target.
        """
        scaled, seen = self._scaled(say)
        weight = say.weight[say.usable]
        total, weighed = (scaled * weight).sum(axis=1), (seen * weight).sum(axis=1)
        return np.divide(total, weighed, out=np.full(len(total), np.nan), where=weighed > 0)

    def by_series(self, say: Say, counted: Bools) -> Floats:
        """Mean over the origins that count of each series' mean squared error divided by its variance: (N,).

        Shapes: counted (O,). NaN where a series has no say, or nothing observed there.
        """
        scaled, seen = self._scaled(say)
        total, origins = scaled[counted].sum(axis=0), seen[counted].sum(axis=0)
        result = np.full(len(say.weight), np.nan)
        result[say.usable] = np.where(origins > 0, total / np.maximum(origins, 1), np.nan)
        return result

    def _scaled(self, say: Say) -> tuple[Floats, Bools]:
        """Scaled errors of the series with a say, 0 where unseen, and where they are seen: each (O, V)."""
        usable = say.usable
        seen = self.count[:, usable] > 0
        mean = self.squared[:, usable] / np.where(seen, self.count[:, usable], 1.0)
        return np.where(seen, mean / say.variance[usable], 0.0), seen


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
