"""Parquet files: what is in them is checked from their metadata before anything is read."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lstm_pipeline.errors import BadInput
from lstm_pipeline.sources.columns import roles_of
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.guard import refuse_ratio, refuse_size
from lstm_pipeline.sources.listing import SourceFile
from lstm_pipeline.sources.sheet import Roles, Sheet

SUSPICIOUS = 512 * 2**20
"""Bytes in memory from which on the ratio counts; a column of one value is small on disk for good reason."""
CELL = 8
"""Bytes that a cell takes in memory at least."""


def read_parquet(file: SourceFile, source: FilesSource) -> Sheet:
    """Read the columns that are needed.

    Raises:
        BadInput: no Parquet, too big, a column missing, twice, neither numbers nor text nor times, or of
            times where values are expected.
    """
    with file.filesystem.open_input_file(file.path) as stream:
        try:
            opened = pq.ParquetFile(stream)
            schema = opened.schema_arrow
        except (pa.ArrowInvalid, OSError) as error:
            raise BadInput(f"{file.name}: no whole Parquet file ({error}); write or copy it again") from error
        if not opened.metadata.num_rows:
            raise BadInput(f"{file.name}: there are columns but no row; expected at least one")
        _refuse_twice(schema, file.name)
        roles = roles_of(schema, source, file.name)
        _refuse_kinds(schema, roles.all, file.name)
        _refuse_too_big(file, opened.metadata, roles.all, source.max_bytes)
        _refuse_times_as_values(schema, roles, source, file.name)
        coded = [name for name in roles.keys if _is_text(schema.field(name).type)]
        try:
            table = pq.read_table(stream, columns=list(roles.all), read_dictionary=coded, use_threads=False)
        except (pa.ArrowInvalid, OSError) as error:
            raise BadInput(f"{file.name}: its pages are damaged ({error}); write or copy it again") from error
    lines = np.arange(1, table.num_rows + 1, dtype=np.int64)
    return Sheet(name=file.name, stem=file.stem, roles=roles, table=table, lines=lines)


def _is_text(kind: pa.DataType) -> bool:
    """True for text, also where each different text is kept once."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_read(kind: pa.DataType) -> bool:
    """True for numbers, text, booleans, dates and timestamps."""
    plain = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return _is_text(kind) or _is_time(kind) or any(test(kind) for test in (*plain, pa.types.is_null))


def _is_time(kind: pa.DataType) -> bool:
    """True for dates and timestamps, also where each different one is kept once."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_date(kind) or pa.types.is_timestamp(kind)


def _refuse_twice(schema: pa.Schema, file: str) -> None:
    """Refuse two columns of one name.

    Raises:
        BadInput: there are.
    """
    twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if twice:
        raise BadInput(f"{file}: columns of the same name ({', '.join(twice)}); rename them in the file")


def _refuse_kinds(schema: pa.Schema, names: tuple[str, ...], file: str) -> None:
    """Refuse columns whose cells are objects.

    Raises:
        BadInput: some are; each is named.
    """
    faults = [
        f'column "{name}" is {schema.field(name).type}'
        for name in names
        if not _is_read(schema.field(name).type)
    ]
    if faults:
        raise BadInput(
            f"{file}: expected numbers, text, booleans, dates or timestamps; write these columns as such",
            faults,
        )


def _refuse_times_as_values(schema: pa.Schema, roles: Roles, source: FilesSource, file: str) -> None:
    """Refuse dates and timestamps that would be taken for values.

    Raises:
        BadInput: some would; each is named.
    """
    times = [name for name in roles.values if _is_time(schema.field(name).type)]
    if not times:
        return
    left = ", ".join(f'"{name}"' for name in roles.values if name not in times) or '"…"'
    advice = "name the column of values in [source] value, or write these columns as numbers"
    if source.layout == "wide" and source.values is None:
        advice = f"name the columns that are series in [source]: values = [{left}]"
    elif source.layout == "wide":
        advice = f"leave these columns out: values = [{left}]"
    faults = [f'column "{name}" is {schema.field(name).type}' for name in times]
    raise BadInput(f"{file}: got columns of times, expected numbers or text as values; {advice}", faults)


def _refuse_too_big(
    file: SourceFile, metadata: pq.FileMetaData, names: tuple[str, ...], max_bytes: int
) -> None:
    """Refuse a file whose rows would not fit in memory.

    Raises:
        BadInput: they would not.
    """
    stored = sum(
        chunk.total_uncompressed_size
        for group in map(metadata.row_group, range(metadata.num_row_groups))
        for chunk in map(group.column, range(group.num_columns))
        if chunk.path_in_schema.split(".")[0] in names
    )
    # equal values are stored once: a page of nearly no bytes may hold any number of rows
    size = max(stored, metadata.num_rows * len(names) * CELL)
    refuse_size(file.name, size, max_bytes)
    refuse_ratio(file, size, SUSPICIOUS)
