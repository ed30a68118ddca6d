"""Where each raw row stood: file, line and column, with the original text, for whoever must correct it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lstm_pipeline.series.raw import CODE, KEPT, Codes
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
"""Columns of the set-aside rows: row is the line of the file from 1 on, ds and value are its own text."""


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
class Places:
    """The origin of all raw rows."""

    sheets: tuple[Sheet, ...]
    times: Coded | None
    """Times of all lines of all sheets as they stand there; None where rows count steps."""
    blocks: tuple[Block, ...]
    """In the order of their rows."""

    def set_aside(self, reason: Codes, ids: Sequence[str]) -> pa.Table:
        """The rows that were set aside, in order. Shapes: reason (R,), ids (N,)."""
        rows = np.flatnonzero(reason > KEPT)
        if not len(rows):
            return SET_ASIDE.empty_table()
        begins = np.array([block.begin for block in self.blocks])
        owner = np.searchsorted(begins, rows, side="right") - 1
        named = np.array([*ids, ""], dtype=object)
        parts: list[pa.Table] = []
        for place, begin, end in _runs(owner):
            block, mine = self.blocks[place], rows[begin:end]
            local = mine - block.begin
            parts.append(self._of_block(block, local, named[block.codes[local]], reason[mine]))
        return pa.concat_tables(parts)

    def _of_block(self, block: Block, local: Ints, ids: NDArray[np.object_], reason: Codes) -> pa.Table:
        """Some rows of one block, by their place in it."""
        sheet = self.sheets[block.sheet]
        return pa.table(
            {
                "file": pa.repeat(sheet.name, len(local)),
                "row": sheet.lines[local],
                "column": pa.repeat(block.column, len(local)),
                "unique_id": pa.array(ids, pa.string()),
                "ds": self._times(block, local),
                "value": sheet.column(block.column).take(pa.array(local)).cast(pa.string()),
                "reason": pa.array(REASON_NAMES[reason], pa.string()),
            },
            schema=SET_ASIDE,
        )

    def _times(self, block: Block, local: Ints) -> pa.Array:
        """The text of the times of some lines of a block's file."""
        if self.times is None:
            return pa.nulls(len(local), pa.string())
        before = sum(len(sheet) for sheet in self.sheets[: block.sheet])
        return pa.array(self.times.texts.iloc[self.times.codes[before + local]].tolist(), pa.string())


def _runs(owner: Ints) -> list[tuple[int, int, int]]:
    """Stretches of equal owner in a rising array: owner, begin, end."""
    owners, begins = np.unique(owner, return_index=True)
    return list(zip(owners.tolist(), begins.tolist(), [*begins[1:].tolist(), len(owner)], strict=True))
