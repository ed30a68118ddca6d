"""What a pipeline file leaves open, settled from the data: horizon, look-back and the extent of the parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import Extent, SplitConfig, WindowsConfig, WindowSize

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
        BadConfig: a window cannot fit into the longest series.
    """
    median = int(np.median(table.lengths))
    notes: list[str] = []
    horizon = windows.horizon
    if horizon is None:
        horizon = max(1, min(season, median // 10))
        notes.append(
            f"windows.horizon = {horizon}: one season of {season}, at most a tenth of {median} steps"
        )
    held = min(HORIZONS_HELD_OUT * horizon, int(0.2 * median))
    held = max(horizon, held)
    chronological = split.kind == "chronological"
    validation = _settle("split.validation", split.validation, held if chronological else 0, notes)
    test = _settle("split.test", split.test, held if chronological else 0.2, notes)
    input_size = windows.input_size
    if input_size is None:
        training = max(3, median - 2 * held)
        input_size = max(1, min(max(2 * season, 2 * horizon), training // 3))
        notes.append(
            f"windows.input_size = {input_size}: two seasons or horizons, at most a third of training"
        )
    size = WindowSize(input_size=input_size, horizon=horizon, stride=windows.stride)
    _check_fit(
        size,
        int(table.lengths.max()),
        configured=windows.input_size is not None or windows.horizon is not None,
    )
    return Settled(size=size, validation=validation, test=test, notes=tuple(notes))


def _settle(key: str, configured: Extent | None, default: Extent, notes: list[str]) -> Extent:
    if configured is not None:
        return configured
    notes.append(f"{key} = {default}")
    return default


def _check_fit(size: WindowSize, longest: int, *, configured: bool) -> None:
    if configured and size.total > longest:
        raise BadConfig(
            f"windows: a window of {size.input_size} + {size.horizon} steps is longer than the longest series "
            f"({longest} steps): set a smaller windows.input_size or windows.horizon, or give more history"
        )
