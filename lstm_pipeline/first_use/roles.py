"""What the columns of a sample stand for: layout, time, id and values; what is left out, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use.column import Column
from lstm_pipeline.first_use.identity import identity_of, names_series
from lstm_pipeline.first_use.sample import Sample
from lstm_pipeline.first_use.targets import choose_targets
from lstm_pipeline.first_use.times import TimeGuess, guess_time

FEWEST_IN_A_ROW = 8
"""Numbers beside the id that make a row look like a series."""
ROW_NAMES = frozenset(("no", "nr", "n", "row", "rownum", "index", "idx", "id", "obs", "#", "unnamed: 0"))
"""What a column of row numbers is usually called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A column that is not read."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGuess:
    """What the columns of a source stand for."""

    layout: Literal["long", "wide", "rows"]
    why: str
    """The reason for the layout and the choice of values, as half a sentence."""
    time: TimeGuess
    id: str | None
    id_like: tuple[str, ...]
    """The columns that may name series, that of the ids first where there is one."""
    values: tuple[str, ...]
    """Columns of values; none where every column but the id is a step."""
    left_out: tuple[LeftOut, ...]


def guess_roles(sample: Sample) -> RoleGuess:
    """Guess what each column stands for.

    Raises:
        BadInput: no column holds numbers, or only several columns together tell the series apart.
    """
    time = guess_time(sample.columns)
    if not time.columns and _one_series_per_row(sample):
        return _rows_of_series(sample.columns[0].name, time)
    others = [column for column in sample.columns if column.name not in time.columns]
    numbered = [column.name for column in others if _counts_rows(column, others)]
    identity = identity_of([column for column in others if column.name not in numbered], time, sample)
    candidates = [c for c in others if c.kind == "number" and c.name not in (identity, *numbered)]
    if not candidates:
        raise BadInput(_no_numbers(sample))
    chosen = choose_targets(candidates, [c for c in others if c.kind == "text"], alone=identity is None)
    passed_over = [column for column in others if column.name not in (identity, *chosen.names)]
    return RoleGuess(
        layout="wide" if len(chosen.names) > 1 else "long",
        why=chosen.why,
        time=time,
        id=identity,
        id_like=tuple(column.name for column in others if names_series(column)),
        values=chosen.names,
        left_out=tuple(
            LeftOut(name=column.name, why=_why_left_out(column, numbered)) for column in passed_over
        ),
    )


def _rows_of_series(identity: str, time: TimeGuess) -> RoleGuess:
    """The roles where each row is a series: its id, then its values."""
    return RoleGuess(
        layout="rows",
        why="no column of times, and each row begins with another id and goes on with numbers",
        time=time,
        id=identity,
        id_like=(identity,),
        values=(),
        left_out=(),
    )


def _one_series_per_row(sample: Sample) -> bool:
    """True where the first cells are different ids and all others numbers, as in the M4 files."""
    first, *rest = sample.columns
    # the M4 files call their columns V1, V2 and so on
    named = all(re.fullmatch(rf"V{place}", c.name) for place, c in enumerate(sample.columns, start=1))
    ids = first.kind == "text" or (named and first.whole)
    numbers = all(column.kind in ("number", "empty") for column in rest)
    return ids and numbers and len(rest) >= FEWEST_IN_A_ROW and first.distinct == sample.rows


def _counts_rows(column: Column, others: Sequence[Column]) -> bool:
    """True where a column only numbers the rows: one more in each, by its name or as the first of all."""
    named = column.name.lower() in ROW_NAMES or column.name.startswith("column ") or column is others[0]
    # the only column of numbers is what is to be forecast, however evenly it rises
    if not (named and column.whole and sum(c.kind == "number" for c in others) > 1):
        return False
    # parts of the file that were skipped leave two jumps
    return len(column.values) > 2 and int((np.diff(column.values) != 1).sum()) <= 2


def _why_left_out(column: Column, numbered: Sequence[str]) -> str:
    if column.name in numbered:
        return "numbers the rows"
    return {
        "text": "text",
        "time": "another column of times",
        "empty": "empty",
        "number": "numbers, not forecast",
    }[column.kind]


def _no_numbers(sample: Sample) -> str:
    shown = ", ".join(f'"{c.name}" ({c.kind}, e.g. "{c.example}")' for c in sample.columns[:8])
    shown += f" and {len(sample.columns) - 8} more" if len(sample.columns) > 8 else ""
    return (
        f"{sample.files[0].name}: no column holds numbers that could be forecast; there is {shown}; "
        "expected a column with a number in most rows: check what separates the columns, and remove units "
        "from the cells"
    )
