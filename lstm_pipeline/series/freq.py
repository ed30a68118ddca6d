"""Frequencies: what an alias such as "h" or "3MS" means, and which alias a set of stamps follows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.errors import BadConfig, BadInput

Ints = NDArray[np.int64]

SECOND = 1_000_000
"""Microseconds."""
DAY = 86_400 * SECOND
"""Microseconds."""
WIDTHS = {
    "us": 1,
    "ms": 1000,
    "s": SECOND,
    "min": 60 * SECOND,
    "h": 3600 * SECOND,
    "D": DAY,
    "W": 7 * DAY,
}
"""Microseconds of one unit, narrowest first."""
MONTHS = {"MS": 1, "ME": 1, "QS": 3, "QE": 3, "YS": 12, "YE": 12}
"""Months of one unit; the second letter says whether a stamp is the period's first or last day."""
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""
MEAN_MONTH = 30.436875
"""Days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freq:
    """An alias taken apart."""

    kind: Literal["fixed", "business", "month_start", "month_end"]
    count: int
    """Between two steps: microseconds, business days or months, by kind."""
    begin: int
    """The first natural stamp from 1970 on: microseconds since the epoch."""
    unit: str
    """The alias without its count and anchor."""


def parse_freq(alias: str) -> Freq:
    """Take an alias such as "30min", "W-MON", "B" or "QS" apart.

    Raises:
        BadConfig: no such frequency.
    """
    match = re.fullmatch(r"(\d*)([A-Za-z]+)(?:-([A-Z]{3}))?", alias)
    times, unit, anchor = match.groups() if match else ("", "", None)
    count = int(times or 1)
    if unit == "W" and count and (anchor or "SUN") in WEEKDAYS:
        day = (WEEKDAYS.index(anchor or "SUN") - EPOCH_WEEKDAY) % 7
        return Freq(kind="fixed", count=count * WIDTHS["W"], begin=day * DAY, unit=unit)
    if unit in WIDTHS and count and not anchor:
        return Freq(kind="fixed", count=count * WIDTHS[unit], begin=0, unit=unit)
    if unit == "B" and count and not anchor:
        return Freq(kind="business", count=count, begin=0, unit=unit)
    if unit in MONTHS and count and (anchor is None or (anchor in MONTH_NAMES and MONTHS[unit] > 1)):
        return _monthly(unit, count, anchor)
    raise BadConfig(
        f'freq = "{alias}" is no frequency this pipeline knows; write a pandas offset alias, '
        'for example "h", "30min" or "MS" (units: us ms s min h D W B MS ME QS QE YS YE)'
    )


def infer_freq(stamps: Ints) -> str:
    """The alias of the most frequent difference between neighbouring stamps.

    Shapes: stamps (R,) microseconds since the epoch, rising within each series, series end to end.

    Raises:
        BadInput: no stamp differs from the one before it.
    """
    gap = most_frequent_gap(stamps)
    if not gap:
        raise BadInput(
            "the frequency cannot be read from the data: no series has two different times; "
            'set it, for example [series] freq = "h"'
        )
    months = round(gap / DAY / MEAN_MONTH)
    # february falls two and a half days short of the mean month
    if months and abs(gap / DAY - months * MEAN_MONTH) <= 3:
        alias = _monthly_alias(stamps, months)
        if alias:
            return alias
    if gap == DAY and _only_weekdays(stamps):
        return "B"
    return _fixed_alias(gap, stamps)


def most_frequent_gap(stamps: Ints) -> int:
    """The most frequent rise from one stamp to the next, the smallest of equally frequent ones; 0 if none."""
    gaps = np.diff(stamps)
    # where one series ends and the next begins, time mostly falls back
    gaps = gaps[gaps > 0]
    return most_frequent(gaps) if len(gaps) else 0


def most_frequent(values: Ints) -> int:
    """The value that occurs most often; of equally frequent ones the smallest."""
    distinct, counts = np.unique(values, return_counts=True)
    return int(distinct[np.argmax(counts)])


def months_of(stamps: Ints) -> Ints:
    """Calendar months since January 1970."""
    return stamps.astype("M8[us]").astype("M8[M]").astype(np.int64)


def month_start(months: Ints) -> Ints:
    """Stamp of midnight on the first day of a month counted from January 1970."""
    return months.astype("M8[M]").astype("M8[us]").astype(np.int64)


def _monthly(unit: str, count: int, anchor: str | None) -> Freq:
    """A frequency of whole months, anchored as pandas does."""
    width = MONTHS[unit]
    starts = unit.endswith("S")
    natural = "JAN" if starts else ("JAN" if width == 1 else "DEC")
    month = MONTH_NAMES.index(anchor or natural) % width
    begin = month_start(np.array([month if starts else month + 1]))[0] - (0 if starts else DAY)
    kind = "month_start" if starts else "month_end"
    return Freq(kind=kind, count=count * width, begin=int(begin), unit=unit)


def _monthly_alias(stamps: Ints, months: int) -> str | None:
    """The alias of steps of whole months; None where most stamps lie on different days of the month."""
    month = months_of(stamps)
    from_start = stamps - month_start(month)
    from_end = month_start(month + 1) - stamps
    start, end = most_frequent(from_start), most_frequent(from_end)
    agree_start, agree_end = np.mean(from_start == start), np.mean(from_end == end)
    if max(agree_start, agree_end) <= 0.5:
        return None
    ends = agree_end > agree_start or (agree_end == agree_start and end <= DAY)
    letter = "E" if ends else "S"
    unit = {1: "M", 3: "Q", 12: "Y"}.get(months)
    if unit is None or unit == "M":
        return f"{months if months > 1 else ''}M{letter}"
    month_of_period = most_frequent(month % months)
    natural = 0 if letter == "S" else months - 1
    return f"{unit}{letter}" + ("" if month_of_period == natural else f"-{MONTH_NAMES[month_of_period]}")


def _fixed_alias(gap: int, stamps: Ints) -> str:
    """The alias of a fixed difference, in the widest unit that measures it; weeks by their day."""
    unit = next(name for name, width in reversed(WIDTHS.items()) if gap % width == 0)
    count = gap // WIDTHS[unit]
    anchor = ""
    if unit == "W":
        anchor = "-" + WEEKDAYS[most_frequent((stamps // DAY + EPOCH_WEEKDAY) % 7)]
    return f"{count if count > 1 else ''}{unit}{anchor}"


def _only_weekdays(stamps: Ints) -> bool:
    """True where daily stamps span a week and more and all but a stray one leave out the weekend."""
    weekend = (stamps // DAY + EPOCH_WEEKDAY) % 7 >= 5
    return bool(np.ptp(stamps) > 7 * DAY and np.mean(weekend) < 0.01)
