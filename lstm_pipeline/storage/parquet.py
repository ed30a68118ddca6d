"""Frames as Parquet bytes, and back; frames of other libraries as Arrow tables."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lstm_pipeline.errors import BadInput

ROWS_PER_GROUP = 131_072
"""Rows in a row group: bounds what a reader must hold."""


def parquet_bytes(frame: pa.Table) -> bytes:
    """A frame as a Parquet file, in bounded row groups."""
    sink = pa.BufferOutputStream()
    pq.write_table(frame, sink, row_group_size=ROWS_PER_GROUP, compression="zstd")
    return sink.getvalue().to_pybytes()


def read_parquet(data: bytes) -> pa.Table:
    """The frame of a Parquet file."""
    return pq.read_table(pa.BufferReader(data))


def table_of(frame: Any) -> pa.Table:
    """A frame as an Arrow table whose text is plain text, which Parquet keeps.

    Raises:
        BadInput: it is a single column, or has no row.
    """
    try:
        table = pa.table(frame)
    except pa.ArrowInvalid as error:
        raise BadInput(
            f"the frame: got {type(frame).__name__}, which is no table ({error}); expected columns ds and y, "
            "such as series.reset_index() has"
        ) from error
    if not table.num_rows:
        raise BadInput("the frame: there are columns but no row; expected at least one")
    plain_text = [
        field.with_type(pa.string()) if pa.types.is_string_view(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(plain_text))
