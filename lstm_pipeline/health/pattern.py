"""Seasonal patterns that arrive displaced, upside down, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.health.blocks import Blocks, blocks_of, seasons_together
from lstm_pipeline.health.feed import Seen, Suspicion, first_of_series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHORTEST = 4
"""Steps of a season that can be displaced."""
SEASONS = 7
"""Seasons whose mean is a profile: with days as seasons a week, so that weekends do not show."""
GROUPS = 4
"""Profiles that the past must have."""
SPARED = 0.05
"""Share of the past's profiles, the worst, that are not counted."""
STEADY = 0.4
"""Least correlation of the others with their mean: below, the season is not firm enough."""
FITS = 0.7
"""Correlation that a displaced profile has at its new place."""
MARGIN = 2.0
"""How many times better another place fits than any place ever fitted better in the past."""
NEAR = 24
"""Part of a season within which two places are the same."""
CLEAR = 0.3
"""The same, as a difference of correlations at least."""


def shifted(seen: Seen) -> list[Suspicion]:
    """Series with a firm season whose profile lies some steps from where it always lay, or upside down."""
    season = seen.feed.season
    if season < SHORTEST:
        return []
    fits = _fits(seen, blocks_of(seen, season * seasons_together(seen, SEASONS, 4)))
    least, firm = _firmness(seen, fits)
    after, turned = _next(fits), fits.here <= -FITS
    found = _moved(seen, fits, least, after) | (turned & turned[after])
    late = ~fits.past & firm[fits.series] & _sudden(seen, fits) & found
    return [
        _displaced(seen, fits, at, float(least[fits.series[at]])) for at in first_of_series(fits.series, late)
    ]


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
    recent: Floats
    """Correlation with the profile of two groups before, or of one where there are not two."""


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
        recent=(profile * profile[_two_before(owner)]).sum(axis=1),
    )


def _profiles(seen: Seen, groups: Blocks) -> tuple[Floats, Bools]:
    """Mean of each step of the season, around zero and of length one; was each seen?: (G, S), (G,)."""
    season, count = seen.feed.season, len(groups.head)
    phase = (seen.row - seen.feed.validation[seen.series]) % season
    cell = np.repeat(np.arange(count), groups.count) * season + phase
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
    least = _low(seen, fits, fits.here)
    groups = np.bincount(fits.series[fits.past], minlength=seen.size)
    return least, (groups >= GROUPS) & (least >= STEADY)


def _low(seen: Seen, fits: _Fits, figure: Floats) -> Floats:
    """The least of the past, holidays and the like spared: (N,)."""
    chosen = np.flatnonzero(fits.past)
    chosen = chosen[np.lexsort((figure[chosen], fits.series[chosen]))]
    owner = fits.series[chosen]
    count = np.bincount(owner, minlength=seen.size)
    place = np.cumsum(count) - count + (SPARED * count).astype(np.int64)
    result = np.zeros(seen.size)
    result[count > 0] = figure[chosen][place[count > 0]]
    return result


def _moved(seen: Seen, fits: _Fits, least: Floats, after: Ints) -> Bools:
    """Groups that fit far better elsewhere, as far off as the next one: one alone may be a holiday: (G,)."""
    season, owner = seen.feed.season, fits.series
    gain = fits.best - fits.here
    usual = -_low(seen, fits, -gain)[owner]
    moved = (gain >= np.maximum(CLEAR, MARGIN * usual)) & (fits.best >= FITS) & (fits.here < least[owner])
    alike = _apart(fits.lag, fits.lag[after], season) <= max(1, season // NEAR)
    return moved & moved[after] & alike


def _sudden(seen: Seen, fits: _Fits) -> Bools:
    """Groups unlike those shortly before: what drifts, as tides do, is no fault of the feed: (G,)."""
    usual = _low(seen, fits, fits.recent)[fits.series]
    return (fits.recent < usual) & (fits.recent <= fits.best - CLEAR)


def _two_before(owner: Ints) -> Ints:
    """The group two before each, of its series; the one before, or itself, where there is none: (G,)."""
    at = np.arange(len(owner))
    before, two = np.maximum(at - 1, 0), np.maximum(at - 2, 0)
    return np.where(owner[two] == owner, two, np.where(owner[before] == owner, before, at))


def _next(fits: _Fits) -> Ints:
    """The group after each, of its series; for the last the one before: (G,)."""
    at = np.arange(len(fits.series))
    after = np.minimum(at + 1, len(at) - 1)
    return np.where(
        fits.series[after] == fits.series,
        np.where(after > at, after, np.maximum(at - 1, 0)),
        np.maximum(at - 1, 0),
    )


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
            f"the season of {season} steps comes {seen_now} from {seen.stamp(row, series)} on (correlation "
            f"with its past {fits.here[at]:.2f} in place, {fits.best[at]:.2f} displaced); before, "
            f"{least:.2f} or more in place, but for one in twenty"
        ),
    )
