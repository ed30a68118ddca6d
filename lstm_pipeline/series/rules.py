"""The part of a pipeline file that says what a series is and what becomes of rows that do not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge
from pydantic import Strict

Fate = Literal["set_aside", "fail"]
"""What becomes of a faulty row: counted and set aside, or the whole run refused."""

Missing = Literal["mask", "gap", "fill", "fail"]
"""What becomes of steps without a value: masked, no window touches them, filled, or the run refused."""

Fill = Literal["last", "zero", "seasonal"]
"""What fills them: the last value, zero, or the value one season earlier."""

REASONS = (
    "duplicate",
    "conflict",
    "off_grid",
    "missing",
    "not_number",
    "infinite",
    "bad_time",
    "bad_id",
)
"""Why a row may be set aside."""

REFUSED_ABOVE = 0.05
"""A series with a larger share of its rows set aside (missing ones not counted) is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRules:
    """[series]: grid, season and the fate of faulty rows."""

    freq: str | Annotated[int, Ge(1)] | None = None
    """Step between rows: a pandas offset alias such as "h" or "MS", or an integer without timestamps.

    Default: read from the stamps.
    """
    season_length: Annotated[int, Ge(1)] | None = None
    """Steps of one season. Default: by freq; for integer steps by autocorrelation."""
    missing: Missing = "mask"
    """Steps without a value: masked, no window touches them, filled, or the run refused."""
    fill: Fill = "last"
    """With missing = "fill": the last value, zero, or the value one season earlier."""
    duplicate: Fate = "set_aside"
    """The same row again."""
    conflict: Fate = "set_aside"
    """Another value for the same series and time: all such rows."""
    off_grid: Fate = "set_aside"
    """A time between two steps of the grid."""
    not_number: Fate = "set_aside"
    """A value that is no number."""
    infinite: Fate = "set_aside"
    """An infinite value."""
    regularise: Literal["mean", "last"] | None = None
    """Bring off-grid rows onto the grid: the mean, or the last, of the rows of each step."""
    drop_last_incomplete: Annotated[bool, Strict()] = False
    """Leave out a step that is not over by as_of, such as today while its hours are still summed up."""
    max_stale: Annotated[int, Ge(1)] | None = None
    """Steps between newest row and as_of beyond which a run ends in HOLD (stale_data). Default: any."""
