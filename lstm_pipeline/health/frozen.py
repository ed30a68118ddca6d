"""Values that stand still, and values copied from a season before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.feed import Seen, Suspicion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LONGER = 3
"""How many times the longest run of the past a run must be: nights and closed days double at most."""
SHORTEST = 6
"""Rows of a run at least."""
CLOSED = 30
"""The same at zero or at an end of the past's range: shops close, the sun had no spot for 21 months."""
RESTED = 7
"""Seasons of a run of the past that tell of a series at rest: nought may then last as long as it likes."""
CHANCE = 1e-9
"""Probability of a run below which it is no chance, were ties independent."""
SEASONS_BACK = 7
"""Seasons back at which a copy is looked for: a day to a week of days."""
COPIED = 12
"""Changing values that a copy has at least."""
SEASONS_COPIED = 1.5
"""Seasons that a copy lasts at least: single days are alike in hourly counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runs:
    """The longest run of each series: (N,); `at` is where it begins among the rows given, -1 without one."""

    length: Ints
    rows: Ints
    at: Ints


def frozen(seen: Seen) -> list[Suspicion]:
    """Series that kept one value far longer than ever before."""
    same = seen.joined.copy()
    same[1:] &= seen.value[1:] == seen.value[:-1]
    past = _longest(seen, same, ~seen.held)
    late = _longest(seen, same, seen.held)
    need = np.maximum.reduce([LONGER * past.rows, _beyond_chance(seen, same), seen.feed.relevant])
    resting = _resting(seen, late)
    need = np.maximum(need, np.where(resting, max(CLOSED, seen.feed.season), SHORTEST))
    # a heating that rested for weeks may rest for months
    known = (past.rows > 0) & ~(resting & (past.rows >= max(CLOSED, RESTED * seen.feed.season)))
    found = np.flatnonzero(known & (late.at >= 0) & (late.rows >= need))
    return [_stands_still(seen, late, int(i), int(past.rows[i])) for i in found]


def repeated(seen: Seen) -> list[Suspicion]:
    """Series whose values are those of some seasons before, exactly, far longer than ever before."""
    found: dict[int, Suspicion] = {}
    for seasons in range(1, SEASONS_BACK + 1):
        for suspicion in _copied(seen, seasons * seen.feed.season):
            found.setdefault(suspicion.series, suspicion)
    return list(found.values())


def _longest(seen: Seen, same: Bools, where: Bools, weight: Bools | None = None) -> _Runs:
    """The longest run among the rows of a mask; `same`: a row goes on with the one before; both (K,).

    With a weight only such rows count.
    """
    rows = np.flatnonzero(where)
    none = np.zeros(seen.size, dtype=np.int64)
    if not len(rows):
        return _Runs(length=none, rows=none, at=none - 1)
    heads = np.flatnonzero(~same[rows])
    length = np.diff(np.append(heads, len(rows)))
    counted = length if weight is None else np.add.reduceat(weight[rows].astype(np.int64), heads)
    owner = seen.series[rows[heads]]
    # the last of equals in this order is the longest of its series, the newest of equally long ones
    order = np.lexsort((counted, owner))
    last = order[np.append(np.diff(owner[order]) != 0, True)]
    runs = _Runs(length=none.copy(), rows=none.copy(), at=none - 1)
    runs.length[owner[last]], runs.rows[owner[last]] = counted[last], length[last]
    runs.at[owner[last]] = rows[heads[last]]
    return runs


def _beyond_chance(seen: Seen, same: Bools) -> Floats:
    """How long a run must be to be no chance, by the share of ties in the past: (N,)."""
    past = ~seen.held
    rows = np.bincount(seen.series[past], minlength=seen.size)
    ties = np.bincount(seen.series[past & same], minlength=seen.size)
    return np.log(CHANCE) / np.log((ties + 1) / (rows + 2))


def _resting(seen: Seen, runs: _Runs) -> Bools:
    """The run's value is zero, or the past's least or greatest: (N,)."""
    value = seen.value[np.maximum(runs.at, 0)]
    low, high = seen.past(np.minimum, seen.value, np.inf), seen.past(np.maximum, seen.value, -np.inf)
    return (value == 0) | (value == low) | (value == high)


def _stands_still(seen: Seen, late: _Runs, series: int, before: int) -> Suspicion:
    at = int(late.at[series])
    row = int(seen.row[at])
    return Suspicion(
        series=series,
        kind="frozen",
        row=row,
        sentence=(
            f"{late.rows[series]} values from {seen.stamp(row, series)} on are all "
            f"{seen.in_units(seen.value[at], series)}; before, at most {before} in a row were equal"
        ),
    )


def _copied(seen: Seen, lag: int) -> list[Suspicion]:
    """Series with a copy at one lag; all rows are looked at only where there may be one."""
    maybe = _probed(seen, lag)
    if not maybe.any():
        return []
    asked = maybe[seen.series]
    match, changing = _matches(seen, lag, np.flatnonzero(asked))
    late = _longest(seen, match, asked & seen.held, changing)
    past = _longest(seen, match, asked & ~seen.held, changing)
    before = changing & ~seen.held
    equal = np.bincount(seen.series[match & before], minlength=seen.size)
    could = np.bincount(seen.series[before], minlength=seen.size)
    chance = np.log(CHANCE) / np.log((equal + 1) / (could + 2))
    clear = (could > 0) & (
        late.length >= np.maximum.reduce([LONGER * past.length, chance, np.full(seen.size, COPIED)])
    )
    least = np.maximum(seen.feed.relevant, SEASONS_COPIED * seen.feed.season)
    found = np.flatnonzero(clear & (late.rows >= least))
    return [_is_copy(seen, late, int(i), lag, int(past.length[i])) for i in found]


def _probed(seen: Seen, lag: int) -> Bools:
    """Series in which a copy may be: two probes in a row match, so near that any copy holds two: (N,)."""
    apart = max(1, int(SEASONS_COPIED * seen.feed.season) // 3)
    probes = np.arange(0, len(seen.row), apart)
    probes = probes[seen.held[probes]]
    match = _equal(seen, lag, probes)
    both = match[1:] & match[:-1] & (seen.series[probes[1:]] == seen.series[probes[:-1]])
    maybe = np.zeros(seen.size, dtype=bool)
    maybe[seen.series[probes[1:][both]]] = True
    return maybe


def _equal(seen: Seen, lag: int, rows: Ints) -> Bools:
    """Which of these rows, by their place among those seen, equal the one `lag` steps before."""
    source = seen.row[rows] - lag
    inside = source >= seen.feed.table.offsets[:-1][seen.series[rows]]
    at = seen.before[np.where(inside, source, seen.row[rows])]
    return inside & (seen.row[at] == source) & (seen.value[at] == seen.value[rows])


def _matches(seen: Seen, lag: int, rows: Ints) -> tuple[Bools, Bools]:
    """Which of these rows equal the one `lag` steps before; which differ from the row before: each (K,)."""
    match, changing = np.zeros(len(seen.row), bool), np.zeros(len(seen.row), bool)
    match[rows] = _equal(seen, lag, rows) & seen.joined[rows]
    changing[rows] = seen.joined[rows] & (seen.value[np.maximum(rows - 1, 0)] != seen.value[rows])
    return match, changing


def _is_copy(seen: Seen, late: _Runs, series: int, lag: int, before: int) -> Suspicion:
    row = int(seen.row[late.at[series]])
    return Suspicion(
        series=series,
        kind="repeated",
        row=row,
        sentence=(
            f"{late.rows[series]} values from {seen.stamp(row, series)} on equal those {lag} steps before, "
            f"exactly; before, at most {before} changing ones in a row did"
        ),
    )
