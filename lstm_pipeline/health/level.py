"""Jumps in level and spread without precedent: another unit, another offset, another sign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.blocks import Blocks, block_steps, blocks_of, seasons_together
from lstm_pipeline.health.feed import Seen, Suspicion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FACTOR = 4.0
"""By which level and spread jump together, at least."""
TWICE = 2.0
"""The same in logarithms: how many times the greatest jump of the past."""
JUMP = 4.0
"""How many times the greatest jump of the level in the past a new one is."""
AWAY = 0.5
"""Ranges of the past's levels that the new level lies outside it."""
SPREADS = 4.0
"""Spreads of a usual block that the level jumps by."""
ONE_SIGN = 0.9
"""Mean divided by mean size of blocks that are as good as all of one sign."""
PRECEDENTS = 3
"""Places of the past at which a jump could have been, at least."""
LEAST = 1e-6
"""Share of a usual size that nothing is taken for smaller than: a block of zeros has no logarithm."""


def scale(seen: Seen) -> list[Suspicion]:
    """Series whose level and spread jump by one factor, or whose level by an offset, as never before."""
    blocks = blocks_of(seen, block_steps(seen.feed.season))
    figures = _figures(seen, blocks)
    if not len(figures.series):
        return []
    jumps = _jumps(figures, seasons_together(seen, 3))
    found = _by_factor(seen, figures, jumps) | _by_offset(seen, figures, jumps)
    return [_jumped(seen, figures, jumps, at) for at in _first_of_series(figures, found)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """Level, spread and size of the W whole blocks: (W,)."""

    series: Ints
    past: Bools
    """Lies before the validation part."""
    row: Ints
    """Of the table, the first of each block."""
    level: Floats
    """Mean."""
    spread: Floats
    """Standard deviation."""
    size: Floats
    """Mean of the values without their sign."""

    def by_series(self, ufunc: np.ufunc, values: Floats, where: Bools, seen: Seen, empty: float) -> Floats:
        """Reduce the blocks chosen by a mask, series by series: -> (N,)."""
        result = np.full(seen.size, empty)
        ufunc.at(result, self.series[where], values[where])
        return result


def _figures(seen: Seen, blocks: Blocks) -> _Figures:
    level = blocks.mean(seen.value)
    spread = np.sqrt(blocks.mean((seen.value - blocks.spread_out(level)) ** 2))
    size = blocks.mean(np.abs(seen.value))
    keep = blocks.whole
    return _Figures(
        series=blocks.series[keep],
        past=blocks.past[keep],
        row=seen.row[blocks.head[keep]],
        level=level[keep],
        spread=spread[keep],
        size=size[keep],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Jumps:
    """Between the blocks before each block and those from it on, each by their median: (W,)."""

    past: Bools
    """All of them lie in the past."""
    late: Bools
    """The block is not, and there are as many on both sides."""
    before: Floats
    """Level."""
    after: Floats
    factor: Floats
    """Logarithm of the factor by which level and spread both changed; 0 where one rose and the other fell."""
    size: Floats
    """Size after it."""
    lean: Floats
    """Mean divided by mean size, after it."""


def _jumps(figures: _Figures, around: int) -> _Jumps:
    """Compare `around` blocks on each side of every block."""
    count = len(figures.series)
    lean = figures.level / np.where(figures.size > 0, figures.size, 1.0)
    floor = LEAST * max(float(np.median(figures.size)), np.finfo(np.float64).tiny)
    spread, size = (np.log(np.maximum(x, floor)) for x in (figures.spread, figures.size))
    sides = [_sides(x, around) for x in (figures.level, spread, size, figures.size, lean)]
    (before, after), (spread0, spread1), (size0, size1), (_, plain), (_, leaning) = sides
    by_spread, by_size = spread1 - spread0, size1 - size0
    common = np.where(by_spread * by_size > 0, np.minimum(np.abs(by_spread), np.abs(by_size)), 0.0)
    at = np.arange(count)
    low, high = np.maximum(at - around, 0), np.minimum(at + around - 1, count - 1)
    inside = (at >= around) & (at + around <= count) & (figures.series[low] == figures.series[high])
    return _Jumps(
        past=inside & figures.past[high],
        late=inside & ~figures.past,
        before=before,
        after=after,
        factor=common * np.sign(by_size),
        size=plain,
        lean=leaning,
    )


def _sides(values: Floats, around: int) -> tuple[Floats, Floats]:
    """Medians of the `around` values before each place, and from it on; the ends are padded: each (W,)."""
    padded = np.pad(values, around, mode="edge")
    medians = np.median(np.lib.stride_tricks.sliding_window_view(padded, around), axis=1)
    return medians[: len(values)], medians[around : around + len(values)]


def _by_factor(seen: Seen, figures: _Figures, jumps: _Jumps) -> Bools:
    """Blocks at which level and spread jump together: (W,)."""
    size = np.abs(jumps.factor)
    usual = figures.by_series(np.maximum, size, jumps.past, seen, 0.0)
    limit = np.where(_precedents(seen, figures, jumps), np.maximum(np.log(FACTOR), TWICE * usual), np.inf)
    return jumps.late & (size >= limit[figures.series])


def _by_offset(seen: Seen, figures: _Figures, jumps: _Jumps) -> Bools:
    """Blocks at which the level goes where it never was, at once; or all values change their sign: (W,)."""
    past = figures.past
    jump = np.abs(jumps.after - jumps.before)
    usual = figures.by_series(np.maximum, jump, jumps.past, seen, 0.0)
    low = figures.by_series(np.minimum, figures.level, past, seen, np.inf)
    high = figures.by_series(np.maximum, figures.level, past, seen, -np.inf)
    spread = figures.by_series(np.maximum, figures.spread, past, seen, 0.0)
    known = _precedents(seen, figures, jumps)
    owner = figures.series
    width = np.where(known, high, 0.0) - np.where(known, low, 0.0)
    away = np.maximum(low[owner] - jumps.after, jumps.after - high[owner])
    clear = (away >= AWAY * width[owner]) & (jump >= SPREADS * spread[owner])
    clear |= _turned(seen, figures, jumps)
    return jumps.late & known[owner] & (jump > 0) & (jump >= JUMP * usual[owner]) & clear


def _turned(seen: Seen, figures: _Figures, jumps: _Jumps) -> Bools:
    """Blocks from which on the sign is another than ever before, at a usual size: (W,)."""
    past = figures.past
    lean = figures.level / np.where(figures.size > 0, figures.size, 1.0)
    low = figures.by_series(np.minimum, lean, past, seen, np.inf)[figures.series]
    high = figures.by_series(np.maximum, lean, past, seen, -np.inf)[figures.series]
    least = figures.by_series(np.minimum, figures.size, past, seen, np.inf)[figures.series]
    turned = (low >= ONE_SIGN) & (jumps.lean <= -ONE_SIGN) | (high <= -ONE_SIGN) & (jumps.lean >= ONE_SIGN)
    return turned & (jumps.size >= least / 2)


def _precedents(seen: Seen, figures: _Figures, jumps: _Jumps) -> Bools:
    """Series with a past long enough to have known jumps: (N,)."""
    return np.bincount(figures.series[jumps.past], minlength=seen.size) >= PRECEDENTS


def _first_of_series(figures: _Figures, found: Bools) -> list[int]:
    places = np.flatnonzero(found)
    _, first = np.unique(figures.series[places], return_index=True)
    return [int(place) for place in places[first]]


def _jumped(seen: Seen, figures: _Figures, jumps: _Jumps, at: int) -> Suspicion:
    series, row = int(figures.series[at]), int(figures.row[at])
    before, after = (seen.in_units(float(x[at]), series) for x in (jumps.before, jumps.after))
    own = jumps.past & (figures.series == series)
    most = seen.in_units(float(np.abs(jumps.after - jumps.before)[own].max()), series)
    factor = float(np.exp(jumps.factor[at]))
    times = f", level and spread both times {factor:.3g}" if abs(jumps.factor[at]) >= np.log(FACTOR) else ""
    return Suspicion(
        series=series,
        kind="scale",
        row=row,
        sentence=(
            f"the level goes from {before} to {after} at {seen.stamp(row, series)}{times}; before, it never went by "
            f"more than {most} at once"
        ),
    )
