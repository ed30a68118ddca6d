"""Sizes of windows and parts, and the budget, settled from the series by the project's own defaults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.errors import BadInput
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.series.season import season_by_autocorrelation
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.sources.door import Ingested
from lstm_pipeline.training.budget import default_max_steps, step_seconds
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.windows.config import SplitConfig, WindowsConfig
from lstm_pipeline.windows.defaults import Settled, settle
from lstm_pipeline.windows.index import (
    COMPLETENESS,
    TEST,
    TRAIN,
    VALIDATION,
    WindowRuns,
    index_by_time,
)
from lstm_pipeline.windows.split import chronological


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a pipeline needs to know beyond its source, in steps of the series unless said."""

    freq: str | int
    season: int
    repeats: int
    """Where the oldest part of the series repeats most clearly by itself; 1 where it does not."""
    settled: Settled
    shortened: bool
    """True where windows of the usual size do not fit between the gaps."""
    max_steps: int
    """Optimiser steps."""
    seconds: float
    """What these take on one core, by a cautious estimate."""
    untested: int
    """Series without a window in the test part."""


def sizes_of(arrived: Ingested) -> Sizes:
    """Settle what a pipeline file would leave open.

    Raises:
        BadInput: the longest series cannot hold a single window.
    """
    table = arrived.table
    usual = settle(table, arrived.season_length, WindowsConfig(), SplitConfig())
    _refuse_too_short(usual, int(table.lengths.max()))
    attempts = ((settled, _windows(table, settled)) for settled in _ever_shorter(arrived, usual))
    fitting = (attempt for attempt in attempts if _serves(attempt[1]))
    settled, runs = next(fitting, (usual, _windows(table, usual)))
    batch = TrainingConfig().batch_size
    steps = default_max_steps(ModelConfig(), settled.size, batch, runs.total(TRAIN))
    return Sizes(
        freq=table.grid.freq,
        season=arrived.season_length,
        repeats=season_by_autocorrelation(table),
        settled=settled,
        shortened=settled is not usual,
        max_steps=steps,
        seconds=steps * step_seconds(ModelConfig(), settled.size, batch),
        untested=len(table.ids) - len(np.unique(runs.series[runs.part == TEST])),
    )


def _ever_shorter(arrived: Ingested, usual: Settled) -> Iterator[Settled]:
    """The usual sizes, then the horizon halved, and halved again, with a look-back of two horizons."""
    yield usual
    horizon = usual.size.horizon // 2
    while horizon:
        windows = WindowsConfig(horizon=horizon, input_size=2 * horizon)
        yield settle(arrived.table, arrived.season_length, windows, SplitConfig())
        horizon //= 2


def _windows(table: SeriesTable, settled: Settled) -> WindowRuns:
    """The windows that there would be."""
    cut = chronological(table, settled.validation, settled.test)
    # the policy of a pipeline file in which nobody has set another
    return index_by_time(table, settled.size, cut, COMPLETENESS["mask"])


def _serves(runs: WindowRuns) -> bool:
    """True where each part has a window."""
    return all(runs.total(part) for part in (TRAIN, VALIDATION, TEST))


def _refuse_too_short(settled: Settled, longest: int) -> None:
    """Refuse series in which nothing can be learnt.

    Raises:
        BadInput: not even the longest holds a window to train on and a target each to choose and to judge by.
    """
    least = settled.size.total + 2 * settled.size.horizon
    if least > longest:
        raise BadInput(
            f"the longest series has {longest} step{'s' * (longest != 1)}; expected at least "
            f"{least}, and some dozens for a forecast worth having: give more history"
        )
