"""Rows that fit no grid: which contradict each other, which are too many, which round step suits them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.freq import DAY, parse_freq
from lstm_pipeline.series.raw import RawRows
from lstm_pipeline.sources.door import Ingested

ROUND = (
    "s", "2s", "5s", "10s", "15s", "20s", "30s", "min", "2min", "5min", "10min", "15min", "20min", "30min",
    "h", "2h", "3h", "4h", "6h", "8h", "12h", "D",
)  # fmt: skip
"""Steps that a person would choose, shortest first."""
CROWDED = 1.5
"""Rows for each step above which series must have been mixed up, rather than rows lie off the grid."""


def conflicting_rows(raw: RawRows) -> int:
    """Rows that have series and time in common with a row of another value."""
    order = _in_order(raw)
    series, stamps, values = raw.series[order], raw.stamps[order], raw.values[order]
    if not len(order):
        return 0
    new = np.append(True, (np.diff(series) != 0) | (np.diff(stamps) != 0))
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(order)))
    return int(sizes[np.minimum.reduceat(values, starts) < np.maximum.reduceat(values, starts)].sum())


def round_step(raw: RawRows) -> str | None:
    """The round step next above the median distance between rows; None where that is beyond a day."""
    order = _in_order(raw)
    gaps = np.diff(raw.stamps[order])[np.diff(raw.series[order]) == 0]
    gaps = gaps[gaps > 0]
    if not raw.timed or not len(gaps):
        return None
    # next above, not nearest: on steps as wide as the usual distance there mostly is a row
    return next((alias for alias in ROUND if parse_freq(alias).count >= np.median(gaps)), None)


def is_round(freq: str | int) -> bool:
    """True for steps that a person would choose, and for those that no clock counts."""
    if isinstance(freq, int) or parse_freq(freq).kind != "fixed":
        return True
    width = parse_freq(freq).count
    return width >= DAY or width in {parse_freq(alias).count for alias in ROUND}


def crowded(arrived: Ingested) -> frozenset[str]:
    """Series with far more rows than steps, of rows that were averaged."""
    rows = dict(zip(arrived.per_series.ids, arrived.per_series.rows_kept.tolist(), strict=True))
    steps = np.add.reduceat(arrived.table.observed.astype(np.int64), arrived.table.offsets[:-1])
    return frozenset(
        name
        for name, held in zip(arrived.table.ids, steps.tolist(), strict=True)
        if not rows[name] <= CROWDED * held
    )


def _in_order(raw: RawRows) -> NDArray[np.int64]:
    """The rows that have a series, a time and a number, by series and time."""
    sound = np.flatnonzero(np.isfinite(raw.values) & ~raw.bad_time & (raw.series >= 0))
    return sound[np.lexsort((raw.stamps[sound], raw.series[sound]))]
