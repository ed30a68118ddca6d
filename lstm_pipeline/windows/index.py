"""Windows as rows of an index: which ones exist, to which part each belongs, kept as runs of neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.rules import Missing
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.split import Boundaries

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PARTS = ("train", "validation", "test")
TRAIN, VALIDATION, TEST = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How much of a window must be observed for it to exist."""

    context: float = 0.5
    """Least share of observed steps among those looked back on."""
    whole_target: bool = False
    """True: every target observed; False: one is enough, the others count nowhere."""


COMPLETENESS: dict[Missing, Completeness] = {
    "mask": Completeness(),
    "gap": Completeness(context=1.0, whole_target=True),
    # who asks for filled steps wants them looked back on like any other
    "fill": Completeness(context=0.0),
    "fail": Completeness(),
}
"""By policy for missing steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """W windows, sorted by series, then time."""

    start: Ints
    """First row of the context in the series table: (W,)."""
    series: Ints
    """Index of the series: (W,)."""

    def __len__(self) -> int:
        """How many windows."""
        return len(self.start)

    def where(self, keep: Bools | Ints | slice) -> Windows:
        """The windows chosen by a mask, places or a slice."""
        return Windows(start=self.start[keep], series=self.series[keep])


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRuns:
    """The index: K runs of windows `stride` rows apart, each of one series and one part."""

    start: Ints
    """First row of the first window's context: (K,)."""
    series: Ints
    """(K,)"""
    part: NDArray[np.int8]
    """0 train, 1 validation, 2 test: (K,)."""
    count: Ints
    """Windows in the run: (K,)."""
    stride: int

    def windows(self, part: int) -> Windows:
        """Every window of one part."""
        chosen = self.part == part
        count = self.count[chosen]
        nth = np.arange(int(count.sum()), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
        return Windows(
            start=np.repeat(self.start[chosen], count) + nth * self.stride,
            series=np.repeat(self.series[chosen], count),
        )

    def among(self, series: Bools) -> WindowRuns:
        """The runs of these series alone: (N,)."""
        keep = series[self.series]
        return WindowRuns(
            start=self.start[keep],
            series=self.series[keep],
            part=self.part[keep],
            count=self.count[keep],
            stride=self.stride,
        )

    def total(self, part: int) -> int:
        """How many windows one part has."""
        return int(self.count[self.part == part].sum())


def existing(table: SeriesTable, size: WindowSize, need: Completeness) -> Windows:
    """Every window, one step apart, that lies within one series and is observed enough."""
    seen = np.concatenate([[0], np.cumsum(table.observed)])
    series = table.series_of_row
    start = np.arange(len(table.y), dtype=np.int64)
    fits = start + size.total <= table.offsets[1:][series]
    start, series = start[fits], series[fits]
    context = seen[start + size.input_size] - seen[start]
    target = seen[start + size.total] - seen[start + size.input_size]
    least = size.horizon if need.whole_target else 1
    keep = (context >= need.context * size.input_size) & (target >= least)
    return Windows(start=start[keep], series=series[keep])


def index_by_time(table: SeriesTable, size: WindowSize, cut: Boundaries, need: Completeness) -> WindowRuns:
    """Index the windows of a chronological split; a window belongs to the part that holds its whole target.

    A window whose target straddles a boundary is in no part. Within a series and part, windows are `stride`
    apart, counted from the first place a window of that part could start.
    """
    windows = existing(table, size, need)
    first, last = windows.start + size.input_size, windows.start + size.total - 1
    validation, test = cut.validation[windows.series], cut.test[windows.series]
    part = np.full(len(windows), -1, dtype=np.int8)
    part[last < validation] = TRAIN
    part[(first >= validation) & (last < test)] = VALIDATION
    part[first >= test] = TEST
    low = table.offsets[:-1][windows.series]
    begin = np.select(
        [part == TRAIN, part == VALIDATION], [low, validation - size.input_size], test - size.input_size
    )
    begin = np.maximum(low, begin)
    keep = (part >= 0) & ((windows.start - begin) % size.stride == 0)
    return runs_of(windows.where(keep), part[keep], size.stride)


def runs_of(windows: Windows, part: NDArray[np.int8], stride: int) -> WindowRuns:
    """Gather windows into runs of neighbours of the same series and part."""
    if not len(windows):
        none = np.zeros(0, dtype=np.int64)
        return WindowRuns(start=none, series=none, part=none.astype(np.int8), count=none, stride=stride)
    breaks = (np.diff(windows.start) != stride) | (np.diff(windows.series) != 0) | (np.diff(part) != 0)
    heads = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    return WindowRuns(
        start=windows.start[heads],
        series=windows.series[heads],
        part=part[heads],
        count=np.diff(np.concatenate([heads, [len(windows)]])),
        stride=stride,
    )
