"""Times of rows: a column of text becomes stamps on one clock, and what cannot be read is marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.timetext import UNREAD, Moments, days_on_their_own_clock, read_epochs, read_moments

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeColumn:
    """R rows of a column of times, each of its U different texts once."""

    texts: pd.Series
    """The different texts, without blanks around them: (U,)."""
    codes: Ints
    """Which text each row has, in the order of the file: (R,)."""
    series: Ints
    """Which series each row belongs to, for telling the two hours of an autumn night apart: (R,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How a column of times is to be read."""

    timezone: str | None = None
    """The zone of times without an offset; stamps are UTC then, and where times carry an offset."""
    time_format: str | None = None
    """strptime format; None: found out."""
    timed: bool = False
    """Whole numbers are times too (a frequency in time was asked for), not steps."""
    in_order: bool = True
    """A repeated hour is told apart by its order in the file. If not, it is taken as the later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """R rows' times."""

    stamps: Ints
    """Microseconds since the epoch, or plain integers where the column counts steps: (R,)."""
    bad: Bools
    """True where there is no time that can be read: (R,)."""
    timed: bool
    """False where the column counts steps."""
    utc: bool
    """True where the stamps are UTC, False where they are as the file's own clock showed them."""
    notes: tuple[str, ...] = ()
    """What was decided, in sentences."""


def read_times(column: TimeColumn, clock: Clock) -> Times:
    """Read a column of times.

    Raises:
        BadConfig: unknown zone or format.
        BadInput: day and month cannot be told apart, or no text is a time.
    """
    if clock.time_format is None and len(column.texts):
        whole = column.texts.str.fullmatch(r"[+-]?\d{1,18}").to_numpy(bool)
        if whole.mean() > 0.5:
            return _whole_numbers(column, whole, clock)
    return _on_one_clock(column, read_moments(column.texts, clock.time_format), clock)


def _whole_numbers(column: TimeColumn, whole: Bools, clock: Clock) -> Times:
    """Steps, or Unix times, or dates such as 20240131, or years where times are asked for."""
    # a whole number stands in for what is none, so that all convert; such rows are marked bad below
    numbers = column.texts.where(whole, column.texts.loc[whole].iloc[0]).astype(np.int64).to_numpy()
    epochs = read_epochs(numbers)
    dates = column.texts.loc[whole].str.fullmatch(r"(?:1[789]|20|21)\d\d(?:0[1-9]|1[0-2])[0-3]\d").all()
    if epochs is None and (dates or clock.timed):
        return _on_one_clock(column, read_moments(column.texts, None), clock)
    notes: tuple[str, ...] = ()
    if epochs is not None:
        numbers = epochs
        notes = ("whole numbers in the time column are read as Unix times, in UTC",)
    rows = whole[column.codes]
    timed = epochs is not None
    return Times(stamps=numbers[column.codes], bad=~rows, timed=timed, utc=timed, notes=notes)


def _on_one_clock(column: TimeColumn, moments: Moments, clock: Clock) -> Times:
    """Bring moments with and without offset onto one clock: UTC, or the file's own."""
    if clock.timezone is None:
        moments = days_on_their_own_clock(column.texts, moments)
    stamps, bad = moments.stamps[column.codes], moments.bad[column.codes]
    offset = moments.offset[column.codes] & ~bad
    plain = ~offset & ~bad
    notes = moments.notes
    if clock.timezone is not None:
        local, gone = _localise(column, moments, clock)
        stamps, bad = np.where(plain, local, stamps), bad | (plain & gone)
        notes += (f"ds is UTC, times are {clock.timezone}'s",)
        return Times(stamps=stamps, bad=bad, timed=True, utc=True, notes=notes)
    if offset.any() and plain.any():
        minority = offset if offset.sum() < plain.sum() else plain
        kind = "with" if minority is offset else "without"
        bad = bad | minority
        notes += (f"times {kind} an offset from UTC are the fewer and cannot be placed: set timezone",)
    utc = bool((offset & ~bad).any())
    if utc:
        notes += ("times carry their offset from UTC: ds is UTC",)
    return Times(stamps=stamps, bad=bad, timed=True, utc=utc, notes=notes)


def _localise(column: TimeColumn, moments: Moments, clock: Clock) -> tuple[Ints, Bools]:
    """Stamps in UTC of times on a zone's clock; true where that clock never showed them, or not for sure.

    Shapes: (R,), (R,).
    """
    summer, winter = (_in_zone(moments, str(clock.timezone), summer=flag) for flag in (True, False))
    gone = (summer == UNREAD)[column.codes]
    twice = (summer != winter)[column.codes]
    # the later one, so that nothing is taken to be known too early
    if not clock.in_order:
        return winter[column.codes], gone
    rows = np.flatnonzero(twice)
    place, size = _place_in_group(column.series[rows], moments.stamps[column.codes[rows]])
    stamps = summer[column.codes]
    # the clock shows the hour in summer time first
    stamps[rows] = np.where(place == 0, summer[column.codes[rows]], winter[column.codes[rows]])
    # alone it does not say which of the two hours it was
    gone[rows] |= size != 2
    return stamps, gone


def _in_zone(moments: Moments, zone: str, *, summer: bool) -> Ints:
    """UTC stamps of moments on a zone's clock, a repeated hour in summer or winter time; else UNREAD."""
    clock = pd.DatetimeIndex(np.where(moments.bad | moments.offset, UNREAD, moments.stamps).astype("M8[us]"))
    try:
        placed = clock.tz_localize(zone, ambiguous=np.full(len(clock), summer), nonexistent="NaT")
    except (KeyError, ValueError) as error:
        raise BadConfig(f'timezone = "{zone}" is unknown; write e.g. "UTC" or "Europe/Berlin"') from error
    # NaT is the same number as UNREAD
    return placed.tz_convert("UTC").as_unit("us").asi8


def _place_in_group(series: Ints, stamps: Ints) -> tuple[Ints, Ints]:
    """Place of each row among those of equal series and stamp, in order, and how many these are."""
    order = np.lexsort((stamps, series))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(series[order]) != 0) | (np.diff(stamps[order]) != 0)
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(order)))
    place, size = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - np.repeat(starts, sizes)
    size[order] = np.repeat(sizes, sizes)
    return place, size
