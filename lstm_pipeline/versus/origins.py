"""Origins, steps and scales of compared rows: what their losses are pooled by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lstm_pipeline.versus.forecasts import Bools, Floats, Ints
from lstm_pipeline.versus.matching import Matched

PARTS = 4
"""Parts that a horizon is cut into at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """The cutoffs that count: no two of them forecast the same step."""

    cutoffs: Ints
    """Oldest first: (O,)."""
    place: Ints
    """Of each row's cutoff in `cutoffs`, -1 where it does not count: (M,)."""
    dropped: int
    """Cutoffs left out because their windows overlap with a newer one's."""

    def pooled(self, values: Floats, where: Bools) -> Floats:
        """Mean per origin over those rows; NaN where an origin has none. Shapes: (M,), (M,) -> (O,)."""
        return grouped(values, self.place, where & (self.place >= 0), len(self.cutoffs))


def origins_of(matched: Matched) -> Origins:
    """The cutoffs one horizon apart or more, counted from the newest."""
    cutoffs, at = np.unique(matched.cutoff, return_inverse=True)
    ends = np.full(len(cutoffs), np.iinfo(np.int64).min)
    np.maximum.at(ends, at, matched.ds)
    kept = np.zeros(len(cutoffs), bool)
    begin = np.iinfo(np.int64).max
    for place in range(len(cutoffs) - 1, -1, -1):
        # targets that end where the next kept origin begins share no step with it
        if ends[place] <= begin:
            kept[place], begin = True, int(cutoffs[place])
    place = np.where(kept, np.cumsum(kept) - 1, -1)
    return Origins(cutoffs=cutoffs[kept], place=place[at], dropped=int(np.count_nonzero(~kept)))


def steps_of(matched: Matched) -> Ints:
    """Which step of its horizon each row is, 0 the first: (M,)."""
    times = np.unique(matched.ds)
    return np.searchsorted(times, matched.ds) - np.searchsorted(times, matched.cutoff, side="right")


def parts_of(steps: Ints) -> Mapping[str, Bools]:
    """The horizon in up to four parts: a name, and the rows that belong to it."""
    horizon = int(steps.max()) + 1
    if horizon < 2:
        return {}
    edges = np.linspace(0, horizon, min(PARTS, horizon) + 1).round().astype(int)
    return {_named(int(begin), int(end)): (steps >= begin) & (steps < end) for begin, end in pairwise(edges)}


def variances(series: Ints, ds: Ints, y: Floats, many: int) -> Floats:
    """The variance of each series over its different steps: (many,); NaN where there are none."""
    # overlapping windows hold a step several times, and it came once
    order = np.lexsort((ds, series))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(series[order]) != 0) | (np.diff(ds[order]) != 0)
    rows = order[new]
    whose, values = series[rows], y[rows]
    everywhere = np.ones(len(rows), bool)
    centred = values - grouped(values, whose, everywhere, many)[whose]
    return grouped(centred**2, whose, everywhere, many)


def grouped(values: Floats, group: Ints, where: Bools, many: int) -> Floats:
    """Mean by group over those rows: sums and counts, divided once; NaN where a group has none."""
    counts = np.bincount(group[where], minlength=many)
    sums = np.bincount(group[where], weights=values[where], minlength=many)
    return np.divide(sums, counts, out=np.full(many, np.nan), where=counts > 0)


def _named(begin: int, end: int) -> str:
    return f"step {end}" if end == begin + 1 else f"steps {begin + 1} to {end}"
