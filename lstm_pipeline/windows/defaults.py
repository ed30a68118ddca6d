"""What a pipeline file leaves open, settled from the data: horizon, look-back and the extent of the parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.season import oldest_rows
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import Extent, SplitConfig, WindowsConfig, WindowSize
from lstm_pipeline.windows.split import chronological, spans_of

Ints = NDArray[np.int64]

# origins lie a horizon apart: at 10 % a paired test errs in 10 to 13 % with 30 of them, in 11 to 19 with 8
HORIZONS_HELD_OUT = 30
"""Horizons each that validation and test hold by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Sizes and extents with nothing left open."""

    size: WindowSize
    validation: Extent
    test: Extent
    notes: tuple[str, ...]
    """One sentence per value that was inferred."""


def settle(table: SeriesTable, season: int, windows: WindowsConfig, split: SplitConfig) -> Settled:
    """Settle every open size; configured values are taken as they are.

    Raises:
        BadConfig: a configured part cannot hold a target or leaves nothing to train on, and it is not the
            data that are too short; or an extent that cannot be.
    """
    median = int(np.median(table.lengths))
    notes: list[str] = []
    horizon = windows.horizon
    if horizon is None:
        horizon = max(1, min(season, median // 10))
        notes.append(
            f"windows.horizon = {horizon}: one season of {season}, at most a tenth of {median} steps"
        )
    held = _held_out(horizon, median)
    by_time = split.kind == "chronological"
    validation = _settle("split.validation", split.validation, held if by_time else 0, notes)
    # at random a fifth tests and nothing validates, as in the tutorial
    test = _settle("split.test", split.test, held if by_time else 0.2, notes)
    input_size = windows.input_size
    if input_size is None:
        training = _training_steps(table, validation, test) if by_time else median
        input_size = max(1, min(max(2 * season, 2 * horizon), training // 3))
        notes.append(
            f"windows.input_size = {input_size}: two seasons or horizons, at most a third of training"
        )
    size = WindowSize(input_size=input_size, horizon=horizon, stride=windows.stride)
    settled = Settled(size=size, validation=validation, test=test, notes=tuple(notes))
    _check_parts(table, settled, split)
    return settled


def known_rows(table: SeriesTable, windows: WindowsConfig, split: SplitConfig) -> Ints:
    """The row of each series before which its season may be read: (N,).

    Its oldest 60 % end there, or what is held out begins there, whatever the season turns out to be.

    Raises:
        BadConfig: an extent that cannot be.
    """
    if split.kind == "random":
        return oldest_rows(table)
    median = int(np.median(table.lengths))
    # the horizon may follow from the season, which nobody knows yet: the longest it can become counts
    most = _held_out(windows.horizon or max(1, median // 10), median)
    validation = most if split.validation is None else split.validation
    test = most if split.test is None else split.test
    return np.minimum(oldest_rows(table), chronological(table, validation, test).validation)


def _held_out(horizon: int, median: int) -> int:
    """Steps that validation and test each hold by default."""
    return max(horizon, min(HORIZONS_HELD_OUT * horizon, int(0.2 * median)))


def _settle(key: str, configured: Extent | None, default: Extent, notes: list[str]) -> Extent:
    if configured is not None:
        return configured
    notes.append(f"{key} = {default}")
    return default


def _training_steps(table: SeriesTable, validation: Extent, test: Extent) -> int:
    """Median length of the training parts."""
    cut = chronological(table, validation, test)
    return int(np.median(cut.validation - table.offsets[:-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A part that is held out, and where it lies in each series: steps of the grid, (N,)."""

    key: str
    extent: Extent | None
    """As configured."""
    begin: Ints
    end: Ints


def _check_parts(table: SeriesTable, settled: Settled, split: SplitConfig) -> None:
    """Refuse parts that no target fits in, or that leave nothing to train on."""
    faults: list[str] = []
    if split.test == 0:
        faults.append("split.test: got 0; without test windows nothing can be judged")
    if split.kind == "chronological":
        spans = spans_of(table, settled.validation, settled.test)
        parts = [
            _Part(key="split.test", extent=split.test, begin=spans.test, end=spans.end),
            _Part(key="split.validation", extent=split.validation, begin=spans.validation, end=spans.test),
        ]
        faults += filter(None, (_fault(part, table, settled.size) for part in parts))
    if faults:
        raise BadConfig("split: the parts do not fit the data", faults)


def _fault(part: _Part, table: SeriesTable, size: WindowSize) -> str | None:
    """What is wrong with a configured part; None where nothing is, or where no split would do any better."""
    extent, held = part.extent, int((part.end - part.begin).max())
    if extent is None or extent == 0:
        return None
    expected = f"expected at least one horizon ({size.horizon})"
    if isinstance(extent, int):
        return None if held >= size.horizon else f"{part.key}: got {extent} steps, {expected}"
    if int(table.lengths.max()) < size.total + size.horizon:
        return None
    stamp = not isinstance(extent, float)
    if not held >= size.horizon:
        steps = f"{held} steps" + (f" up to {_label(table, int(part.end.max()) - 1)}" if stamp else "")
        more = "name an earlier time" if stamp else "ask for more"
        return f"{part.key}: got {extent}, hence {steps}, {expected}; {_span(table)}: {more}"
    if not (part.begin > table.first).any():
        less = "name a later time" if stamp else "ask for less"
        return f"{part.key}: got {extent}, hence nothing to train on; {_span(table)}: {less}"
    return None


def _span(table: SeriesTable) -> str:
    """From when to when the data run, in words."""
    if not table.grid.timed:
        return f"the longest series has {int(table.lengths.max())} steps"
    first, last = (_label(table, int(step)) for step in (table.first.min(), table.newest))
    return f"the data run from {first} to {last}"


def _label(table: SeriesTable, step: int) -> str:
    """The stamp of a step as text."""
    return table.grid.label(int(table.grid.stamp(np.array([step]))[0]))
