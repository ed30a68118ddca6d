"""A series table with steps added in front or behind, so that a context reaches where the data do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.assembly import fill
from lstm_pipeline.series.rules import Fill
from lstm_pipeline.series.table import SeriesTable

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What stands on steps behind a series: the same as on a step within it that nobody observed."""

    method: Fill = "last"
    season_length: int = 1
    """Steps: matters to the seasonal method alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretched:
    """The longer rows, and where the old ones went. No added step is observed."""

    y: NDArray[np.float64]
    observed: NDArray[np.bool_]
    offsets: Ints
    """Where each series begins: (N + 1,)."""
    shift: Ints
    """What to add to an old row of each series to find it here: (N,)."""


CARRIED = Filling()


def stretch(table: SeriesTable, *, before: int, until: Ints, filling: Filling = CARRIED) -> Stretched:
    """Add `before` steps in front of every series, and steps behind it up to the step `until`: (N,).

    Steps in front carry the first value; those behind are filled.
    """
    reaching = fill(_reaching(table, until), filling.method, filling.season_length)
    lengths = before + reaching.lengths
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    nth = _nth(offsets) - before
    row = np.maximum(nth, 0) + np.repeat(reaching.offsets[:-1], lengths)
    return Stretched(
        y=reaching.y[row],
        observed=reaching.observed[row] & (nth >= 0),
        offsets=offsets,
        shift=offsets[:-1] + before - table.offsets[:-1],
    )


def _reaching(table: SeriesTable, until: Ints) -> SeriesTable:
    """The same series, those that ended earlier carried on to the step `until`: (N,)."""
    lengths = table.lengths + np.maximum(until - table.last, 0)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    nth, last = _nth(offsets), np.repeat(table.lengths - 1, lengths)
    row = np.minimum(nth, last) + np.repeat(table.offsets[:-1], lengths)
    observed = table.observed[row] & (nth <= last)
    return SeriesTable(
        grid=table.grid, ids=table.ids, offsets=offsets, first=table.first, y=table.y[row], observed=observed
    )


def _nth(offsets: Ints) -> Ints:
    """Which step of its series each row is, from 0: (R,)."""
    return np.arange(int(offsets[-1]), dtype=np.int64) - np.repeat(offsets[:-1], np.diff(offsets))
