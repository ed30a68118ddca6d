"""Rows as a source gives them, and what became of each at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.rules import REASONS
from lstm_pipeline.series.table import SeriesTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int8]

KEPT = 0
"""The row contributes to the table."""
GONE = -1
"""No row at all: a blank before or after its series, or later than as_of."""
CODE = {reason: place for place, reason in enumerate(REASONS, start=1)}
"""The number by which a reason stands in an array."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRows:
    """R observations in the order of their files; each array is (R,)."""

    ids: tuple[str, ...]
    """Ids of all series, sorted: N."""
    series: Ints
    """Index of the series each row belongs to; -1 where its id is empty."""
    stamps: Ints
    """Microseconds since the epoch, or plain integers."""
    bad_time: Bools
    """True where the time could not be read; the stamp means nothing there."""
    values: Floats
    """NaN where the cell is blank or no number."""
    blank: Bools
    """True where the cell is empty, or says that there is no value."""
    timed: bool
    """True where stamps are times."""
    known_at: Ints | None = None
    """Microseconds since the epoch at which each row became known."""

    def __len__(self) -> int:
        """R."""
        return len(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCounts:
    """What came in by series: N series, those without a single kept row included."""

    ids: tuple[str, ...]
    rows_in: Ints
    """(N,)"""
    set_aside: Ints
    """By series and reason, in the order of REASONS: (N, 8)."""

    @property
    def rows_kept(self) -> Ints:
        """(N,)."""
        return self.rows_in - self.set_aside.sum(axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the contract makes of raw rows."""

    table: SeriesTable
    """The kept rows; a step without one carries the last value and is not observed."""
    reason: Codes
    """KEPT, GONE or the code of the reason for each raw row: (R,)."""
    rows_missing: int
    """Steps that no row stands for, and rows whose cell is blank."""
    later: int
    """Rows later than as_of, or that became known later: they do not exist."""
    blanks_outside: int
    """Blank cells before the first or after the last value of their series: they are no rows."""
    per_series: SeriesCounts
    failed: Mapping[str, str]
    """Refused series and those without a kept row: id -> sentence."""
