"""Frames as Parquet bytes, and back."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

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
