"""Test parts that were not observed for a large share, where the past was."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.feed import Seen, Suspicion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEFT = 0.8
"""Share of the least observed stretch of the past that a stretch must be observed for at least."""
LOST = 0.15
"""How much less of it that is at least, as a share of all its steps."""
NEWEST = 0.25
"""Share of the test part that is looked at alone: its newest steps."""
# two or three rows that come late are no broken feed
FEWEST = 12
"""Steps of which the newest of a test part are looked at alone."""


def gappy(seen: Seen) -> list[Suspicion]:
    """Series whose test part, or the newest of it, lacks far more steps than any stretch of their past.

    The part reaches to the newest step of the table, wherever the series ended; one that ended in its past is
    judged by nobody.
    """
    feed, table = seen.feed, seen.feed.table
    # where steps are counted each series has its own end
    late = np.maximum(table.newest - table.last, 0) if table.grid.timed else np.zeros_like(table.last)
    end = table.offsets[1:] + late
    span = np.where(feed.validation < table.offsets[1:], end - feed.test, 0)
    found: dict[int, Suspicion] = {}
    newest = np.ceil(NEWEST * span).astype(np.int64)
    for wide in (span, np.where(newest < FEWEST, 0, newest)):
        share = _share(seen, np.minimum(end - wide, table.offsets[1:]), table.offsets[1:], wide)
        for series in np.flatnonzero((wide > 0) & (share < LEFT)):
            least = _least(seen, int(series), int(wide[series]))
            if share[series] < min(LEFT * least, least - LOST):
                found.setdefault(
                    int(series), _lacks(seen, int(series), int(wide[series]), (share[series], least))
                )
    return list(found.values())


def _share(seen: Seen, begin: Ints, end: Ints, wide: Ints) -> Floats:
    """Observed rows from `begin` to `end`, as a share of so many steps."""
    return (seen.before[end] - seen.before[begin]) / np.maximum(wide, 1)


def _least(seen: Seen, series: int, wide: int) -> float:
    """Least observed share of so many steps in a row of the past; of the whole past if that is shorter."""
    low, high = int(seen.feed.table.offsets[series]), int(seen.feed.validation[series])
    wide = min(wide, high - low)
    if wide < 1:
        return 0.0
    begin = np.arange(low, high - wide + 1)
    return float(_share(seen, begin, begin + wide, np.array(wide)).min())


def _lacks(seen: Seen, series: int, wide: int, shares: tuple[float, float]) -> Suspicion:
    table = seen.feed.table
    newest = table.newest if table.grid.timed else table.last[series]
    row = int(table.offsets[series] + newest + 1 - wide - table.first[series])
    return Suspicion(
        series=series,
        kind="gappy",
        row=min(row, int(table.offsets[series + 1]) - 1),
        sentence=(
            f"{shares[0]:.0%} of the {wide} steps from {seen.stamp(row, series)} on were observed; before, "
            f"at least {shares[1]:.0%} of as many"
        ),
    )
