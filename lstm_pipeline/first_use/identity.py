"""Which column of a sample tells several series apart, and what to do where only several together do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use.column import Column
from lstm_pipeline.first_use.remedy import joining
from lstm_pipeline.first_use.sample import Sample
from lstm_pipeline.first_use.times import TimeGuess
from lstm_pipeline.first_use.toml import printable

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


def identity_of(others: Sequence[Column], time: TimeGuess, sample: Sample) -> str | None:
    """The column that names the series of a row; None where there is only one series.

    Raises:
        BadInput: times repeat, and several columns together tell the series apart but none alone.
    """
    named = [column for column in others if names_series(column)]
    if not time.columns:
        return next((column.name for column in named if _in_blocks(column)), None)
    stamps = _stamps(time, sample)
    if _shared(stamps) <= REPEATED:
        return next((column.name for column in named if _in_blocks(column)), None)
    texts = [column for column in others if column.kind == "text" and column not in named]
    keys = [*named, *texts]
    for column in keys:
        # a text that is another one in every row numbers the rows, and would make each of them a series
        if _shared(stamps, column) <= UNIQUE and column.distinct < sample.rows:
            return column.name
    for columns in (*combinations(keys, 2), *combinations(keys, 3)):
        if _shared(stamps, *columns) <= UNIQUE:
            raise BadInput(_only_together(columns, sample))
    return named[0].name if named else None


def names_series(column: Column) -> bool:
    """True where the name says that it holds ids, and these repeat."""
    words = set(column.words)
    if column.kind not in ("text", "number") or column.distinct * 2 > len(column.texts):
        return False
    if column.kind == "text":
        return bool(words & ID_WORDS)
    # of numbers every word must say so: store_sales is a measurement
    return column.whole and bool(words & ID_WORDS) and words <= ID_WORDS | NUMBER_WORDS


def to_be_joined(columns: Sequence[str], sample: Sample) -> str:
    """That columns look like ids, and how to make one of them."""
    named = " and ".join(f'"{name}"' for name in columns)
    return f"{named} look like ids; join them, for example with " + joining(
        columns, sample.files[0].name, sample.dialect
    )


def _only_together(columns: Sequence[Column], sample: Sample) -> str:
    """What to say where no column alone tells the series apart."""
    example = "-".join(column.texts[0] for column in columns)
    return (
        f"{sample.files[0].name}: no column alone tells the series apart; expected one column of ids, with "
        f'values such as "{printable(example)}": {to_be_joined([column.name for column in columns], sample)}'
    )


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
