"""Which columns of a sample give the time of a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lstm_pipeline.first_use.clock import Readings, is_daytime, readings_of
from lstm_pipeline.first_use.column import SOME, Column

NAMES = (
    "ds", "datetime", "date", "timestamp", "time", "ts", "epoch", "unix", "day", "month", "year", "week",
    "hour", "period",
)  # fmt: skip
"""What a column of times is usually called, the likelier first."""
COUNTERS = ("ds", "t", "time", "timestep", "step", "tick", "period", "index", "idx", "timestamp")
"""What a column that counts steps is usually called."""
CLOCK_PARTS = ("year", "month", "day", "hour", "minute", "second")
"""Columns that a time may be split into."""
WRITTEN = {
    r"\d{10}|\d{13}|\d{16}": None,
    r"(?:1[789]|20|21)\d\d(?:0[1-9]|1[0-2])[0-3]\d": None,
    r"(?:1[789]|20|21)\d\d(?:0[1-9]|1[0-2])": "%Y%m",
}
"""Whole numbers that are times: Unix times, days, months; with the format that the door must be told."""
YEAR = r"(?:1[5-9]|20|21)\d\d"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGuess:
    """The columns that together give the time; none where rows count steps."""

    columns: tuple[str, ...] = ()
    readings: Readings = (None,)
    """The ways in which they can be read; more than one where day and month cannot be told apart."""
    freq: str | None = None
    """Where the door cannot read it from the stamps: plain years are steps to it."""


def guess_time(columns: tuple[Column, ...]) -> TimeGuess:
    """The likeliest: columns of parts of a date, then texts that are times, whole numbers, a counter."""
    parts = _parts(columns)
    if len(parts) > 1:
        return TimeGuess(columns=parts)
    texts = sorted((column for column in columns if column.kind == "time"), key=_rank)
    if texts:
        return _with_daytime(texts[0], columns)
    for column in sorted(columns, key=_rank):
        found = _as_number(column)
        if found is not None:
            return found
    return TimeGuess()


def _parts(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """The columns year, month, day and so on, as far as they go without a gap."""
    by_name = {column.name.lower(): column.name for column in columns if column.whole}
    found: list[str] = []
    for part in CLOCK_PARTS:
        if part not in by_name:
            break
        found.append(by_name[part])
    return tuple(found)


def _rank(column: Column) -> int:
    """The place of its name among the usual ones; unusual names last."""
    name = column.name.lower()
    if name in NAMES:
        return NAMES.index(name)
    return len(NAMES) + (not set(column.words) & set(NAMES))


def _with_daytime(date: Column, columns: tuple[Column, ...]) -> TimeGuess:
    """A column of dates, with the column of times of day beside it if there is one."""
    for column in columns:
        if column.kind == "text" and is_daytime(pd.Series(column.texts)) and _only_dates(date):
            together = pd.Series(date.texts) + " " + pd.Series(column.texts)
            return TimeGuess(
                columns=(date.name, column.name), readings=readings_of(together.drop_duplicates().head(SOME))
            )
    return TimeGuess(columns=(date.name,), readings=date.readings)


def _only_dates(column: Column) -> bool:
    """True where no text has a time of day."""
    return not any(":" in text for text in column.texts)


def _as_number(column: Column) -> TimeGuess | None:
    """A column of whole numbers as times, or as a count of steps if it is called so."""
    if not column.whole:
        return None
    texts, name = pd.Series(column.texts), column.name.lower()
    # whole numbers that look like dates may be ids or values: the name must say so too
    if _rank(column) <= len(NAMES):
        for pattern, written in WRITTEN.items():
            if texts.str.fullmatch(pattern).all():
                return TimeGuess(columns=(column.name,), readings=(written,))
    if "year" in column.words and texts.str.fullmatch(YEAR).all():
        return TimeGuess(columns=(column.name,), freq=_yearly(column))
    # it need not rise throughout: where the next series begins it falls back
    if name in COUNTERS and np.mean(np.diff(column.values) > 0) > 0.5:
        return TimeGuess(columns=(column.name,))
    return None


def _yearly(column: Column) -> str:
    """The alias of the most frequent distance between years."""
    gaps = np.diff(np.unique(column.values)).astype(np.int64)
    usual = int(np.bincount(gaps).argmax()) if len(gaps) else 1
    return f"{usual if usual > 1 else ''}YS"
