"""What the columns of a sample stand for: layout, time, id and values; what is left out, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use.column import Column
from lstm_pipeline.first_use.sample import Sample
from lstm_pipeline.first_use.targets import choose_targets
from lstm_pipeline.first_use.times import TimeGuess, guess_time

FEWEST_IN_A_ROW = 8
"""Numbers beside the id that make a row look like a series."""
REPEATED = 0.2
"""Share of rows that have their time in common with another row, above which there must be several series."""
UNIQUE = 0.05
"""The same share, below which an id tells the series apart."""
ID_WORDS = frozenset(
    ("id", "uid", "series", "store", "shop", "sensor", "item", "product", "sku", "site", "station", "meter",
     "device", "machine", "region", "city", "country", "symbol", "ticker", "location", "customer",
     "household", "name", "key", "branch", "department", "dept", "plant", "channel")
)  # fmt: skip
"""Words by which a column of ids is usually called."""
NUMBER_WORDS = frozenset(("no", "nr", "nbr", "num", "number", "code"))
"""Words that may stand beside them in the name of a column of numbers."""
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
        identity = sample.columns[0].name
        why = "no column of times, and each row begins with another id and goes on with numbers"
        return RoleGuess(layout="rows", why=why, time=time, id=identity, values=(), left_out=())
    others = [column for column in sample.columns if column.name not in time.columns]
    numbered = [column.name for column in others if _counts_rows(column, others)]
    identity = _identity([column for column in others if column.name not in numbered], time, sample)
    candidates = [c for c in others if c.kind == "number" and c.name not in (identity, *numbered)]
    if not candidates:
        raise BadInput(_no_numbers(sample))
    chosen = choose_targets(candidates, [c for c in others if c.kind == "text"], alone=identity is None)
    kept = (identity, *chosen.names)
    return RoleGuess(
        layout="wide" if len(chosen.names) > 1 else "long",
        why=chosen.why,
        time=time,
        id=identity,
        values=chosen.names,
        left_out=tuple(
            LeftOut(name=column.name, why=_why_left_out(column, numbered))
            for column in others
            if column.name not in kept
        ),
    )


def _one_series_per_row(sample: Sample) -> bool:
    """True where the first cells are different ids and all others numbers, as in the M4 files."""
    first, *rest = sample.columns
    named = all(re.fullmatch(rf"V{place}", c.name) for place, c in enumerate(sample.columns, start=1))
    ids = first.kind == "text" or (named and first.whole)
    numbers = all(column.kind in ("number", "empty") for column in rest)
    return ids and numbers and len(rest) >= FEWEST_IN_A_ROW and first.distinct == sample.rows


def _counts_rows(column: Column, others: Sequence[Column]) -> bool:
    """True where a column only numbers the rows: one more in each, by its name or as the first of all."""
    named = column.name.lower() in ROW_NAMES or column.name.startswith("column ") or column is others[0]
    if not (named and column.whole and sum(c.kind == "number" for c in others) > 1):
        return False
    # parts of the file that were skipped leave two jumps
    return len(column.values) > 2 and int((np.diff(column.values) != 1).sum()) <= 2


def _identity(others: Sequence[Column], time: TimeGuess, sample: Sample) -> str | None:
    """The column that names the series of a row; None where there is only one series.

    Raises:
        BadInput: times repeat, and two columns together tell the series apart but none alone.
    """
    named = [column for column in others if _is_named_id(column)]
    if not time.columns:
        return next((column.name for column in named if _in_blocks(column)), None)
    stamps = _stamps(time, sample)
    if _shared(stamps) <= REPEATED:
        return next((column.name for column in named if _in_blocks(column)), None)
    texts = [column for column in others if column.kind == "text" and column not in named]
    keys = [*named, *texts]
    for column in keys:
        if _shared(stamps, column) <= UNIQUE and column.distinct < sample.rows:
            return column.name
    for one, other in combinations(keys, 2):
        if _shared(stamps, one, other) <= UNIQUE:
            raise BadInput(
                f'{sample.files[0].name}: only "{one.name}" with "{other.name}" tells the series apart; '
                "expected one column of ids: add one that joins them, for example with values such as "
                f'"{one.texts[0]}-{other.texts[0]}"'
            )
    return named[0].name if named else None


def _is_named_id(column: Column) -> bool:
    """True where the name says that it holds ids, and these repeat."""
    words = set(column.words)
    if column.kind not in ("text", "number") or column.distinct * 2 > len(column.texts):
        return False
    if column.kind == "text":
        return bool(words & ID_WORDS)
    return column.whole and bool(words & ID_WORDS) and words <= ID_WORDS | NUMBER_WORDS


def _in_blocks(column: Column) -> bool:
    """True where equal texts stand together: a text that comes and goes is a state, not a series."""
    changes = sum(a != b for a, b in zip(column.texts, column.texts[1:], strict=False))
    return changes < 2 * column.distinct


def _stamps(time: TimeGuess, sample: Sample) -> pd.Series:
    """The texts of the times of the rows that were looked at: (S,)."""
    by_name = {column.name: column for column in sample.columns}
    parts = [pd.Series(by_name[name].texts) for name in time.columns]
    return parts[0].str.cat(parts[1:], sep=" ")


def _shared(stamps: pd.Series, *keys: Column) -> float:
    """Share of rows that have their time, and the texts of the keys, in common with an earlier row."""
    table = pd.DataFrame({"time": stamps} | {f"key {i}": key.texts for i, key in enumerate(keys)})
    return float(table.duplicated().mean())


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
    return (
        f"{sample.files[0].name}: no column holds numbers that could be forecast; there is {shown}; "
        "expected a column with a number in most rows: check what separates the columns, and remove units "
        "from the cells"
    )
