"""One column as a sample shows it: numbers, times, text or nothing, and what its name says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from lstm_pipeline.first_use.clock import Readings, readings_of
from lstm_pipeline.first_use.toml import printable
from lstm_pipeline.sources.numbers import read_numbers

ColumnKind = Literal["number", "time", "text", "empty"]

WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
SOME = 200
"""Different texts by which a column is taken for times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """S cells of one column."""

    name: str
    kind: ColumnKind
    """What more than half of the cells are that say something."""
    texts: tuple[str, ...]
    """(S,)"""
    values: NDArray[np.float64]
    """NaN where a cell is no number: (S,)."""
    blank: NDArray[np.bool_]
    """True where a cell says that there is no value: (S,)."""
    readings: Readings
    """How its texts can be read as times; none where they are none."""

    @classmethod
    def of(cls, name: str, texts: Sequence[str], decimal: Literal[".", ","]) -> Column:
        """Look at the cells of a column."""
        numbers = read_numbers(pa.chunked_array([pa.array(texts, pa.string())]), decimal)
        said = np.flatnonzero(~numbers.blank)
        numeric = np.isfinite(numbers.values[said]).mean() > 0.5 if len(said) else False
        readings: Readings = ()
        if len(said) and not numeric:
            # a dict keeps the order of the file, so that a file gives the same guesses in every process
            distinct = pd.Series(list({texts[i]: None for i in said.tolist()}), dtype=str)
            # spread over the file: where it is sorted, the first days may all be below 13 and tell no order
            readings = readings_of(distinct.iloc[:: len(distinct) // SOME + 1])
        kind: ColumnKind = "time" if readings else "text"
        if numeric or not len(said):
            kind = "number" if numeric else "empty"
        return cls(
            name=name,
            kind=kind,
            texts=tuple(texts),
            values=numbers.values,
            blank=numbers.blank,
            readings=readings,
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its name in lower case: StoreID and store_id are store and id."""
        return tuple(word.lower() for word in WORDS.findall(self.name))

    @property
    def example(self) -> str:
        """The beginning of its first cell that says something."""
        return next((printable(text[:30]) for text in self.texts if text), "")

    @property
    def distinct(self) -> int:
        """How many different texts it has."""
        return len(set(self.texts))

    @property
    def whole(self) -> bool:
        """True where every cell is a whole number."""
        return self.kind == "number" and bool(np.all(self.values == np.round(self.values)))
