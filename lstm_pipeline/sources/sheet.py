"""One file read: the columns that are needed, as they stand there, and the line of each row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the columns of a file stand for."""

    time: tuple[str, ...]
    """Columns that together give the time; none where rows count steps."""
    id: str | None
    """The column of series ids; None where the file or the column names the series."""
    values: tuple[str, ...]
    """Columns of values."""
    known_at: str | None

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that are no values."""
        return tuple(name for name in (*self.time, self.id, self.known_at) if name is not None)

    @property
    def all(self) -> tuple[str, ...]:
        """Every column that is read, each once."""
        return tuple(dict.fromkeys((*self.keys, *self.values)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """T rows of one file."""

    name: str
    """The file, as reports call it."""
    stem: str
    """The file's name without suffix."""
    roles: Roles
    table: pa.Table
    """The columns that are read, text as text."""
    lines: Ints
    """Line of the file on which each row begins, counted from 1; the row's number in Parquet files: (T,)."""

    def column(self, name: str) -> pa.ChunkedArray:
        """One column."""
        return self.table.column(name)

    def __len__(self) -> int:
        """T."""
        return self.table.num_rows
