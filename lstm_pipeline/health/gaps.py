"""Test parts that were not observed for a large share, where the past was."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.feed import Seen, Suspicion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEFT = 0.7
"""Share of the least observed stretch of the past that the test part must be observed for at least."""


def gappy(seen: Seen) -> list[Suspicion]:
    """Series whose test part lacks far more steps than any stretch of their past that is as long.

    The part reaches to the newest step of the table, wherever the series ended; one that ended before it has
    no test part.
    """
    feed, table = seen.feed, seen.feed.table
    span = _span(seen)
    counted = np.concatenate([[0], np.cumsum(np.bincount(seen.row, minlength=len(table.y)))])
    observed = counted[table.offsets[1:]] - counted[feed.test]
    least = _least_share(seen, span, counted)
    begun = feed.test < table.offsets[1:]
    with np.errstate(invalid="ignore"):
        share = observed / np.maximum(span, 1)
        found = np.flatnonzero(begun & (share < LEFT * least))
    return [_lacks(seen, int(i), float(share[i]), float(least[i])) for i in found]


def _span(seen: Seen) -> Ints:
    """Steps of each series' test part, were it complete: (N,)."""
    feed, table = seen.feed, seen.feed.table
    held = table.offsets[1:] - feed.test
    # where steps are counted each series has its own end
    return held + np.maximum(table.newest - table.last, 0) if table.grid.timed else held


def _least_share(seen: Seen, span: Ints, counted: Ints) -> Floats:
    """Least observed share of a stretch of the past as long as the test part; the whole past if shorter: (N,)."""
    feed, table = seen.feed, seen.feed.table
    past = feed.validation - table.offsets[:-1]
    wide = np.minimum(span, past)
    series = table.series_of_row
    row = np.arange(len(table.y))
    fits = row + wide[series] <= feed.validation[series]
    row, series = row[fits], series[fits]
    share = (counted[row + wide[series]] - counted[row]) / np.maximum(wide[series], 1)
    least = np.full(len(past), np.inf)
    np.minimum.at(least, series, share)
    return np.where(past > 0, least, 0.0)


def _lacks(seen: Seen, series: int, share: float, least: float) -> Suspicion:
    row = int(seen.feed.test[series])
    return Suspicion(
        series=series,
        kind="gappy",
        row=row,
        sentence=(
            f"{share:.0%} of the test part, which begins at {seen.stamp(row, series)}, was observed; before, at "
            f"least {least:.0%} of as long a stretch"
        ),
    )
