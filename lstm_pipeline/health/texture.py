"""How a series moves from one step to the next: as noise, with spikes, or in coarse steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.blocks import block_steps, blocks_of, seasons_together
from lstm_pipeline.health.feed import Kind, Seen, Suspicion, first_of_series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOISE = 0.75
"""Squared change from step to step by twice the variance: 1 for noise, near 0 for what moves slowly."""
ROUGHER = 2.0
"""How many times as rough as the roughest of the past."""
SPIKE = 3.0
"""How many times the highest spike of the past."""
SPIKES = 5
"""Such spikes at least."""
SPIKY = 0.005
"""The same, as a share of the test part."""
TIED = 0.3
"""Share of values that equal the one before, where the resolution is lost."""
COARSER = 3.0
"""How many times the greatest such share of the past."""
GROUPS = 4
"""Stretches that the past must have."""


def texture(seen: Seen) -> list[Suspicion]:
    """Series that move as noise does, are full of spikes, or stand on coarse steps, and did not before."""
    moves = _moves(seen)
    found: dict[int, Suspicion] = {}
    for suspicion in (*_rough(seen, moves), *_spiky(seen), *_coarse(seen, moves)):
        found.setdefault(suspicion.series, suspicion)
    return list(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moves:
    """Figures of the G groups of steps that were observed for the most part: (G,)."""

    series: Ints
    past: Bools
    row: Ints
    """Of the table, the first of the group."""
    rough: Floats
    """Mean squared change by twice the variance; 0 where nothing moves."""
    ties: Floats
    """Share of steps without a change."""


def _moves(seen: Seen) -> _Moves:
    steps = block_steps(seen.feed.season) * seasons_together(seen, 7)
    groups = blocks_of(seen, steps)
    follows = np.zeros(len(seen.row), dtype=bool)
    follows[1:] = (seen.row[1:] == seen.row[:-1] + 1) & seen.joined[1:]
    follows[groups.head] = False
    change = np.where(follows, np.diff(seen.value, prepend=seen.value[:1]), 0.0)
    pairs = np.maximum(groups.sum(follows), 1)
    away = seen.value - groups.spread_out(groups.mean(seen.value))
    variance = groups.mean(away**2)
    keep = groups.whole & (2 * pairs >= groups.count)
    rough = groups.sum(change**2) / pairs / np.where(variance > 0, 2 * variance, 1.0)
    ties = groups.sum(follows & (change == 0)) / pairs
    # what rests for the most part jumps when it moves: that is no noise
    rough = np.where(ties < TIED, rough, 0.0)
    return _Moves(
        series=groups.series[keep],
        past=groups.past[keep],
        row=seen.row[groups.head[keep]],
        rough=rough[keep],
        ties=ties[keep],
    )


def _most(seen: Seen, moves: _Moves, figure: Floats) -> Floats:
    """The greatest of the past; beyond all where the past is too short: (N,)."""
    most = np.zeros(seen.size)
    np.maximum.at(most, moves.series[moves.past], figure[moves.past])
    return np.where(np.bincount(moves.series[moves.past], minlength=seen.size) >= GROUPS, most, np.inf)


def _rough(seen: Seen, moves: _Moves) -> list[Suspicion]:
    """Series that move from step to step as far as if their values were in no order."""
    most = _most(seen, moves, moves.rough)[moves.series]
    found = (moves.rough >= np.maximum(NOISE, ROUGHER * most)) & ~moves.past
    return [
        _told(
            seen,
            moves,
            at,
            ("noise", f"it moves as noise does (roughness {moves.rough[at]:.2f})", f"{most[at]:.2f}"),
        )
        for at in first_of_series(moves.series, found)
    ]


def _coarse(seen: Seen, moves: _Moves) -> list[Suspicion]:
    """Series whose values stay the same from step to step far more often than before."""
    most = _most(seen, moves, moves.ties)[moves.series]
    found = (moves.ties >= np.maximum(TIED, COARSER * most)) & ~moves.past
    return [
        _told(
            seen,
            moves,
            at,
            ("rounded", f"{moves.ties[at]:.0%} of the values equal the one before", f"{most[at]:.0%} did"),
        )
        for at in first_of_series(moves.series, found)
    ]


def _told(seen: Seen, moves: _Moves, at: int, said: tuple[Kind, str, str]) -> Suspicion:
    """What a group is like, and what was the most before."""
    series, row = int(moves.series[at]), int(moves.row[at])
    kind, now, before = said
    sentence = f"{now} from {seen.stamp(row, series)} on; before, at most {before}"
    return Suspicion(series=series, kind=kind, row=row, sentence=sentence)


def _spiky(seen: Seen) -> list[Suspicion]:
    """Series with many single values that stand out from both neighbours more than any before."""
    height = _spikes(seen)
    most = seen.past(np.maximum, height, 0.0)
    high = seen.held & (height > np.where(most > 0, SPIKE * most, np.inf)[seen.series])
    times = np.bincount(seen.series[high], minlength=seen.size)
    test = seen.feed.table.offsets[1:] - seen.feed.test
    enough = times >= np.maximum(SPIKES, SPIKY * test)
    found = high & enough[seen.series]
    return [_stands_out(seen, at, int(times[seen.series[at]])) for at in first_of_series(seen.series, found)]


def _spikes(seen: Seen) -> Floats:
    """How far each value stands out from both neighbours on the same side: (K,); 0 where it does not."""
    height = np.zeros(len(seen.value))
    follows = (seen.row[1:] == seen.row[:-1] + 1) & (seen.series[1:] == seen.series[:-1])
    rise = np.where(follows, np.diff(seen.value), 0.0)
    alike = rise[:-1] * rise[1:] < 0
    height[1:-1] = np.where(alike, np.minimum(np.abs(rise[:-1]), np.abs(rise[1:])), 0.0)
    return height


def _stands_out(seen: Seen, at: int, times: int) -> Suspicion:
    series, row = int(seen.series[at]), int(seen.row[at])
    return Suspicion(
        series=series,
        kind="noise",
        row=row,
        sentence=(
            f"{times} single values from {seen.stamp(row, series)} on stand out from both neighbours more "
            f"than {SPIKE:g} times as far as any before"
        ),
    )
