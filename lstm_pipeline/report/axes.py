"""Where the ticks of a picture stand and what they say."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.report.numerals import power_of_ten, signed

AT_MOST = 6
"""Ticks along time."""
UP_AT_MOST = 6
"""Ticks along the values."""
# a span of twice this, with some air, is still a float
LARGEST = 1e300
"""Values beyond this are not drawn."""
LOG_FROM = 30.0
"""Ratio of the largest to the smallest value from which a logarithmic scale shows more."""
PLAIN_BELOW = 5
"""An axis that reaches ten to this, or whose steps are as small, is written in powers of ten throughout."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LEVELS = (
    (4, 0, (1, 2, 5, 10, 20, 50, 100)),
    (7, 1, (1, 2, 3, 6)),
    (10, 1, (1, 2, 7, 14)),
    (13, 0, (1, 2, 3, 6, 12)),
    (16, 0, (1, 2, 5, 10, 15, 30)),
)
"""Year, month, day, hour, minute: where each ends in an ISO stamp, its first number, and its round steps."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One mark: where, and its text."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The values that a picture's height spans."""

    low: float
    high: float
    ticks: tuple[Tick, ...]
    log: bool = False

    def height(self, values: Floats) -> Floats:
        """Values as shares of the height, NaN where they cannot be drawn."""
        drawable = np.where(np.abs(values) <= LARGEST, values, np.nan)
        if self.log:
            return (np.log(drawable) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (drawable - self.low) / (self.high - self.low)


def value_scale(values: Floats, *, from_zero: bool = False, log_allowed: bool = False) -> Scale:
    """A scale that holds all finite values with a little air."""
    finite = values[np.abs(values) <= LARGEST]
    if not len(finite):
        return Scale(low=0.0, high=1.0, ticks=())
    low, high = float(finite.min()), float(finite.max())
    if log_allowed and low > 0 and high / low >= LOG_FROM:
        return _log_scale(low, high)
    low = min(low, 0.0) if from_zero else low
    # what moves by rounding alone is drawn as the constant that it is
    if high - low <= 1e-12 * max(abs(low), abs(high)) or high - low < 1e-300:
        room = max(abs(low), abs(high)) / 2 or 1.0
        low, high = low - room, high + room
    air = 0.06 * (high - low)
    floor = low if from_zero and low == 0 else low - air
    return Scale(low=floor, high=high + air, ticks=_round_ticks(floor, high + air))


def stamp_ticks(stamps: Sequence[str]) -> tuple[Tick, ...]:
    """Ticks on round times of ISO stamps, on round numbers of plain steps, else evenly spread."""
    if not stamps:
        return ()
    if all(re.fullmatch(r"-?\d{1,18}", stamp) for stamp in (stamps[0], stamps[-1])):
        ticks = _step_ticks(stamps)
        return ticks if len(ticks) > 1 else _even_ticks(stamps)
    if all(re.match(r"\d{4}-\d\d", stamp) for stamp in (stamps[0], stamps[-1])):
        return _calendar_ticks(np.array(stamps, dtype="U19")) or _even_ticks(stamps)
    return _even_ticks(stamps)


def _round_ticks(low: float, high: float) -> tuple[Tick, ...]:
    step = _round_step((high - low) / UP_AT_MOST)
    places = (np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step).tolist()
    order = _power(places, step)
    return tuple(Tick(at=place, label=_tick_label(place, step, order)) for place in places)


def _log_scale(low: float, high: float) -> Scale:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((last - first) / UP_AT_MOST))
    factors = (1, 2, 5) if last - first <= 2 else (1,)
    places = [factor * 10.0**order for order in range(first, last + 1, every) for factor in factors]
    low, high = low / 1.2, high * 1.2
    within = [place for place in places if low <= place <= high]
    powers = any(_power([place], place) is not None for place in within)
    ticks = [
        Tick(at=place, label=_tick_label(place, place, _order(place) if powers else None)) for place in within
    ]
    return Scale(low=low, high=high, ticks=tuple(ticks), log=True)


def _round_step(least: float) -> float:
    order = 10.0 ** math.floor(math.log10(least))
    # a hair beyond a round step must not lead to one twice as wide
    return next(order * factor for factor in (1, 2, 2.5, 5, 10) if order * factor >= least * 0.999)


def _power(places: Sequence[float], step: float) -> int | None:
    """The power of ten that all ticks of an axis are written with; None where plain digits will do."""
    order = _order(max([step, *map(abs, places)]))
    return order if order >= PLAIN_BELOW or _order(step) < -PLAIN_BELOW else None


def _order(value: float) -> int:
    return math.floor(math.log10(value) + 1e-9)


def _tick_label(value: float, step: float, order: int | None) -> str:
    """A tick in plain digits, or times ten to this order, with as many decimals as the step has."""
    fine = _order(step)
    fine -= 0 if math.isclose(step / 10.0**fine, round(step / 10.0**fine)) else 1
    if not value:
        return "0"
    if order is None:
        return signed(f"{value:,.{max(0, -fine)}f}")
    return power_of_ten(value, order, min(6, max(0, order - fine)))


def _step_ticks(stamps: Sequence[str]) -> tuple[Tick, ...]:
    steps = np.array(stamps, dtype=np.int64)
    every = max(1, round(_round_step(max(1.0, float(steps[-1] - steps[0])) / AT_MOST)))
    marked = np.arange(-(-steps[0] // every), steps[-1] // every + 1) * every
    # a round number may lie between two stamps
    places = np.interp(marked, steps, np.arange(len(steps)))
    labels = [signed(f"{mark:,}") for mark in marked.tolist()]
    return tuple(Tick(at=at, label=label) for at, label in zip(places.tolist(), labels, strict=True))


def _calendar_ticks(stamps: NDArray[np.str_]) -> tuple[Tick, ...]:
    best: list[int] = []
    best_end = 0
    for end, base, steps in (level for level in LEVELS if level[0] <= len(stamps[0])):
        begins = _begins(stamps, end)
        numbers = [int(stamps[at][0 if end == 4 else end - 2 : end]) - base for at in begins]
        for step in steps:
            # the 29th would stand too close to the 1st that follows it
            below = 28 if end == 10 and step >= 7 else math.inf
            chosen = [at for at, n in zip(begins, numbers, strict=True) if n % step == 0 and n < below]
            if len(best) < len(chosen) <= AT_MOST:
                best, best_end = chosen, end
    return tuple(Tick(at=at, label=_stamp_label(str(stamps[at]), best_end)) for at in best)


def _begins(stamps: NDArray[np.str_], end: int) -> list[int]:
    heads = stamps.astype(f"U{end}")
    begins = np.flatnonzero(heads[1:] != heads[:-1]) + 1
    # a first stamp at the very start of its year, month or day begins it as well
    opens = stamps[0][end:].replace(" ", "T") == "0000-01-01T00:00:00"[end : len(stamps[0])]
    return ([0] if opens else []) + begins.tolist()


def _stamp_label(stamp: str, end: int) -> str:
    if end == 4:
        return stamp[:4]
    month = MONTHS[int(stamp[5:7]) - 1]
    if end == 7:
        return f"{month} {stamp[:4]}"
    if end == 10 or stamp[11:16] == "00:00":
        return f"{int(stamp[8:10])} {month}"
    return f"{stamp[11:13]}:{stamp[14:16] or '00'}"


def _even_ticks(stamps: Sequence[str]) -> tuple[Tick, ...]:
    last = len(stamps) - 1
    places = sorted({round(last * share / 4) for share in range(5)})
    return tuple(Tick(at=at, label=stamps[at].replace("T", " ")[:16]) for at in places)
