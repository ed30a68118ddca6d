"""What the report draws from an evaluation: forecasts end to end on the test part, and gate activations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lstm_pipeline.backtest import Field, Origins, Rival
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.datasets import stamp_column
from lstm_pipeline.evaluations import GateTraceTable, Trace
from lstm_pipeline.metrics import ErrorSums, mse
from lstm_pipeline.report.content import EMBEDDED
from lstm_pipeline.steps.rivals import Seat

Ints = NDArray[np.int64]


def choose_series(scores: Mapping[str, ErrorSums]) -> Ints:
    """The series a report embeds, worst first: all, or as many of the worst as of the best.

    Worst and best by the candidate's error relative to the best baseline's on the same series: (S,).
    """
    errors = {name: mse(sums.by_series())[:, 0] for name, sums in scores.items()}
    others = np.stack([errors[name] for name in BASELINES])
    scored = np.isfinite(others).all(axis=0)
    ratio = errors["candidate"] / np.where(others.min(axis=0, initial=np.inf) > 0, others.min(axis=0), 1.0)
    ratio = np.where(np.isfinite(ratio), ratio, np.inf)
    order = np.flatnonzero(scored)[np.argsort(-ratio[scored], kind="stable")]
    if len(order) <= EMBEDDED:
        return order
    return np.concatenate([order[: EMBEDDED // 2], order[-EMBEDDED // 2 :]])


def trace_tests(rivals: Mapping[str, Rival], origins: Origins, field: Field, chosen: Ints) -> Trace:
    """Forecasts of the chosen series at the compared origins: unique_id, ds, actual, and each rival."""
    windows = origins.windows.where(np.isin(origins.windows.series, chosen))
    target, observed = field.truth(windows)
    steps = field.target_end(windows)[:, None] + np.arange(1 - field.size.horizon, 1)
    names = np.repeat(windows.series, field.size.horizon)
    columns: dict[str, Any] = {
        "unique_id": pa.array(field.table.ids, pa.string()).take(pa.array(names)),
        "ds": stamp_column(field.table.grid, steps.ravel()),
        "actual": pa.array(target.ravel(), mask=~observed.ravel()),
    }
    columns.update({name: pa.array(rival(windows).ravel()) for name, rival in rivals.items()})
    return Trace(frame=pa.table(columns))


def trace_gate_activations(seat: Seat, origins: Origins, field: Field, chosen: Ints) -> GateTraceTable | None:
    """Follow the gates of the candidate over the newest compared window of the first chosen series."""
    own = np.flatnonzero(origins.windows.series == chosen[0]) if len(chosen) else chosen
    if not len(own):
        return None
    start, size, series = int(origins.windows.start[own[-1]]), seat.package.size, int(chosen[0])
    gates = seat.gates(start, series)
    if gates is None:
        return None
    first = field.table.step_of(np.array([start]), chosen[:1])
    return GateTraceTable(
        series=field.table.ids[series],
        ds=field.table.grid.stamp(first + np.arange(size.input_size)),
        values=field.table.y[start : start + size.input_size],
        forget=gates.forget,
        input=gates.input,
        output=gates.output,
        cell=gates.cell,
    )
