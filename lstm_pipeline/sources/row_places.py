"""Where each raw row stood: file, line and column, with the original text, for whoever must correct it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lstm_pipeline.series.raw import CODE, KEPT, Codes, RawRows
from lstm_pipeline.sources.coded import Coded
from lstm_pipeline.sources.sheet import Sheet

Ints = NDArray[np.int64]

REASON_NAMES = np.array(["", *CODE], dtype=object)
"""By code."""
SET_ASIDE = pa.schema(
    {
        "file": pa.string(),
        "row": pa.int64(),
        "column": pa.string(),
        "unique_id": pa.string(),
        "ds": pa.string(),
        "value": pa.string(),
        "reason": pa.string(),
    }
)
"""Columns of the set-aside rows: row is the line of the file from 1 on (on which it begins, where its cells
hold line breaks; in Parquet files its number), ds and value are its own text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Consecutive raw rows that come from one column of one file, in the order of its lines."""

    sheet: int
    """Which file."""
    column: str
    begin: int
    """Its first raw row."""
    codes: Ints
    """Index of the series of each of its rows; -1 without id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlaces:
    """The origin of all raw rows."""

    sheets: tuple[Sheet, ...]
    times: Coded | None
    """Times of all lines of all sheets as they stand there; None where rows count steps."""
    blocks: tuple[Block, ...]
    """In the order of their rows."""

    def set_aside(self, raw: RawRows, reason: Codes) -> pa.Table:
        """The rows that were set aside, in order. Shapes: reason (R,)."""
        rows = np.flatnonzero(reason > KEPT)
        if not len(rows):
            return SET_ASIDE.empty_table()
        begins = np.array([block.begin for block in self.blocks])
        owner = np.searchsorted(begins, rows, side="right") - 1
        # a row without an id has the number -1, and finds the empty text at the end
        ids = np.array([*raw.ids, ""], dtype=object)
        parts: list[pa.Table] = []
        for place, begin, end in _runs(owner):
            block, mine = self.blocks[place], rows[begin:end]
            columns = {
                **self._as_it_stands(block, mine - block.begin),
                "unique_id": pa.array(ids[raw.series[mine]], pa.string()),
                "reason": pa.array(REASON_NAMES[reason[mine]], pa.string()),
            }
            if self.times is None:
                columns["ds"] = pa.array(raw.stamps[mine]).cast(pa.string())
            parts.append(pa.table(columns).select(SET_ASIDE.names))
        return pa.concat_tables(parts)

    def _as_it_stands(self, block: Block, local: Ints) -> dict[str, pa.Array]:
        """Place, time and value of some rows of a block, as its file has them."""
        sheet = self.sheets[block.sheet]
        columns: dict[str, pa.Array] = {
            "file": pa.repeat(sheet.name, len(local)),
            "row": pa.array(sheet.lines[local]),
            "column": pa.repeat(block.column, len(local)),
            "value": sheet.column(block.column).take(pa.array(local)).cast(pa.string()).fill_null(""),
        }
        if self.times is not None:
            before = sum(len(sheet) for sheet in self.sheets[: block.sheet])
            text = self.times.texts.iloc[self.times.codes[before + local]]
            columns["ds"] = pa.array(text.tolist(), pa.string())
        return columns


def _runs(owner: Ints) -> list[tuple[int, int, int]]:
    """Stretches of equal owner in a rising array: owner, begin, end."""
    owners, begins = np.unique(owner, return_index=True)
    return list(zip(owners.tolist(), begins.tolist(), [*begins[1:].tolist(), len(owner)], strict=True))
