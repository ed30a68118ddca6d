"""Values that stand for none, far outside the past; and stretches that end flat at one bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.blocks import Blocks, block_steps, blocks_of
from lstm_pipeline.health.feed import Seen, Suspicion, first_of_series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

OUTSIDE = 0.25
"""Ranges of the past that a value lies outside it to be looked at."""
FAR = 1.0
"""The same where the value comes back fewer than `OFTEN` times."""
OFTEN = 10
REPEATED = 3
"""Times that the same value comes back there, at least: a price that stays is none."""
PASSED = 0.1
"""Share of the way to that value from which on other values count as out there."""
ALONE = 0.9
"""Share of the values out there that are that one: a series that really went there passes through others."""
AT_BOUND = 0.1
"""Share of the rows of a clipped stretch that lie exactly at its bound."""
MORE = 3
"""How many times as often as in the past."""
BLOCKS = 3
"""Blocks that end at the same bound, at least."""
COVERED = 0.5
"""Share of the blocks of the stretch that do."""


def sentinel(seen: Seen) -> list[Suspicion]:
    """Series in which one value outside everything before comes back exactly."""
    low, high = _ends(seen)
    above = _sentinels(seen, high, high - low, seen.late(np.maximum, seen.value, -np.inf))
    # the same upside down
    return above + _sentinels(seen, low, low - high, seen.late(np.minimum, seen.value, np.inf))


def clipped(seen: Seen) -> list[Suspicion]:
    """Series that end flat at one bound, time and again, far more often than before."""
    blocks = blocks_of(seen, block_steps(seen.feed.season))
    high = _clips(seen, blocks, 1.0)
    return high + [
        found for found in _clips(seen, blocks, -1.0) if found.series not in {s.series for s in high}
    ]


def _ends(seen: Seen) -> tuple[Floats, Floats]:
    """The least and the greatest value of the past; nought where there is none: each (N,)."""
    return seen.past(np.minimum, seen.value, 0.0), seen.past(np.maximum, seen.value, 0.0)


def _sentinels(seen: Seen, end: Floats, width: Floats, farthest: Floats) -> list[Suspicion]:
    """Those beyond one end of the past, whose range `width` points outwards: each (N,)."""
    way = np.sign(width)
    distance = np.where(np.isfinite(farthest), way * (farthest - end), 0.0)
    maybe = (way != 0) & (distance > OUTSIDE * np.abs(width))
    if not maybe.any():
        return []
    rows = np.flatnonzero(seen.held & maybe[seen.series])
    owner = seen.series[rows]
    out = rows[way[owner] * (seen.value[rows] - end[owner]) > PASSED * distance[owner]]
    same = out[seen.value[out] == farthest[seen.series[out]]]
    comes = same[~(seen.joined[same] & (seen.value[np.maximum(same - 1, 0)] == seen.value[same]))]
    times, outside, visits = (np.bincount(seen.series[x], minlength=seen.size) for x in (same, out, comes))
    need = np.maximum(np.where(distance > FAR * np.abs(width), REPEATED, OFTEN), 0.1 * seen.feed.relevant)
    found = (times >= need) & (times >= ALONE * outside) & (visits >= REPEATED)
    places = same[first_of_series(seen.series[same], found[seen.series[same]])]
    return [_stands_for_none(seen, int(at), int(times[seen.series[at]])) for at in places]


def _stands_for_none(seen: Seen, at: int, times: int) -> Suspicion:
    series = int(seen.series[at])
    own = seen.value[(seen.series == series) & ~seen.held]
    row = int(seen.row[at])
    low, high = (seen.in_units(end, series) for end in (own.min(), own.max()))
    return Suspicion(
        series=series,
        kind="sentinel",
        row=row,
        sentence=(
            f"{seen.in_units(seen.value[at], series)} comes {times} times from {seen.stamp(row, series)} on; "
            f"before, all values lay between {low} and {high}"
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounds:
    """The bound that most rows of each series lie at, over blocks that end there: (N,)."""

    ties: Ints
    """Rows at the bound."""
    rows: Ints
    """Rows of these blocks."""
    blocks: Ints
    head: Ints
    """The first and the last of these blocks."""
    tail: Ints


def _clips(seen: Seen, blocks: Blocks, sign: float) -> list[Suspicion]:
    """Those at an upper (1) or a lower (-1) bound."""
    value = sign * seen.value
    top = np.maximum.reduceat(value, blocks.head)
    ties = blocks.sum(value == blocks.spread_out(top)).astype(np.int64)
    late = _commonest(blocks, top, ties, blocks.held)
    past = _commonest(blocks, top, ties, blocks.past)
    before = blocks.past
    usual = np.bincount(blocks.series[before], ties[before], seen.size) / np.maximum(
        np.bincount(blocks.series[before], blocks.count[before], seen.size), 1
    )
    share = late.ties / np.maximum(late.rows, 1)
    covered = late.blocks >= COVERED * (late.tail - late.head + 1)
    clear = (share >= np.maximum(AT_BOUND, MORE * usual)) & (late.ties >= MORE * past.ties) & covered
    enough = (late.blocks >= BLOCKS) & (late.rows >= seen.feed.relevant) & (past.blocks > 0)
    # where a series rested before, at nought above all, it may rest longer
    known = seen.past(np.maximum, value, -np.inf)
    enough &= (top[late.head] != known) & (top[late.head] != 0)
    return [_ends_flat(seen, blocks, late, int(i), float(usual[i])) for i in np.flatnonzero(clear & enough)]


def _commonest(blocks: Blocks, top: Floats, ties: Ints, where: Bools) -> _Bounds:
    """Gather the blocks of a mask by their bound, and take the bound with most rows at it."""
    chosen = np.flatnonzero(where)
    none = np.zeros(blocks.size, dtype=np.int64)
    result = _Bounds(ties=none, rows=none.copy(), blocks=none.copy(), head=none.copy(), tail=none.copy())
    if not len(chosen):
        return result
    chosen = chosen[np.lexsort((chosen, top[chosen], blocks.series[chosen]))]
    owner = blocks.series[chosen]
    heads = np.flatnonzero(np.append(True, (np.diff(owner) != 0) | (np.diff(top[chosen]) != 0)))
    tails = np.append(heads[1:], len(chosen)) - 1
    at_bound = np.add.reduceat(ties[chosen], heads)
    order = np.lexsort((at_bound, owner[heads]))
    best = order[np.append(np.diff(owner[heads][order]) != 0, True)]
    place = owner[heads[best]]
    result.ties[place] = at_bound[best]
    result.rows[place] = np.add.reduceat(blocks.count[chosen], heads)[best]
    result.blocks[place] = (tails - heads + 1)[best]
    result.head[place], result.tail[place] = chosen[heads[best]], chosen[tails[best]]
    return result


def _ends_flat(seen: Seen, blocks: Blocks, late: _Bounds, series: int, usual: float) -> Suspicion:
    begin, end = (
        blocks.head[late.head[series]],
        blocks.head[late.head[series]] + blocks.count[late.head[series]],
    )
    own = seen.value[begin:end]
    values, times = np.unique(own, return_counts=True)
    bound = float(values[times.argmax()])
    row = int(seen.row[begin + int(np.argmax(own == bound))])
    return Suspicion(
        series=series,
        kind="clipped",
        row=row,
        sentence=(
            f"{late.ties[series] / late.rows[series]:.0%} of the values from {seen.stamp(row, series)} on "
            f"are exactly {seen.in_units(bound, series)}, their bound; before, {usual:.0%} lay at a bound"
        ),
    )
