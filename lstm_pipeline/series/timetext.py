"""Text to moments: ISO 8601 and the usual other ways of writing a time, decided over a whole column."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstm_pipeline.errors import BadConfig, BadInput
from lstm_pipeline.series.freq import DAY
from lstm_pipeline.series.rules import REFUSED_ABOVE

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

UNREAD = np.iinfo(np.int64).min
"""The stamp of a text that is no time."""
OFFSET = r"(?:[T ]\d\d|:\d\d(?:\.\d+)?)\s*(?:Z|[+-]\d\d(?::?\d\d)?)$"
"""A time of day followed by its offset from UTC."""
SHIFT = r"\s*(?:Z|[+-]\d\d(?::?\d\d)?)$"
"""The offset alone."""
DAY_MONTH_YEAR = r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[ T,]+(.*))?$"
"""Day and month in either order, the year, the time of day."""
EPOCHS = {10: 1_000_000, 13: 1000, 16: 1}
"""Microseconds of one unit of a Unix time, by its number of digits."""
DATES = ("%Y-%m-%d", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y")
DAYTIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
"""How a time of day may stand after a date."""
MONTHS_NAMED = ("%b %Y", "%B %Y", "%b-%Y", "%Y-%b")
OTHER_FORMATS = (*(date + time for date in DATES for time in DAYTIMES), *MONTHS_NAMED)
"""What is tried where a text is not ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """U texts read: what each says, before any time zone is thought of."""

    stamps: Ints
    """Microseconds since the epoch, in UTC where the text has an offset, else on its own clock: (U,)."""
    offset: Bools
    """True where the text says its offset from UTC: (U,)."""
    notes: tuple[str, ...] = ()
    """What was decided, in sentences."""

    @property
    def bad(self) -> Bools:
        """True where the text is no time: (U,)."""
        return self.stamps == UNREAD


TRIED = 1000
"""Texts that a format is tried on before it is taken to the whole column."""


def read_moments(texts: pd.Series, time_format: str | None) -> Moments:
    """Read each text as a moment. Shapes: texts (U,).

    Raises:
        BadConfig: time_format is not one that strptime knows.
        BadInput: day and month cannot be told apart, or no text is a time.
    """
    notes: tuple[str, ...] = ()
    if time_format is not None:
        stamps = _read(texts, time_format)
    else:
        stamps, notes = _read_usual(texts)
    bad = stamps == UNREAD
    if bad.all() and texts.str.len().gt(0).any():
        got = str(texts.loc[texts.str.len() > 0].iloc[0])
        expected = f"the format {time_format}" if time_format else "ISO 8601 (2024-01-31 13:00) or the like"
        steps = "; where these numbers count steps, set freq = 1 in [series]" if got.isdigit() else ""
        raise BadInput(
            f'no time could be read: got for example "{got}", expected {expected}; '
            'set time_format in strptime\'s letters, e.g. time_format = "%d/%m/%Y %H:%M"'
            f"{steps}"
        )
    offset = texts.str.contains(OFFSET).to_numpy(bool) | bool(time_format and "%z" in time_format)
    return Moments(stamps=stamps, offset=offset & ~bad, notes=notes)


def days_on_their_own_clock(texts: pd.Series, moments: Moments) -> Moments:
    """Days whose offset changes with the season, as their own clock shows them; else the moments as they are.

    In UTC such days would leave their grid whenever the clock is changed. Shapes: texts (U,).
    """
    read = ~moments.bad
    if not read.any() or not moments.offset[read].all() or _one_daytime(moments.stamps[read]):
        return moments
    shown = _read(texts.str.replace(SHIFT, "", regex=True), "ISO8601")
    apart = len(np.unique(shown[read])) == np.count_nonzero(read)  # else they come from several clocks
    if (shown[read] == UNREAD).any() or not apart or not _one_daytime(shown[read]):
        return moments
    note = "times are days with a changing offset from UTC: ds is on their own clock"
    stamps = np.where(read, shown, UNREAD)
    return Moments(stamps=stamps, offset=np.zeros(len(stamps), bool), notes=(*moments.notes, note))


