"""The length of a season: by frequency, or read from the oldest part of the series."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.freq import DAY, SECOND, Freq, parse_freq
from lstm_pipeline.series.table import SeriesTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# validation and test hold a fifth each at most, unless somebody says otherwise
OLDEST = 0.6
"""Share of each series that a season is read from, where nobody says what may be known."""
SERIES_READ = 100
"""How many series, evenly spread, a season is read from."""
LONGEST = 1000
"""Lags looked at."""
CLEAR = 0.3
"""Autocorrelation that a peak needs."""
RISE = 0.1
"""How far a peak stands above the valley before it."""
NEAR_HIGHEST = 0.8
"""Share of the highest peak that the first one needs, so that a harmonic does not pass for the season."""


def season_of(freq: str | int) -> int | None:
    """Steps of one season by table; None for integer steps, whose season only the data can tell."""
    if isinstance(freq, int):
        return None
    parsed = parse_freq(freq)
    if parsed.kind == "business":
        return math.lcm(5, parsed.count) // parsed.count
    if parsed.kind in ("month_start", "month_end"):
        return math.lcm(12, parsed.count) // parsed.count
    cycle = _cycle(parsed)
    return math.lcm(cycle, parsed.count) // parsed.count


def oldest_rows(table: SeriesTable) -> Ints:
    """The row of each series at which its oldest 60 % end: (N,)."""
    return table.offsets[:-1] + np.floor(OLDEST * table.lengths).astype(np.int64)


def season_by_autocorrelation(table: SeriesTable, ends: Ints | None = None) -> int:
    """Lag of the first clear peak of the mean autocorrelation of the series, else 1.

    Each is read up to its row in `ends`: (N,). None: its oldest 60 %.
    """
    ends = oldest_rows(table) if ends is None else ends
    chosen = np.unique(np.linspace(0, len(table.ids) - 1, SERIES_READ).astype(np.int64))
    known = [_near_one(table.y[table.offsets[i] : ends[i]]) for i in chosen]
    lags = min(LONGEST, int(np.median([len(values) for values in known])) // 3)
    total, count = np.zeros(lags + 1), 0
    for values in known:
        if len(values) >= 3 * max(lags, 1) and np.ptp(values) > 0:
            # a trend is alike at every lag, and hides the season
            total += _autocorrelation(_detrended(values), lags)
            count += 1
    return _first_clear_peak(total / count) if count else 1


def _cycle(freq: Freq) -> int:
    """Microseconds of the cycle that steps of a fixed width usually follow."""
    if freq.count % (7 * DAY) == 0:
        return 52 * 7 * DAY
    if freq.count % DAY == 0:
        return 7 * DAY
    if freq.count % (60 * SECOND) == 0:
        return DAY
    return 3600 * SECOND if freq.count % SECOND == 0 else SECOND


def _near_one(values: Floats) -> Floats:
    """The values by a power of two that brings the largest near one, so that no square is beyond numbers.

    Correlation knows no unit, and halving is exact: no digit of it changes.
    """
    _, exponent = np.frexp(np.abs(values).max(initial=0.0))
    return np.ldexp(values, -exponent)


def _detrended(values: Floats) -> Floats:
    """What a straight line leaves over."""
    time = np.linspace(-1, 1, len(values))
    centred = values - values.mean()
    return centred - time * (time @ centred) / (time @ time)


def _autocorrelation(values: Floats, lags: int) -> Floats:
    """Correlation with itself at lags 0 to `lags`, each over the pairs it has: (T,) -> (lags + 1,)."""
    size = len(values)
    # padded to twice its length: otherwise the end would be correlated with the beginning
    spectrum = np.fft.rfft(values, 2 * size)
    products = np.fft.irfft(np.abs(spectrum) ** 2)[: lags + 1] / (size - np.arange(lags + 1))
    return products / products[0] if products[0] > 0 else np.zeros(lags + 1)


def _first_clear_peak(correlation: Floats) -> int:
    """The first local maximum that is high, stands above its valley, and is near the highest; else 1."""
    inner = correlation[1:-1]
    peaks = np.flatnonzero((inner > correlation[:-2]) & (inner >= correlation[2:])) + 1
    valleys = np.minimum.accumulate(correlation)
    clear = [p for p in peaks if correlation[p] >= CLEAR and correlation[p] - valleys[p] >= RISE]
    highest = max((correlation[p] for p in clear), default=0.0)
    return int(next((p for p in clear if correlation[p] >= NEAR_HIGHEST * highest), 1))
