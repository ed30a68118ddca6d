"""Cells to numbers: which are blank, which are no number, and what the others are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

Decimal = Literal[".", ","]
pc: Any = compute
"""pyarrow makes these functions at import, where no checker sees them."""
MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", "missing")
"""Texts, in lower case, that say that there is no value."""
NUMBER = r"^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|(?i:inf|infinity))$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """T cells of a column."""

    values: NDArray[np.float64]
    """NaN where blank or no number: (T,)."""
    blank: NDArray[np.bool_]
    """True where the cell is empty, or says that there is no value: (T,)."""


def read_numbers(column: pa.ChunkedArray, decimal: Decimal = ".") -> Numbers:
    """Read a column of numbers, or of text that should be numbers."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        # unsafe: whole numbers beyond 2**53 are rounded, where arrow would refuse the column
        values = _floats(column.cast(pa.float64(), safe=False))
        return Numbers(values=values, blank=np.isnan(values))
    texts = pc.fill_null(pc.utf8_trim_whitespace(column), "")
    blank = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(MISSING, column.type))
    if decimal == ",":
        # a point is no digit group here: 1.234 would be read a thousandfold
        texts = pc.replace_substring(pc.replace_substring(texts, ".", "!"), ",", ".")
    texts = pc.if_else(blank, None, texts)
    # all cells at once where that can be: a pattern is asked only where some cell is no number
    try:
        numbers = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        fits = pc.match_substring_regex(texts, NUMBER)
        numbers = pc.if_else(fits, texts, None).cast(pa.float64())
    return Numbers(values=_floats(numbers), blank=blank.to_numpy())


def is_empty(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """True where a cell of text is empty. Shapes: -> (T,)."""
    return pc.equal(pc.binary_length(column.cast(pa.string())), 0).to_numpy()


def _floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """The column as an array, NaN where null."""
    return column.to_numpy().astype(np.float64, copy=False)
