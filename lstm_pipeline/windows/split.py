"""Where training ends and judging begins: one boundary for all series by time, or each from its own end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.contract import stamp_of
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import Extent

Ints = NDArray[np.int64]
Amounts = Ints | NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundaries:
    """The rows on which each series' validation and test parts begin: each (N,).

    Training is what lies before `validation`; an empty part begins where the next one does.
    """

    validation: Ints
    test: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """The steps of the grid on which parts begin, also where a series has no row there: each (N,)."""

    validation: Ints
    test: Ints
    end: Ints
    """The step after the last one of the test part."""


def chronological(table: SeriesTable, validation: Extent, test: Extent) -> Boundaries:
    """Cut every series by time: training, then validation, then test.

    With timestamps one boundary serves all series, counted from the newest stamp; series that count steps are
    each cut from their own end.

    Raises:
        BadConfig: an extent is no amount of steps, or a timestamp where none are.
    """
    spans = spans_of(table, validation, test)
    low, high = table.offsets[:-1], table.offsets[1:]

    def row(step: Ints) -> Ints:
        return np.clip(table.row_of(step), low, high)

    return Boundaries(validation=row(spans.validation), test=row(spans.test))


def spans_of(table: SeriesTable, validation: Extent, test: Extent) -> Spans:
    """Where the parts of a chronological split lie, before each series is asked whether it has rows there.

    Raises:
        BadConfig: as for `chronological`.
    """
    newest = table.ends
    length = np.full(len(table.ids), np.median(table.lengths)) if table.grid.timed else table.lengths
    test_step = _begin(table, test, length=length, end=newest + 1, key="split.test")
    validation_step = _begin(table, validation, length=length, end=test_step, key="split.validation")
    return Spans(validation=validation_step, test=test_step, end=newest + 1)


def random_parts(windows: int, validation: Extent, test: Extent, seed: int) -> NDArray[np.int8]:
    """Deal windows to parts at random, as sklearn's `train_test_split` deals them: (W,) of 0, 1, 2.

    0 trains, 1 validates, 2 tests. A fraction of the windows is rounded up.

    Raises:
        BadConfig: an extent is no amount of windows, or nothing is left to train on.
    """
    tested = _dealt(test, windows, "split.test")
    held_out = tested + _dealt(validation, windows, "split.validation")
    if windows and not held_out < windows:
        raise BadConfig(
            f"split: {tested} test and {held_out - tested} validation windows of {windows} leave none to "
            "train on: ask for fewer"
        )
    # numpy's old generator, by which sklearn deals: a newer one would give another split than theirs
    order = np.random.RandomState(seed).permutation(windows)
    parts = np.zeros(windows, dtype=np.int8)
    parts[order[tested:held_out]] = 1
    parts[order[:tested]] = 2
    return parts


def _begin(table: SeriesTable, extent: Extent, *, length: Amounts, end: Ints, key: str) -> Ints:
    """The step on which a part of this extent begins, when it stops before `end`: (N,)."""
    if isinstance(extent, (str, dt.datetime, dt.date)):
        return np.minimum(_step_of_stamp(table, extent, key), end)
    # 0.29 of 100 steps are 29, though 0.29 * 100 is a little less in binary
    return end - np.floor(_amount(extent, length, key) + 1e-9).astype(np.int64)


def _step_of_stamp(table: SeriesTable, extent: str | dt.datetime | dt.date, key: str) -> int:
    """The step whose period holds a timestamp: what is regularised onto it may come from later."""
    if not table.grid.timed:
        raise BadConfig(
            f"{key}: got the timestamp {extent}, but these series count steps: give steps or a fraction"
        )
    try:
        moment = dt.datetime.fromisoformat(str(extent))
    except ValueError as error:
        raise BadConfig(
            f"{key}: got {extent!r}, expected steps, a fraction below 1, or a timestamp such as 2018-01-01"
        ) from error
    if moment.tzinfo is not None:
        raise BadConfig(
            f"{key}: got {extent} with an offset, expected a time on the clock of ds (UTC where "
            f"source.timezone is set, else the file's own), such as {moment.replace(tzinfo=None)}"
        )
    step, _ = table.grid.step(np.array([stamp_of(moment)]))
    return int(step[0])


def _dealt(extent: Extent, windows: int, key: str) -> int:
    """How many of the windows a part of this extent gets."""
    if isinstance(extent, (str, dt.datetime, dt.date)):
        raise BadConfig(f"{key}: got {extent}; a random split takes a number or a fraction of the windows")
    return int(np.ceil(_amount(extent, np.array([windows]), key))[0])


def _amount(extent: float, whole: Amounts, key: str) -> NDArray[np.float64]:
    """A whole number as it is, a fraction as that share of the whole: (N,)."""
    fraction = isinstance(extent, float)
    if not extent >= 0 or (fraction and not extent < 1):
        raise BadConfig(f"{key}: got {extent}, expected a whole number from 0, or a fraction below 1")
    return np.multiply(whole, extent, dtype=np.float64) if fraction else np.full(len(whole), float(extent))