def _one_daytime(stamps: Ints) -> bool:
    """True where all but as many as may be set aside have the same time of day."""
    _, counts = np.unique(stamps % DAY, return_counts=True)
    return bool(counts.max() >= (1 - REFUSED_ABOVE) * len(stamps))


def read_epochs(numbers: Ints) -> Ints | None:
    """Unix times as stamps, seconds, milli- or microseconds by their digits; None where they are none."""
    digits = {len(str(abs(number))) for number in (numbers.min(), numbers.max())}
    unit = EPOCHS.get(digits.pop()) if len(digits) == 1 else None
    return None if unit is None else numbers * unit


def _read_usual(texts: pd.Series) -> tuple[Ints, tuple[str, ...]]:
    """Stamps by ISO 8601, then by day and month in figures, then by other formats."""
    stamps = _read(texts, "ISO8601")
    left = np.flatnonzero((stamps == UNREAD) & texts.str.len().gt(0).to_numpy(bool))
    if not len(left):
        return stamps, ()
    rest, notes = _day_and_month_named(texts.iloc[left])
    read = _read(rest, "ISO8601")
    for written in OTHER_FORMATS:
        todo = read == UNREAD
        # there are 34 formats, and a column has nothing in common with most: a part of it shows that
        if todo.any() and (_read(_spread(rest.loc[todo]), written) != UNREAD).any():
            read[todo] = _read(rest.loc[todo], written)
    stamps[left] = read
    return stamps, notes


def _spread(texts: pd.Series) -> pd.Series:
    """At most so many texts as are tried, from beginning to end."""
    return texts.iloc[:: -(-len(texts) // TRIED)]


def _day_and_month_named(texts: pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """Texts such as 31/01/2024 rewritten as 2024-01-31; what looks different stays as it is.

    Raises:
        BadInput: the column does not say whether day or month comes first, or says both.
    """
    parts = texts.str.extract(DAY_MONTH_YEAR)
    fits = parts[0].notna()
    if not fits.any():
        return texts, ()
    fitting, numbers = texts.loc[fits], parts.loc[fits, [0, 1]].astype(int)
    day_first, month_first = fitting.loc[numbers[0] > 12], fitting.loc[numbers[1] > 12]
    if len(day_first) and len(month_first):
        raise BadInput(
            f'"{day_first.iloc[0]}" can only be day first, "{month_first.iloc[0]}" only month first; '
            "write the times of one source in one way (a time_format refuses the rows of the other)"
        )
    if not len(day_first) and not len(month_first):
        raise BadInput(
            f'"{fitting.iloc[0]}" can be read day first or month first, and no other time decides; '
            'set time_format, e.g. time_format = "%d/%m/%Y" (day first) or "%m/%d/%Y" (month first)'
        )
    day, month = (0, 1) if len(day_first) else (1, 0)
    time = (" " + parts[3].fillna("")).str.rstrip()
    iso = parts[2] + "-" + parts[month].str.zfill(2) + "-" + parts[day].str.zfill(2) + time
    seen, way = (day_first, "day") if len(day_first) else (month_first, "month")
    return texts.where(~fits, iso), (f'times are read {way} first, as "{seen.iloc[0]}" shows',)


def _read(texts: pd.Series, written: str) -> Ints:
    """Stamps of texts in one format, UNREAD where they are not; what has no offset is taken as UTC.

    Raises:
        BadConfig: the format is not one that strptime knows.
    """
    # pandas reads "now" and "today" in any format as the clock's time
    figures = texts.where(texts.str.contains(r"\d"), "")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            read = pd.to_datetime(figures, format=written, errors="coerce", utc=True)
    except ValueError as error:
        raise BadConfig(f'time_format = "{written}" is not in strptime\'s letters: {error}') from error
    return read.dt.as_unit("us").to_numpy("M8[us]").astype(np.int64)
