"""Observed rows in blocks of equally many steps, counted back from the end; figures per block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.feed import Seen

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FEWEST = 12
"""Steps of a block at least, so that its spread means something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """B blocks in order, the newest of each series whole.

    One that straddles the boundary is neither past nor held.
    """

    steps: int
    """Of a block."""
    size: int
    """How many series: N."""
    head: Ints
    """The first observed row of each among those seen: (B,)."""
    count: Ints
    """Observed rows: (B,)."""
    series: Ints
    """(B,)"""
    whole: Bools
    """Within its series, and observed for the most part: (B,)."""
    past: Bools
    """Before the validation part: (B,)."""
    held: Bools
    """Within validation or test: (B,)."""

    def spread_out(self, per_block: Floats) -> Floats:
        """The figure of its block for each row: (B,) -> (K,)."""
        return np.repeat(per_block, self.count)

    def sum(self, values: Floats | Bools) -> Floats:
        """(K,) -> (B,)."""
        return np.add.reduceat(values, self.head, dtype=np.float64)

    def mean(self, values: Floats) -> Floats:
        """(K,) -> (B,)."""
        return self.sum(values) / self.count


def blocks_of(seen: Seen, steps: int) -> Blocks:
    """Cut what was seen into blocks of so many steps."""
    offsets = seen.feed.table.offsets
    back = (offsets[1:][seen.series] - 1 - seen.row) // steps
    new = np.ones(len(back), dtype=bool)
    new[1:] = (back[1:] != back[:-1]) | (seen.series[1:] != seen.series[:-1])
    head = np.flatnonzero(new)
    count, series = np.diff(np.append(head, len(back))), seen.series[head]
    begin = offsets[1:][series] - (back[head] + 1) * steps
    return Blocks(
        steps=steps,
        size=seen.size,
        head=head,
        count=count,
        series=series,
        whole=(begin >= offsets[:-1][series]) & (2 * count >= steps),
        past=begin + steps <= seen.feed.validation[series],
        held=begin >= seen.feed.validation[series],
    )


def block_steps(season: int) -> int:
    """Steps of the shortest block: whole seasons."""
    return season * -(-FEWEST // season)


def seasons_together(seen: Seen, most: int, groups: int = 2) -> int:
    """How many seasons make one group, so that a usual test part holds so many groups: 1 to `most`."""
    feed = seen.feed
    usual = int(np.median(feed.table.offsets[1:] - feed.test))
    return int(np.clip(usual // (groups * feed.season), 1, most))
