"""Feeds that went wrong: each takes the clean rows of some series and returns them as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.table import SeriesTable

Floats = NDArray[np.float64]
Fault = Callable[[Floats, int], Floats]
"""All values of a series, and the place from which on the fault holds -> the values from there on."""


def spoil(table: SeriesTable, fault: Fault, steps: int, series: Collection[str] | None = None) -> SeriesTable:
    """The same table with a fault over the newest steps of some series, or of all."""
    y, observed = table.y.copy(), table.observed.copy()
    for place, name in enumerate(table.ids):
        if series is None or name in series:
            rows = table.rows_of(place)
            begin = max(0, rows.stop - rows.start - steps)
            arrived = fault(table.y[rows], begin)
            late = slice(rows.start + begin, rows.stop)
            observed[late] &= np.isfinite(arrived)
            y[late] = np.where(np.isfinite(arrived), arrived, y[late])
    return replace(table, y=y, observed=observed)


def times_a_thousand(values: Floats, begin: int) -> Floats:
    """Grams where kilograms were."""
    return 1000.0 * values[begin:]


def frozen(values: Floats, begin: int) -> Floats:
    """The sensor stands still."""
    return np.full(len(values) - begin, values[max(begin - 1, 0)])


def from_the_future(period: int) -> Fault:
    """A fault that fills every other period with the values of the one after it."""

    def fault(values: Floats, begin: int) -> Floats:
        arrived = values[begin:].copy()
        for at in range(0, len(arrived) - 2 * period + 1, 2 * period):
            arrived[at : at + period] = arrived[at + period : at + 2 * period]
        return arrived

    return fault


def smoothed_ahead(width: int) -> Fault:
    """A fault that replaces each value by the mean of those up to `width` steps before and after it."""

    def fault(values: Floats, begin: int) -> Floats:
        padded = np.pad(values, width, mode="edge")
        kernel = np.full(2 * width + 1, 1.0 / (2 * width + 1))
        return np.convolve(padded, kernel, mode="valid")[begin:]

    return fault
