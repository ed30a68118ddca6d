"""Which columns of numbers become series: one target, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.first_use.column import Column

TARGET_NAMES = ("y", "target", "value", "values", "sales", "demand")
"""What a column to be forecast is usually called, the likelier first."""
CALENDAR = frozenset(
    ("year", "quarter", "month", "week", "weekday", "weekofyear", "day", "dayofweek", "dayofyear", "dow",
     "doy", "hour", "minute", "second", "holiday", "weekend", "of", "the", "is")
)  # fmt: skip
"""What columns that describe the time itself are usually called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The columns that become series, and why."""

    names: tuple[str, ...]
    why: str
    """Half a sentence."""


def choose_targets(numbers: Sequence[Column], texts: Sequence[Column], *, alone: bool) -> Targets:
    """Choose what is forecast among columns of numbers; `alone`: no other column names the series.

    Flags (0 and 1) and columns that describe the calendar are never chosen while there are others. Of these:
    one that is called like a target; else the only one with gaps, since what goes along with a measurement is
    mostly complete and what is measured is not; else the first one, where texts describe the rows or ids name
    the series; else, where nothing sets one apart, each of them is a series.
    """
    measured = [column for column in numbers if not _is_description(column)] or list(numbers)
    if len(measured) == 1:
        return Targets(names=(measured[0].name,), why="the only column of measurements")
    named = sorted((c for c in measured if c.name.lower() in TARGET_NAMES), key=_rank)
    if named:
        return Targets(names=(named[0].name,), why="called like a target")
    gappy = [column for column in measured if column.blank.any()]
    if len(gappy) == 1:
        why = "the only column of numbers with gaps: the others seem to go along with it"
        return Targets(names=(gappy[0].name,), why=why)
    if texts or not alone:
        return Targets(
            names=(measured[0].name,), why="the first column of numbers that is not the time or an id"
        )
    why = "several columns of numbers, none of which stands out as the target: each is a series"
    return Targets(names=tuple(column.name for column in measured), why=why)


def _rank(column: Column) -> int:
    return TARGET_NAMES.index(column.name.lower())


def _is_description(column: Column) -> bool:
    """True for flags, and for columns whose name says that they only tell the calendar."""
    said = column.values[~column.blank]
    flag = len(said) > 2 and bool(np.isin(said, (0.0, 1.0)).all())
    return flag or bool(column.words and set(column.words) <= CALENDAR)
