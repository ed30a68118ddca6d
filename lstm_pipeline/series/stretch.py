"""A series table with steps added in front or behind, so that a context reaches where the data do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.table import SeriesTable

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretched:
    """The longer rows, and where the old ones went. Added steps carry the nearest value, not observed."""

    y: NDArray[np.float64]
    observed: NDArray[np.bool_]
    offsets: Ints
    """Where each series begins: (N + 1,)."""
    shift: Ints
    """What to add to an old row of each series to find it here: (N,)."""


def stretch(table: SeriesTable, *, before: int, until: Ints) -> Stretched:
    """Add `before` steps in front of every series, and steps behind it up to the step `until`: (N,)."""
    behind = np.maximum(until - table.last, 0)
    lengths = before + table.lengths + behind
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    nth = np.arange(int(offsets[-1]), dtype=np.int64) - np.repeat(offsets[:-1], lengths) - before
    last = np.repeat(table.lengths - 1, lengths)
    row = np.clip(nth, 0, last) + np.repeat(table.offsets[:-1], lengths)
    return Stretched(
        y=table.y[row],
        observed=table.observed[row] & (nth >= 0) & (nth <= last),
        offsets=offsets,
        shift=offsets[:-1] + before - table.offsets[:-1],
    )
