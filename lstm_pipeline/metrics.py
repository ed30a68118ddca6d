"""Errors as sums and counts, divided once at the end: per series, per step of the horizon, or over all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSums:
    """Sums of errors over observed targets, by series and step: each (N, H). They add up over chunks."""

    squared: Floats
    """In squared units of the series."""
    absolute: Floats
    """In units of the series."""
    symmetric: Floats
    """2 |y - f| / (|y| + |f|), without unit; 0 where both are 0."""
    count: Floats
    """Observed targets."""

    def __add__(self, other: ErrorSums) -> ErrorSums:
        """The sums over both sets of windows."""
        return ErrorSums(
            squared=self.squared + other.squared,
            absolute=self.absolute + other.absolute,
            symmetric=self.symmetric + other.symmetric,
            count=self.count + other.count,
        )

    def by_series(self) -> ErrorSums:
        """Summed over the steps: each (N, 1)."""
        return self._summed(1)

    def by_step(self) -> ErrorSums:
        """Summed over the series: each (1, H)."""
        return self._summed(0)

    def overall(self) -> ErrorSums:
        """Summed over everything: each (1, 1)."""
        return self.by_series().by_step()

    def _summed(self, axis: int) -> ErrorSums:
        return ErrorSums(
            squared=self.squared.sum(axis=axis, keepdims=True),
            absolute=self.absolute.sum(axis=axis, keepdims=True),
            symmetric=self.symmetric.sum(axis=axis, keepdims=True),
            count=self.count.sum(axis=axis, keepdims=True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """W forecasts beside what came: forecast, target and observed are (W, H), series (W,) sorted."""

    forecast: Floats
    target: Floats
    observed: Bools
    series: Ints


def error_sums(scored: Scored, series: int) -> ErrorSums:
    """Sum the errors of a chunk of windows by series (of `series` in all) and step.

    A forecast that is not finite leaves sums that are not finite: it has no error, not a small one.
    """
    # what is infinite or too large to square is told by the sums, not by a warning
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.where(scored.observed, scored.forecast - scored.target, 0.0)
        squared, size = error**2, np.abs(scored.target) + np.abs(scored.forecast)
        apart = scored.observed & (size != 0)
        relative = np.divide(2 * np.abs(error), size, out=np.zeros(size.shape), where=apart)
    owners, heads = np.unique(scored.series, return_index=True)

    def summed(values: Floats) -> Floats:
        total = np.zeros((series, values.shape[1]))
        if len(heads):
            total[owners] = np.add.reduceat(values, heads, axis=0)
        return total

    return ErrorSums(
        squared=summed(squared),
        absolute=summed(np.abs(error)),
        symmetric=summed(relative),
        count=summed(scored.observed.astype(np.float64)),
    )


def mse(sums: ErrorSums) -> Floats:
    """Mean squared error, in squared units of the series; NaN where nothing was observed."""
    return _ratio(sums.squared, sums.count)


def mae(sums: ErrorSums) -> Floats:
    """Mean absolute error, in units of the series."""
    return _ratio(sums.absolute, sums.count)


def rmse(sums: ErrorSums) -> Floats:
    """Root of the mean squared error, in units of the series."""
    return np.sqrt(mse(sums))


def smape(sums: ErrorSums) -> Floats:
    """Symmetric mean absolute percentage error, 0 to 200 per cent, as the M4 competition has it."""
    return 100 * _ratio(sums.symmetric, sums.count)


def mase(sums: ErrorSums, scale: Floats) -> Floats:
    """Mean absolute scaled error (Hyndman, Koehler 2006): over each series' seasonal naive error in training.

    Shapes: sums (N, H), scale (N,) -> (1, 1). Series whose scale is zero or unknown are left out.
    """
    usable = scale > 0
    scaled = sums.absolute[usable] / scale[usable, None]
    return _ratio(scaled.sum(keepdims=True), sums.count[usable].sum(keepdims=True))


def mase_by_series(sums: ErrorSums, scale: Floats) -> Floats:
    """Mean absolute scaled error of each series: (N,); NaN where its scale is zero or unknown."""
    own = sums.by_series()
    return _ratio(own.absolute[:, 0], own.count[:, 0] * np.where(scale > 0, scale, 0.0))


def _ratio(total: Floats, count: Floats) -> Floats:
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
