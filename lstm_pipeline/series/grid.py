"""The grid: which timestamp each step has, for fixed steps, calendar steps and plain counting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.freq import (
    DAY,
    EPOCH_WEEKDAY,
    Freq,
    infer_freq,
    month_start,
    months_of,
    most_frequent,
    most_frequent_gap,
    parse_freq,
)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Steps and their stamps; a stamp is microseconds since the epoch, or a plain integer without times."""

    freq: str | int
    """Pandas offset alias, or the integer step of series without timestamps."""
    phase: int = 0
    """How far step 0 lies after the first natural stamp from 1970 on (or 0): microseconds, or integers."""

    def __post_init__(self) -> None:
        """Refuse a frequency that does not exist.

        Raises:
            BadConfig: freq is no known alias, or not a positive integer.
        """
        if isinstance(self.freq, str):
            parse_freq(self.freq)
        elif self.freq < 1:
            raise BadConfig(f'freq = {self.freq} must be at least 1, or an alias such as "h", "D" or "MS"')

    @classmethod
    def of(cls, stamps: Ints, freq: str | int | None = None, *, timed: bool = True) -> Grid:
        """The grid that most stamps lie on; without `freq` its step is the most frequent difference.

        Shapes: stamps (R,), rising within each series, series end to end.

        Raises:
            BadConfig: freq does not fit stamps that are (or are not) times.
            BadInput: freq is None and no stamp differs from the one before it.
        """
        if freq is None:
            freq = infer_freq(stamps) if timed else most_frequent_gap(stamps) or 1
        if isinstance(freq, int):
            if timed:
                raise BadConfig(f'freq = {freq} counts steps, but the data have times; write e.g. freq = "h"')
            return cls(freq=freq, phase=most_frequent(stamps % freq))
        if not timed:
            raise BadConfig(
                f'freq = "{freq}" needs times, but the series only count steps; '
                "name the column of times, or write freq = 1"
            )
        return cls(freq=freq, phase=_phase(stamps, parse_freq(freq)))

    @property
    def timed(self) -> bool:
        """True where stamps are times."""
        return isinstance(self.freq, str)

    def step(self, stamps: Ints) -> tuple[Ints, Bools]:
        """The step whose period holds each stamp; true where the stamp is exactly that step's.

        Shapes: stamps (R,) -> steps (R,), on_grid (R,).
        """
        steps = self._steps(stamps)
        return steps, self.stamp(steps) == stamps

    def stamp(self, steps: Ints) -> Ints:
        """The stamp of each step. Shapes: steps (R,) -> (R,)."""
        if isinstance(self.freq, int):
            return self.phase + steps * self.freq
        freq = parse_freq(self.freq)
        zero = freq.begin + self.phase
        if freq.kind == "fixed":
            return zero + steps * freq.count
        anchor = _anchors(np.array([zero]), freq)[0]
        periods = _periods(np.array([zero]), freq)[0] + steps * freq.count
        return _stamp_of_period(periods, freq) + (zero - anchor)

    def label(self, stamp: int) -> str:
        """A stamp as text: ISO 8601, or the integer."""
        return stamp_text(stamp, timed=self.timed)

    def _steps(self, stamps: Ints) -> Ints:
        """The step whose period holds each stamp."""
        if isinstance(self.freq, int):
            return (stamps - self.phase) // self.freq
        freq = parse_freq(self.freq)
        zero = freq.begin + self.phase
        if freq.kind == "fixed":
            return (stamps - zero) // freq.count
        passed = _periods(stamps, freq) - _periods(np.array([zero]), freq)[0]
        if freq.kind == "month_end":
            # a period is named by its end: what lies within it belongs to the end that follows
            return -(-passed // freq.count)
        steps = passed // freq.count
        # with a phase the stamp of a period may lie after the one that was asked for
        return steps - (self.stamp(steps) > stamps)


def _phase(stamps: Ints, freq: Freq) -> int:
    """How far the step 0 that suits most stamps lies after the natural one, in microseconds."""
    if freq.kind == "fixed":
        return most_frequent((stamps - freq.begin) % freq.count)
    natural = _periods(np.array([freq.begin]), freq)[0]
    residue = (_periods(stamps, freq) - natural) % freq.count
    within = stamps - _anchors(stamps, freq)
    # 64 days hold every difference within a month, before or after: one number stands for the pair
    pair = most_frequent(residue * 64 * DAY + within + 32 * DAY)
    zero = _stamp_of_period(np.array([natural + pair // (64 * DAY)]), freq)[0]
    return int(zero + pair % (64 * DAY) - 32 * DAY - freq.begin)


def _periods(stamps: Ints, freq: Freq) -> Ints:
    """Months, or business days, since the epoch; a weekend belongs to its Friday."""
    if freq.kind != "business":
        return months_of(stamps)
    days = stamps // DAY + EPOCH_WEEKDAY
    return days // 7 * 5 + np.minimum(days % 7, 4)


def _anchors(stamps: Ints, freq: Freq) -> Ints:
    """Midnight of the day that the period of each stamp is named by."""
    return _stamp_of_period(_periods(stamps, freq), freq)


def _stamp_of_period(periods: Ints, freq: Freq) -> Ints:
    """Midnight of a business day, or of a month's first or last day."""
    if freq.kind == "business":
        return (periods // 5 * 7 + periods % 5 - EPOCH_WEEKDAY) * DAY
    if freq.kind == "month_start":
        return month_start(periods)
    return month_start(periods + 1) - DAY


def stamp_text(stamp: int, *, timed: bool) -> str:
    """A stamp as text: ISO 8601 where it is a time, else the integer."""
    if not timed:
        return str(stamp)
    unit = "s" if stamp % 1_000_000 == 0 else "us"
    return str(np.datetime_as_string(np.datetime64(int(stamp), "us"), unit=unit))
