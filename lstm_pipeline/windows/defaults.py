"""What a pipeline file leaves open, settled from the data: horizon, look-back and the extent of the parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import Extent, SplitConfig, WindowsConfig, WindowSize
from lstm_pipeline.windows.split import chronological

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
        BadConfig: a part is configured that cannot hold a target, or an extent that cannot be.
    """
    median = int(np.median(table.lengths))
    notes: list[str] = []
    horizon = windows.horizon
    if horizon is None:
        horizon = max(1, min(season, median // 10))
        notes.append(
            f"windows.horizon = {horizon}: one season of {season}, at most a tenth of {median} steps"
        )
    held = max(horizon, min(HORIZONS_HELD_OUT * horizon, int(0.2 * median)))
    chronological = split.kind == "chronological"
    validation = _settle("split.validation", split.validation, held if chronological else 0, notes)
    test = _settle("split.test", split.test, held if chronological else 0.2, notes)
    _check_parts(split, horizon)
    input_size = windows.input_size
    if input_size is None:
        training = _training_steps(table, validation, test) if chronological else median
        input_size = max(1, min(max(2 * season, 2 * horizon), training // 3))
        notes.append(
            f"windows.input_size = {input_size}: two seasons or horizons, at most a third of training"
        )
    size = WindowSize(input_size=input_size, horizon=horizon, stride=windows.stride)
    return Settled(size=size, validation=validation, test=test, notes=tuple(notes))


def _settle(key: str, configured: Extent | None, default: Extent, notes: list[str]) -> Extent:
    if configured is not None:
        return configured
    notes.append(f"{key} = {default}")
    return default


def _training_steps(table: SeriesTable, validation: Extent, test: Extent) -> int:
    """Median length of the training parts."""
    cut = chronological(table, validation, test)
    return int(np.median(cut.validation - table.offsets[:-1]))


def _check_parts(split: SplitConfig, horizon: int) -> None:
    """Refuse a test part of nothing, and parts of so many steps that no target fits in."""
    faults: list[str] = []
    if split.test == 0:
        faults.append("split.test: got 0; without test windows nothing can be judged")
    if split.kind == "chronological":
        faults += [
            f"{key}: got {extent} steps, expected at least one horizon ({horizon})"
            for key, extent in (("split.validation", split.validation), ("split.test", split.test))
            if isinstance(extent, int) and 0 < extent < horizon
        ]
    if faults:
        raise BadConfig("split: a part cannot hold a single target", faults)
