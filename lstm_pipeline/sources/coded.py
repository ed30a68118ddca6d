"""Text that repeats: each different text once, and a number for each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from lstm_pipeline.sources.sheet import Sheet

Ints = NDArray[np.int64]

pc: Any = compute
"""pyarrow makes these functions at import, where no checker sees them."""

PART_WIDTHS = {"year": 4, "month": 2, "day": 2, "hour": 2, "minute": 2, "second": 2}
"""Digits of the columns that a time may be split into, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """R cells of text."""

    texts: pd.Series
    """The texts, trimmed; different, unless they come from several files: (U,)."""
    codes: Ints
    """Which text each row has: (R,)."""


def coded_of(column: pa.ChunkedArray) -> Coded:
    """Any column as coded text; null as empty text."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    texts = pc.utf8_trim_whitespace(array.dictionary.cast(pa.string())).to_pandas()
    codes = pc.fill_null(array.indices, len(texts)).to_numpy().astype(np.int64)
    texts = pd.concat([texts, pd.Series([""])], ignore_index=True)
    return Coded(texts=texts.fillna("").astype(str), codes=codes)


def joined(parts: Sequence[Coded]) -> Coded:
    """The rows of several files, one after the other."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(part.texts) for part in parts[:-1])])
    return Coded(
        texts=pd.concat([part.texts for part in parts], ignore_index=True),
        codes=np.concatenate([part.codes + start for part, start in zip(parts, starts, strict=True)]),
    )


def times_of(sheet: Sheet, *, local: bool = False) -> Coded:
    """Each row's time as text; year, month, day, hour become ISO 8601, other columns stand side by side.

    `local`: timestamps with a zone as that zone's clock shows them, without their offset.
    """
    names = sheet.roles.time
    if len(names) == 1:
        column = sheet.column(names[0])
        return coded_of(pc.local_timestamp(column) if local else column)
    columns = [_text(sheet.column(name)) for name in names]
    kinds = [name.lower() for name in names]
    if kinds != list(PART_WIDTHS)[: len(kinds)]:
        return coded_of(pc.binary_join_element_wise(*columns, " "))
    padded = [
        pc.utf8_lpad(column, PART_WIDTHS[kind], "0") for column, kind in zip(columns, kinds, strict=True)
    ]
    text = pc.binary_join_element_wise(*padded[:3], "-")
    if len(padded) > 3:
        daytime = [*padded[3:], pa.scalar("00")] if len(padded) == 4 else padded[3:]
        text = pc.binary_join_element_wise(text, pc.binary_join_element_wise(*daytime, ":"), " ")
    return coded_of(text)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as trimmed text; null as empty text."""
    return pc.fill_null(pc.utf8_trim_whitespace(column.cast(pa.string())), "")
