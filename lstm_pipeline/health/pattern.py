"""Seasonal patterns that arrive displaced, upside down, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.blocks import Blocks, blocks_of, seasons_together
from lstm_pipeline.health.feed import Seen, Suspicion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHORTEST = 4
"""Steps of a season that can be displaced."""
SEASONS = 7
"""Seasons whose mean is a profile: with days as seasons a week, so that weekends do not show."""
GROUPS = 4
"""Profiles that the past must have."""
STEADY = 0.5
"""Least correlation of any profile of the past with their mean: below, the season is not firm enough."""
FITS = 0.7
"""Correlation that a displaced profile has at its new place."""
MARGIN = 2.0
"""How many times better another place fits than any place ever fitted better in the past."""
NEAR = 24
"""Part of a season within which two places are the same."""
CLEAR = 0.1
"""The same, as a difference of correlations at least."""


def shifted(seen: Seen) -> list[Suspicion]:
    """Series with a firm season whose profile lies some steps from where it always lay, or upside down."""
    season = seen.feed.season
    if season < SHORTEST:
        return []
    fits = _fits(seen, blocks_of(seen, season * seasons_together(seen, SEASONS, 4)))
    gain = fits.best - fits.here
    usual = np.zeros(seen.size)
    np.maximum.at(usual, fits.series[fits.past], gain[fits.past])
    least, firm = _firmness(seen, fits)
    owner = fits.series
    moved = (gain >= np.maximum(CLEAR, MARGIN * usual[owner])) & (fits.best >= FITS) & (fits.here < least[owner])
    late = ~fits.past & firm[owner] & (_stays(fits, moved, season) | (fits.here <= -FITS))
    places = np.flatnonzero(late)
    _, first = np.unique(owner[places], return_index=True)
    return [_displaced(seen, fits, int(at), float(least[owner[at]])) for at in places[first]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fits:
    """How the profile of each group of seasons fits the mean profile of the past: (G,)."""

    series: Ints
    past: Bools
    row: Ints
    """Of the table, the first of the group."""
    here: Floats
    """Correlation where it lies."""
    best: Floats
    """The greatest after any displacement."""
    lag: Ints
    """Steps later at which that is."""


def _fits(seen: Seen, groups: Blocks) -> _Fits:
    profile, complete = _profiles(seen, groups)
    keep = np.flatnonzero(complete & groups.whole)
    profile, owner, past = profile[keep], groups.series[keep], groups.past[keep]
    mean = np.zeros((seen.size, profile.shape[1]))
    np.add.at(mean, owner[past], profile[past])
    spectrum = np.conj(np.fft.rfft(_unit(mean), axis=1))
    correlation = np.fft.irfft(np.fft.rfft(profile, axis=1) * spectrum[owner], profile.shape[1], axis=1)
    return _Fits(
        series=owner,
        past=past,
        row=seen.row[groups.head[keep]],
        here=correlation[:, 0],
        best=correlation.max(axis=1, initial=-1.0),
        lag=correlation.argmax(axis=1) if len(keep) else np.zeros(0, np.int64),
    )


def _profiles(seen: Seen, groups: Blocks) -> tuple[Floats, Bools]:
    """The mean value of each step of the season, at length one around zero; whether each was seen: (G, S), (G,)."""
    season, count = seen.feed.season, len(groups.head)
    phase = (seen.row - seen.feed.validation[seen.series]) % season
    cell = groups.spread_out(np.arange(count)) * season + phase
    away = seen.value - groups.spread_out(groups.mean(seen.value))
    times = np.bincount(cell, minlength=count * season).reshape(count, season)
    total = np.bincount(cell, weights=away, minlength=count * season).reshape(count, season)
    return _unit(total / np.maximum(times, 1)), np.all(times > 0, axis=1)


def _unit(profiles: Floats) -> Floats:
    """Rows around zero and of length one; one without any movement stays zero."""
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    return centred / np.where(length > 0, length, 1.0)


def _firmness(seen: Seen, fits: _Fits) -> tuple[Floats, Bools]:
    """The worst fit of the past, and whether it tells of a firm season: each (N,)."""
    least = np.full(seen.size, np.inf)
    np.minimum.at(least, fits.series[fits.past], fits.here[fits.past])
    groups = np.bincount(fits.series[fits.past], minlength=seen.size)
    return least, (groups >= GROUPS) & (least >= STEADY)


def _stays(fits: _Fits, moved: Bools, season: int) -> Bools:
    """Groups that moved as far as the next one of their series, from one that lay in place: (G,).

    What drifts, as tides do by the hour, is no fault of the feed.
    """
    near = max(1, season // NEAR)
    after, before = np.roll(np.arange(len(moved)), -1), np.roll(np.arange(len(moved)), 1)
    alike = (fits.series[after] == fits.series) & moved[after] & (_apart(fits.lag, fits.lag[after], season) <= near)
    steady = (fits.series[before] != fits.series) | (_apart(fits.lag[before], 0, season) <= near) | moved[before]
    return moved & alike & steady


def _apart(lag: Ints, other: Ints | int, season: int) -> Ints:
    """How many steps two places lie apart around a season."""
    gap = np.abs(lag - other) % season
    return np.minimum(gap, season - gap)


def _displaced(seen: Seen, fits: _Fits, at: int, least: float) -> Suspicion:
    series, row, season = int(fits.series[at]), int(fits.row[at]), seen.feed.season
    lag = int(fits.lag[at])
    way = f"{lag} steps late" if 2 * lag <= season else f"{season - lag} steps early"
    seen_now = "upside down" if fits.here[at] <= -FITS else way
    return Suspicion(
        series=series,
        kind="shifted",
        row=row,
        sentence=(
            f"the season of {season} steps comes {seen_now} from {seen.stamp(row, series)} on (correlation with its past "
            f"{fits.here[at]:.2f} in place, {fits.best[at]:.2f} displaced); before, never under {least:.2f} in place"
        ),
    )
