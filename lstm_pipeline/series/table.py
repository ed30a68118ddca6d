"""The series table: many series end to end, each complete on one grid from its first step to its last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.grid import Grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesTable:
    """N series in R rows, sorted by id; a step that nobody observed has a row too, marked `observed = False`.

    Row `r` of series `i`, with `offsets[i] <= r < offsets[i + 1]`, is step `first[i] + r - offsets[i]`.
    """

    grid: Grid
    """Turns steps into timestamps and back."""
    ids: tuple[str, ...]
    """Unique ids, sorted: N."""
    offsets: Ints
    """Where each series begins in the rows, and the end: (N + 1,)."""
    first: Ints
    """The step of the grid on which each series begins: (N,)."""
    y: Floats
    """Values in the units of the series; where not observed, as the policy for missing steps has it: (R,)."""
    observed: Bools
    """False where the value is carried or filled rather than read: (R,)."""
    known_at: Ints | None = None
    """Microseconds since the epoch at which each row became known, where the source says so: (R,)."""
    covariates: Mapping[str, Floats] = field(default_factory=dict[str, Floats])
    """Further columns by name, each (R,)."""
    until: int | None = None
    """The newest step that counts, where not every series is trusted with it. None: that of all."""

    def __post_init__(self) -> None:
        """Check that the pieces fit together.

        Raises:
            ValueError: the arrays do not describe one table.
        """
        # ValueError, not BadInput: whatever the data were, such a table is a mistake of the program
        rows = len(self.y)
        if len(self.offsets) != len(self.ids) + 1 or len(self.first) != len(self.ids):
            raise ValueError(f"{len(self.ids)} ids need as many first steps and one offset more")
        if self.offsets[0] != 0 or self.offsets[-1] != rows or np.any(np.diff(self.offsets) < 1):
            raise ValueError(f"offsets must rise from 0 to the {rows} rows, a row at least per series")
        if len(self.observed) != rows:
            raise ValueError(f"observed has {len(self.observed)} rows, y has {rows}")
        if list(self.ids) != sorted(set(self.ids)):
            raise ValueError("ids must be sorted and unique")

    @property
    def lengths(self) -> Ints:
        """Steps of each series: (N,)."""
        return np.diff(self.offsets)

    @property
    def last(self) -> Ints:
        """The step of the grid on which each series ends: (N,)."""
        return self.first + self.lengths - 1

    @property
    def ends(self) -> Ints:
        """The step after which each series is forecast: the newest, or its own if steps are counted: (N,)."""
        return np.full(len(self.ids), self.newest) if self.grid.timed else self.last

    @property
    def newest(self) -> int:
        """The newest step of the grid."""
        return int(self.last.max()) if self.until is None else self.until

    @property
    def series_of_row(self) -> Ints:
        """The index of the series that each row belongs to: (R,)."""
        return np.repeat(np.arange(len(self.ids), dtype=np.int64), self.lengths)

    @property
    def steps(self) -> Ints:
        """The step of the grid of each row: (R,)."""
        starts = np.repeat(self.first - self.offsets[:-1], self.lengths)
        return starts + np.arange(len(self.y), dtype=np.int64)

    def step_of(self, row: Ints, series: Ints | None = None) -> Ints:
        """The step on which each row of the given series stands; None: one row of every series."""
        begin, first = self._begins(series)
        return first + row - begin

    def row_of(self, step: Ints, series: Ints | None = None) -> Ints:
        """The row on which each step of the given series stands; None: one step of every series.

        A step before a series begins, or after it ends, gives a row outside it.
        """
        begin, first = self._begins(series)
        return begin + step - first

    def _begins(self, series: Ints | None) -> tuple[Ints, Ints]:
        """First row and first step of series."""
        if series is None:
            return self.offsets[:-1], self.first
        return self.offsets[series], self.first[series]

    def rows_of(self, series: int) -> slice:
        """The rows of one series by its index."""
        return slice(int(self.offsets[series]), int(self.offsets[series + 1]))
