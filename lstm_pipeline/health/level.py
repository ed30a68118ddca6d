"""Jumps in level and spread without precedent: another unit, another offset, another sign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.blocks import Blocks, block_steps, blocks_of, seasons_together
from lstm_pipeline.health.feed import Seen, Suspicion, first_of_series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FACTOR = 5.0
"""By which level and spread jump together, at least."""
TWICE = 2.0
"""The same in logarithms: how many times the greatest jump of the past."""
ROOM = 1.0
"""The same in its own ranges, in logarithms: showers and droughts differ by a lot, and may by more."""
GROWN = 0.3
"""Logarithms within which level and spread grew alike: what doubles is no broken feed."""
JUMP = 3.0
"""How many times the greatest jump of the level in the past a new one is."""
AWAY = 0.5
"""Ranges of the past's levels that the new level lies outside it."""
TURNED = 1.5
"""The same where all values change their sign."""
LEAVES = 1.5
"""By which size or spread then leave all that the past had: a quiet time ends by a factor, too."""
WIDER = 5.0
"""By which the spread leaves everything the past had, narrower or wider."""
SPREADS = 4.0
"""Spreads of a usual block that the level jumps by."""
ONE_SIGN = 0.9
"""Mean divided by mean size of blocks that are as good as all of one sign."""
PRECEDENTS = 3
"""Places of the past at which a jump could have been, at least."""
LEAST = 1e-6
"""Share of a usual size that nothing is taken for smaller than: a block of zeros has no logarithm."""


