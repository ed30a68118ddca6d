"""What the checks look at: a table, where its held-out parts begin, and the values that were observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.table import SeriesTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Kind = Literal["gappy", "frozen", "repeated", "sentinel", "scale", "clipped", "shifted", "noise", "rounded"]

RELEVANT = 0.05
"""Least share of the test part that a fault spoils before it is told: less hardly moves an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A series table and what its past is: the rows before validation."""

    table: SeriesTable
    validation: Ints
    """The row on which each series' validation part begins: (N,)."""
    test: Ints
    """The row on which its test part begins: (N,)."""
    season: int
    """Steps."""

    def __post_init__(self) -> None:
        """Check that the boundaries belong to the table.

        Raises:
            ValueError: they do not.
        """
        low, high = self.table.offsets[:-1], self.table.offsets[1:]
        ordered = (low <= self.validation) & (self.validation <= self.test) & (self.test <= high)
        if not np.all(ordered):
            raise ValueError("each series needs offsets[i] <= validation <= test <= offsets[i + 1]")
        if self.season < 1:
            raise ValueError(f"season = {self.season} must be at least 1")

    @property
    def relevant(self) -> Floats:
        """How many steps of each series a fault must spoil: (N,)."""
        return np.multiply(RELEVANT, self.table.offsets[1:] - self.test, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """One series whose held-out part does not look like the feed it was before."""

    series: int
    """Its index in the table."""
    kind: Kind
    row: int
    """The row of the table since which."""
    sentence: str
    """What was seen, since when, and how it was before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The K observed rows of all series, in order; values by a power of two that brings each series near one.

    Halving is exact: equal values stay equal, and no square is beyond numbers.
    """

    feed: Feed
    row: Ints
    """Of the table: (K,)."""
    series: Ints
    """(K,)"""
    value: Floats
    """(K,)"""
    held: Bools
    """At or after the series' validation boundary: (K,)."""
    joined: Bools
    """The row before belongs to the same series and the same side of the boundary: (K,)."""
    part: Ints
    """The first row of each side of each series that was seen, among these rows: at most two a series."""
    before: Ints
    """How many rows were seen before each row of the table, and before its end: (R + 1,)."""
    exponent: Ints
    """value * 2 ** exponent is in the units of the series: (N,)."""

    @property
    def size(self) -> int:
        """How many series: N."""
        return len(self.exponent)

    def past(self, ufunc: np.ufunc, values: Floats, empty: float) -> Floats:
        """Reduce the past of each series: (K,) -> (N,)."""
        return self._side(ufunc, values, empty, held=False)

    def late(self, ufunc: np.ufunc, values: Floats, empty: float) -> Floats:
        """Reduce what is held out of each series: (K,) -> (N,)."""
        return self._side(ufunc, values, empty, held=True)

    def _side(self, ufunc: np.ufunc, values: Floats, empty: float, *, held: bool) -> Floats:
        result = np.full(self.size, empty)
        chosen = self.held[self.part] == held
        result[self.series[self.part[chosen]]] = ufunc.reduceat(values, self.part)[chosen]
        return result

    def in_units(self, value: float, series: int) -> str:
        """A value as a person would write it, in the units of the series."""
        return f"{np.ldexp(value, self.exponent[series]):.6g}"

    def stamp(self, row: int, series: int) -> str:
        """The stamp of a row as text."""
        table = self.feed.table
        step = table.first[series] + row - table.offsets[series]
        return table.grid.label(int(table.grid.stamp(np.array([step]))[0]))


def seen_of(feed: Feed) -> Seen:
    """What was observed of a feed; a number that is not finite was not."""
    table = feed.table
    usable = table.observed & np.isfinite(table.y)
    size = np.where(usable, np.abs(table.y), 0.0)
    _, exponent = np.frexp(np.maximum.reduceat(size, table.offsets[:-1]))
    row = np.flatnonzero(usable)
    series = table.series_of_row[row]
    held = row >= feed.validation[series]
    joined = np.zeros(len(row), dtype=bool)
    joined[1:] = (series[1:] == series[:-1]) & (held[1:] == held[:-1])
    return Seen(
        feed=feed,
        row=row,
        series=series,
        value=np.ldexp(table.y[row], -exponent[series]),
        held=held,
        joined=joined,
        part=np.flatnonzero(~joined),
        before=np.concatenate([[0], np.cumsum(usable)]),
        exponent=exponent.astype(np.int64),
    )


def first_of_series(series: Ints, found: Bools) -> list[int]:
    """The first place of each series at which something was found, in the order of the series."""
    places = np.flatnonzero(found)
    _, first = np.unique(series[places], return_index=True)
    return [int(place) for place in places[first]]
