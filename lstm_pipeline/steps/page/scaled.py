"""What the gate weighs, series by series: scaled errors at the compared origins, from stored forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lstm_pipeline.backtest import Field, OriginErrors, Origins, Rival, origin_errors, origins_apart
from lstm_pipeline.evaluations import OriginTable
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.windows.dataset import Dataset, boundaries
from lstm_pipeline.windows.index import TEST, Windows

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def scaled_errors(
    dataset: Dataset, table: OriginTable, trace: pa.Table, rivals: Sequence[str]
) -> dict[str, Mapping[str, float]]:
    """By rival and series the mean scaled error over the origins that count, of those the gate weighs.

    The mean over the series of each origin, and of those means over the origins, is what the gate compares.
    """
    spec, names = dataset.spec, dataset.table.ids
    field = Field(table=dataset.table, size=spec.size, season=spec.season_length)
    origins = _traced(origins_apart(dataset.runs.windows(TEST), field), names, trace)
    counts = counted(table)
    variance = training_stats(dataset.table, boundaries(dataset.table, spec).validation).variance
    weight = np.where([name in table.left_out for name in names], 0.0, variance)
    found = {
        rival: _by_series(origin_errors(_said(trace, rival, origins, field), origins, field), weight, counts)
        for rival in rivals
        if rival in trace.column_names
    }
    return {
        rival: {name: value for name, value in zip(names, values.tolist(), strict=True) if np.isfinite(value)}
        for rival, values in found.items()
    }


def counted(table: OriginTable) -> Bools:
    """The origins that the gate goes by: with a champion those that neither model has learnt from: (O,)."""
    scored = ~np.isnan(next(iter(table.pooled.values())))
    return scored & table.clean if "champion" in table.pooled else scored


def _traced(origins: Origins, names: tuple[str, ...], trace: pa.Table) -> Origins:
    """The windows of the series whose forecasts are kept, in the order in which they are kept."""
    kept = set(trace["unique_id"].unique().to_pylist())
    mine = np.array([name in kept for name in names])[origins.windows.series]
    return replace(origins, windows=origins.windows.where(mine), nth=origins.nth[mine])


def _said(trace: pa.Table, rival: str, origins: Origins, field: Field) -> Rival:
    """The stored forecasts as a rival: what it said at these windows, by where each one starts."""
    forecasts = trace[rival].to_numpy().reshape(len(origins.windows), field.size.horizon)
    order = np.argsort(origins.windows.start)
    starts = origins.windows.start[order]

    def forecast(windows: Windows) -> Floats:
        return forecasts[order[np.searchsorted(starts, windows.start)]]

    return forecast


def _by_series(errors: OriginErrors, variance: Floats, counts: Bools) -> Floats:
    """Each series' mean squared error divided by its variance, averaged over the origins: (N,), NaN: none."""
    squared, count = errors.squared[counts], errors.count[counts]
    seen = (count > 0) & (variance > 0)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.where(seen, squared / np.maximum(count, 1) / np.where(variance > 0, variance, 1.0), 0.0)
        total, many = scaled.sum(axis=0), seen.sum(axis=0)
    return np.divide(total, many, out=np.full(len(total), np.nan), where=many > 0)