def scale(seen: Seen) -> list[Suspicion]:
    """Series whose level or spread jumps out of their past, as another unit, offset or sign makes them."""
    blocks = blocks_of(seen, block_steps(seen.feed.season))
    figures = _figures(seen, blocks)
    if not len(figures.owner):
        return []
    jumps = _jumps(figures, seasons_together(seen, 3))
    # a series without a past has nothing to leave
    with np.errstate(invalid="ignore"):
        found = _by_factor(figures, jumps) | _by_spread(figures, jumps)
        found |= _by_offset(figures, jumps) | _turned(figures, jumps)
    found &= jumps.late & jumps.known
    return [_jumped(seen, figures, jumps, at) for at in first_of_series(figures.owner, found)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """Level, spread and size of the W whole blocks: (W,)."""

    owner: Ints
    """Index of the series."""
    count: int
    """How many series: N."""
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

    def most(self, values: Floats, where: Bools) -> Floats:
        """The greatest of the blocks of a mask of its series, for each block: (W,)."""
        result = np.full(self.count, -np.inf)
        np.maximum.at(result, self.owner[where], values[where])
        return result[self.owner]

    def least(self, values: Floats, where: Bools) -> Floats:
        """The least, likewise: (W,)."""
        return -self.most(-values, where)

    @property
    def lean(self) -> Floats:
        """Mean divided by mean size: 1 where all is above zero, -1 where all is below: (W,)."""
        return self.level / np.where(self.size > 0, self.size, 1.0)


def _figures(seen: Seen, blocks: Blocks) -> _Figures:
    level = blocks.mean(seen.value)
    spread = np.sqrt(blocks.mean((seen.value - blocks.spread_out(level)) ** 2))
    size = blocks.mean(np.abs(seen.value))
    keep = blocks.whole
    return _Figures(
        owner=blocks.series[keep],
        count=seen.size,
        past=blocks.past[keep],
        row=seen.row[blocks.head[keep]],
        level=level[keep],
        spread=spread[keep],
        size=size[keep],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """What blocks on one side of a place are like, each by their median: (W,)."""

    level: Floats
    size: Floats
    """Its logarithm, as of the spread."""
    spread: Floats
    lean: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Jumps:
    """Between the blocks before each block and those from it on."""

    past: Bools
    """All of them lie in the past, and move: (W,)."""
    late: Bools
    """The block does not lie in the past, and there are as many on both sides, which move: (W,)."""
    before: _Side
    after: _Side
    known: Bools
    """The past is long enough to have known jumps: (W,)."""

    @property
    def level(self) -> Floats:
        """How far the level goes: (W,)."""
        return np.abs(self.after.level - self.before.level)

    @property
    def factor(self) -> Floats:
        """Logarithm of the factor by which size and spread both changed; 0 if only one rose: (W,)."""
        size, spread = self.after.size - self.before.size, self.after.spread - self.before.spread
        return np.where(size * spread > 0, np.sign(size) * np.minimum(np.abs(size), np.abs(spread)), 0.0)


def _jumps(figures: _Figures, around: int) -> _Jumps:
    """Compare `around` blocks on each side of every block."""
    count = len(figures.owner)
    floor = _floor(figures)
    spread, size = (np.log(np.maximum(x, floor)) for x in (figures.spread, figures.size))
    sides = [_sides(x, around) for x in (figures.level, size, spread, figures.lean)]
    before, after = (_Side(level=s[0], size=s[1], spread=s[2], lean=s[3]) for s in zip(*sides, strict=True))
    at = np.arange(count)
    low, high = np.maximum(at - around, 0), np.minimum(at + around - 1, count - 1)
    inside = (at >= around) & (at + around <= count) & (figures.owner[low] == figures.owner[high])
    # what stands still is another check's business: a shop closes for days, and has no spread then
    inside &= (before.spread > np.log(floor)) & (after.spread > np.log(floor))
    past = inside & figures.past[high]
    enough = np.bincount(figures.owner[past], minlength=figures.count) >= PRECEDENTS
    return _Jumps(
        past=past, late=inside & ~figures.past, before=before, after=after, known=enough[figures.owner]
    )


def _floor(figures: _Figures) -> Floats:
    """What is taken for nothing, in each series: (W,)."""
    usual = np.maximum(figures.most(figures.size, figures.past), np.finfo(np.float64).tiny)
    return LEAST * usual


def _sides(values: Floats, around: int) -> tuple[Floats, Floats]:
    """Medians of the `around` values before each place, and from it on; the ends are padded: each (W,)."""
    padded = np.pad(values, around, mode="edge")
    medians = np.median(np.lib.stride_tricks.sliding_window_view(padded, around), axis=1)
    return medians[: len(values)], medians[around : around + len(values)]


def _by_factor(figures: _Figures, jumps: _Jumps) -> Bools:
    """Blocks at which level and spread jump together, out of what they were: (W,)."""
    jump = np.abs(jumps.factor)
    usual = np.maximum(figures.most(jump, jumps.past), 0.0)
    away = _beyond(figures, jumps, jumps.after.size, LEAVES, room=0.0)
    away |= _beyond(figures, jumps, jumps.after.spread, LEAVES, room=0.0)
    return away & (jump >= np.maximum(np.log(FACTOR), TWICE * usual))


def _by_spread(figures: _Figures, jumps: _Jumps) -> Bools:
    """Blocks from which on the spread is far beyond all that the past had: (W,)."""
    beyond = _beyond(figures, jumps, jumps.after.spread, WIDER)
    sudden = np.abs(jumps.after.spread - jumps.before.spread) >= np.log(WIDER)
    # a burst spreads over one place, a fault stays
    return beyond & sudden & np.append(beyond[1:], False)


def _beyond(figures: _Figures, jumps: _Jumps, after: Floats, factor: float, *, room: float = ROOM) -> Bools:
    """A logarithm leaves its past, up or down, by a factor: (W,)."""
    low, high = figures.least(after, jumps.past), figures.most(after, jumps.past)
    least = np.maximum(np.log(factor), room * np.where(jumps.known, high - low, 0.0))
    return (after <= low - least) | (after >= high + least)


def _by_offset(figures: _Figures, jumps: _Jumps) -> Bools:
    """Blocks at which the level goes where it never was, at once: (W,)."""
    low, high = figures.least(figures.level, figures.past), figures.most(figures.level, figures.past)
    width = np.where(jumps.known, high, 0.0) - np.where(jumps.known, low, 0.0)
    away = np.maximum(low - jumps.after.level, jumps.after.level - high)
    clear = (away >= AWAY * width) & (jumps.level >= SPREADS * figures.most(figures.spread, figures.past))
    size, spread = jumps.after.size - jumps.before.size, jumps.after.spread - jumps.before.spread
    clear &= np.abs(size - spread) > GROWN
    return clear & (jumps.level > 0) & (jumps.level >= JUMP * figures.most(jumps.level, jumps.past))


def _turned(figures: _Figures, jumps: _Jumps) -> Bools:
    """Blocks from which on the sign is another than ever before, at a usual size: (W,)."""
    low, high = figures.least(figures.lean, figures.past), figures.most(figures.lean, figures.past)
    lean = jumps.after.lean
    turned = ((low >= ONE_SIGN) & (lean <= -ONE_SIGN)) | ((high <= -ONE_SIGN) & (lean >= ONE_SIGN))
    usual = jumps.after.size >= figures.least(
        np.log(np.maximum(figures.size, _floor(figures))), figures.past
    ) - np.log(2)
    return turned & usual & (jumps.level >= TURNED * figures.most(jumps.level, jumps.past))


def _jumped(seen: Seen, figures: _Figures, jumps: _Jumps, at: int) -> Suspicion:
    series, row = int(figures.owner[at]), int(figures.row[at])
    before, after = (seen.in_units(float(side.level[at]), series) for side in (jumps.before, jumps.after))
    most = seen.in_units(float(figures.most(jumps.level, jumps.past)[at]), series)
    spread = float(np.exp(jumps.after.spread[at] - jumps.before.spread[at]))
    return Suspicion(
        series=series,
        kind="scale",
        row=row,
        sentence=(
            f"the level goes from {before} to {after} at {seen.stamp(row, series)}, the spread to "
            f"{spread:.3g} times what it was; before, the level never went by more than {most} at once"
        ),
    )
