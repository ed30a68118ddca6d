"""Where training ends and judging begins: one boundary for all series by time, or each from its own end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import Extent

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundaries:
    """The rows on which each series' validation and test parts begin, and on which it ends: each (N,).

    Training is what lies before `validation`; an empty part begins where the next one does.
    """

    validation: Ints
    test: Ints
    end: Ints


def chronological(table: SeriesTable, validation: Extent, test: Extent) -> Boundaries:
    """Cut every series by time: training, then validation, then test.

    With timestamps one boundary serves all series, counted from the newest stamp; series that count steps are
    each cut from their own end.

    Raises:
        BadConfig: an extent is negative, covers more than there is, or is a timestamp where none are.
    """
    newest = np.full(len(table.ids), table.last.max()) if table.grid.timed else table.last
    length = np.full(len(table.ids), np.median(table.lengths)) if table.grid.timed else table.lengths
    test_step = _begin(table, test, length=length, end=newest + 1, key="split.test")
    validation_step = _begin(table, validation, length=length, end=test_step, key="split.validation")
    low, high = table.offsets[:-1], table.offsets[1:]

    def row(step: Ints) -> Ints:
        return np.clip(low + step - table.first, low, high)

    return Boundaries(validation=row(validation_step), test=row(test_step), end=high)


def _begin(
    table: SeriesTable, extent: Extent, *, length: Ints | NDArray[np.float64], end: Ints, key: str
) -> Ints:
    """The step on which a part of this extent begins, when it stops before `end`: (N,)."""
    if isinstance(extent, (str, dt.datetime, dt.date)):
        return _step_of_stamp(table, extent, end=end, key=key)
    if extent < 0:
        raise BadConfig(f"{key}: got {extent}, expected steps (>= 0), a fraction below 1, or a timestamp")
    steps = (
        np.floor(length * extent)
        if isinstance(extent, float) and extent < 1
        else np.full(len(length), extent)
    )
    return end - steps.astype(np.int64)


def _step_of_stamp(table: SeriesTable, extent: str | dt.datetime | dt.date, *, end: Ints, key: str) -> Ints:
    if not table.grid.timed:
        raise BadConfig(
            f"{key}: got the timestamp {extent}, but these series count steps: give steps or a fraction"
        )
    try:
        stamp = np.datetime64(extent if isinstance(extent, str) else extent.isoformat(), "us").astype(
            np.int64
        )
    except ValueError as error:
        raise BadConfig(
            f"{key}: got {extent!r}, expected steps, a fraction below 1, or a timestamp such as 2018-01-01"
        ) from error
    step, on_grid = table.grid.step(np.array([stamp]))
    first = int(step[0]) + (0 if on_grid[0] else 1)
    return np.minimum(np.full(len(end), first, dtype=np.int64), end)


def random_parts(windows: int, validation: Extent, test: Extent, seed: int) -> NDArray[np.int8]:
    """Deal windows to parts at random, as sklearn's `train_test_split` deals them: (W,) of 0, 1, 2.

    0 trains, 1 validates, 2 tests. A fraction of the windows goes to test (rounded up), the rest is dealt on.

    Raises:
        BadConfig: an extent is a timestamp, or nothing is left to train on.
    """
    counts: list[int] = []
    for key, extent in (("split.test", test), ("split.validation", validation)):
        if isinstance(extent, (str, dt.datetime, dt.date)):
            raise BadConfig(
                f"{key}: got {extent}; a random split takes a number or a fraction of the windows"
            )
        counts.append(
            int(np.ceil(windows * extent)) if isinstance(extent, float) and extent < 1 else int(extent)
        )
    if not 0 < sum(counts) < windows:
        raise BadConfig(
            f"split: {counts[0]} test and {counts[1]} validation windows of {windows} leave nothing to train on"
        )
    order = np.random.RandomState(seed).permutation(windows)
    parts = np.zeros(windows, dtype=np.int8)
    parts[order[: counts[0]]] = 2
    parts[order[counts[0] : sum(counts)]] = 1
    return parts
