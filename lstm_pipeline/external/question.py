"""What a command is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.table import SeriesTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """K forecasts that are wanted, each of H steps after a cutoff of a series."""

    table: SeriesTable
    """What the command is shown."""
    series: Ints
    """(K,)"""
    cutoff: Ints
    """Steps of the grid: (K,)."""
    tested: Bools
    """The forecast is judged, and must be there; of the others, which are published, some may lack: (K,)."""
    horizon: int
    season: int

    def by_cutoff(self) -> Iterator[tuple[Bools, Question]]:
        """One question for each cutoff, with the rows up to it, and which of the forecasts it asks for."""
        for group in np.unique(self._groups):
            mine = self._groups == group
            until = self.table.last.copy()
            # where times are shared no series is shown a later one either
            until[:] = np.minimum(until, self.cutoff[mine].max()) if self.table.grid.timed else until
            until[self.series[mine]] = np.minimum(until[self.series[mine]], self.cutoff[mine])
            yield mine, self._up_to(mine, until)

    @property
    def _groups(self) -> Ints:
        """What is asked at once: a cutoff; where steps are counted, the nth newest of each series: (K,)."""
        if self.table.grid.timed:
            return self.cutoff
        order = np.lexsort((-self.cutoff, self.series))
        series = self.series[order]
        begin = np.searchsorted(series, series)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order)) - begin
        return rank

    def _up_to(self, mine: Bools, until: Ints) -> Question:
        """These forecasts alone, asked of the rows up to a step of each series: (N,)."""
        table = self.table
        there = until >= table.first
        keep = table.steps <= until[table.series_of_row]
        lengths = (until - table.first + 1)[there]
        place = np.cumsum(there) - 1
        shown = replace(
            table,
            ids=tuple(name for name, has in zip(table.ids, there, strict=True) if has),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            first=table.first[there],
            y=table.y[keep],
            observed=table.observed[keep],
            known_at=None,
            covariates={},
            until=None,
        )
        return replace(
            self,
            table=shown,
            series=place[self.series[mine]],
            cutoff=self.cutoff[mine],
            tested=self.tested[mine],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The forecasts in the order of the question."""

    forecast: Floats
    """In the units of the series; NaN where there is none, or none that is a number: (K, H)."""
    there: Bools
    """The command has forecast it: (K,)."""
    data_end: Ints | None
    """Stamp of the newest row that each forecast has learnt from: (K,). None where nobody says."""
