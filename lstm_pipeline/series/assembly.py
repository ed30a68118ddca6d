"""Kept rows laid out on the grid, one row per step, and what stands where nobody observed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lstm_pipeline.errors import BadInput
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.series.observed import newest_observed
from lstm_pipeline.series.raw import KEPT, Codes, Floats, Ints, RawRows
from lstm_pipeline.series.rules import Fill
from lstm_pipeline.series.table import SeriesTable

SPARSEST = 100
"""Steps per kept row beyond which the grid cannot be meant."""
ALLOWED_EACH = 1_000_000
"""Steps of one series that are laid out however sparse it is."""
ALLOWED_TOGETHER = 20_000_000
"""Steps of all series together that are laid out however sparse they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """K kept rows in groups that stand for the same step of the same series, G groups in order."""

    rows: Ints
    """Which raw row: (K,)."""
    values: Floats
    """(K,)"""
    starts: Ints
    """Where each group begins: (G,)."""
    series: Ints
    """Of each group: (G,)."""
    steps: Ints
    """Of each group: (G,)."""
    known_at: Ints | None
    """When each group's last row became known: (G,)."""

    @classmethod
    def of(cls, raw: RawRows, placed: Ints, steps: Ints, reason: Codes) -> Cells:
        """The rows still kept, grouped. Shapes: placed, steps (P,), sorted by series and step."""
        kept = reason[placed] == KEPT
        rows, steps = placed[kept], steps[kept]
        series = raw.series[rows]
        new = np.ones(len(rows), bool)
        new[1:] = (np.diff(series) != 0) | (np.diff(steps) != 0)
        starts = np.flatnonzero(new)
        known_at = None
        if raw.known_at is not None and len(rows):
            # the mean of several rows is known when the last of them is
            known_at = np.maximum.reduceat(raw.known_at[rows], starts)
        return cls(
            rows=rows,
            values=raw.values[rows],
            starts=starts,
            series=series[starts],
            steps=steps[starts],
            known_at=known_at,
        )

    @property
    def sizes(self) -> Ints:
        """Rows of each group: (G,)."""
        return np.diff(np.append(self.starts, len(self.rows)))


def lay_out(cells: Cells, ids: tuple[str, ...], grid: Grid) -> SeriesTable:
    """Each series complete from first to last step; rows of one step are averaged, gaps carry the last value.

    Raises:
        BadInput: a series has so few rows on so many steps that its frequency or a time must be wrong.
    """
    present, begin = np.unique(cells.series, return_index=True)
    end = np.append(begin, len(cells.series))[1:]
    first, last = cells.steps[begin], cells.steps[end - 1]
    lengths = last - first + 1
    named = tuple(ids[i] for i in present)
    _refuse_sparse(named, lengths, end - begin, grid)
    offsets = np.append(0, np.cumsum(lengths)).astype(np.int64)
    place = cells.steps + np.repeat(offsets[:-1] - first, end - begin)
    observed = np.zeros(offsets[-1], bool)
    observed[place] = True
    source = np.cumsum(observed) - 1
    means = np.add.reduceat(cells.values, cells.starts) / cells.sizes if len(place) else cells.values
    return SeriesTable(
        grid=grid,
        ids=named,
        offsets=offsets,
        first=first,
        y=means[source],
        observed=observed,
        known_at=None if cells.known_at is None else cells.known_at[source],
    )


def fill(table: SeriesTable, method: Fill, season_length: int) -> SeriesTable:
    """Put zero, or the value one season earlier, where nobody observed; `last` is how a table is laid out.

    Never a later value; without an earlier season the last value stays.
    """
    if method == "zero":
        return replace(table, y=np.where(table.observed, table.y, 0.0))
    if method == "seasonal":
        source = newest_observed(table, season_length)
        return replace(table, y=np.where(source >= 0, table.y[source], table.y))
    return table


def _refuse_sparse(ids: tuple[str, ...], lengths: Ints, rows: Ints, grid: Grid) -> None:
    """Refuse a grid that would blow a few rows up into a huge table.

    Raises:
        BadInput: some series is that sparse.
    """
    thin = lengths > SPARSEST * rows
    huge = lengths.sum() > max(ALLOWED_TOGETHER, SPARSEST * rows.sum())
    sparse = np.flatnonzero(thin & (huge | (lengths > ALLOWED_EACH)))
    if len(sparse):
        faults = [f"{ids[i]}: {rows[i]} rows on {lengths[i]} steps" for i in sparse]
        raise BadInput(
            f"steps of {grid.freq} leave {len(sparse)} series almost without rows; "
            "correct a time that lies far from the others, or set [series] freq to the step that is meant",
            faults,
        )
