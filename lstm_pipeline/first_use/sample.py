"""A bounded look at the files of a source: cells from beginning, middle and end of the first one."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use.column import Column
from lstm_pipeline.first_use.decimals import decimal_of
from lstm_pipeline.first_use.dialect import (
    BYTES_AT_ONCE,
    Dialect,
    delimiter_of,
    encoding_of,
    refuse_preamble,
    rows_of,
)
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.guard import refuse_too_big
from lstm_pipeline.sources.listing import SourceFile, find_files

ROWS = 2000
"""Rows of each part of the file that is looked at."""
CELLS = 400_000
"""Cells of each part at most, in files of many columns."""

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a look at the files showed."""

    files: tuple[SourceFile, ...]
    dialect: Dialect
    columns: tuple[Column, ...]
    """Of the first file."""
    rows: int
    """How many rows were looked at."""


def look_at(path: str) -> Sample:
    """Look at the file, folder or glob that a path names.

    Raises:
        BadInput: there is no data file, the first one is empty, binary, damaged or without a header, or the
            files do not have the same columns.
    """
    files = find_files(path)
    first = files[0]
    names, parts, dialect = _parquet(first) if _is_parquet(first) else _csv(first)
    _refuse_headless(names, first)
    _refuse_different(files, names, dialect)
    rows = [row for part in parts for row in part]
    if not rows:
        raise BadInput(f"{first.name}: there is a header but no row below it; expected at least one")
    columns = tuple(
        Column.of(name, [row[place] for row in rows], dialect.decimal) for place, name in enumerate(names)
    )
    return Sample(
        files=files,
        dialect=dialect,
        columns=columns,
        rows=len(rows),
    )


def _csv(file: SourceFile) -> tuple[list[str], Sequence[Rows], Dialect]:
    """Header, rows by part of the file, and dialect."""
    # by the usual limit: there is no pipeline file yet that could raise it
    refuse_too_big(file, FilesSource(path=file.name).max_bytes)
    encoding = encoding_of(file)
    texts = _texts(file, encoding)
    refuse_preamble(texts[0], file.name)
    delimiter = delimiter_of(texts[0])
    rows = rows_of(texts[0], delimiter)
    if not rows:
        raise BadInput(
            f"{file.name}: the header cannot be read; expected the names of the columns in the first line: "
            "close the quotation mark that is left open in it"
        )
    header, *first = rows
    names = [cell or f"column {place}" for place, cell in enumerate(header, start=1)]
    most = max(1, min(ROWS, CELLS // len(names)))
    parts = [first, *(rows_of(text, delimiter) for text in texts[1:])] if texts[1:] else _spread(first, most)
    # a part that begins within a quoted cell yields rows of another width
    kept = [list(islice((row for row in part if len(row) == len(names)), most)) for part in parts]
    dialect = Dialect(encoding=encoding, delimiter=delimiter)
    return names, kept, replace(dialect, decimal=decimal_of(texts[0], dialect, file.name, most))


def _spread(rows: Rows, most: int) -> list[Rows]:
    """Beginning, middle and end of rows, each of at most so many; all of them where they are few."""
    if len(rows) <= 3 * most:
        return [rows[:most], rows[most : 2 * most], rows[2 * most :]]
    middle = len(rows) // 2
    return [rows[:most], rows[middle : middle + most], rows[-most:]]


def _texts(file: SourceFile, encoding: str) -> list[str]:
    """The beginning of a file; where it is large and can be read from anywhere, its middle and end too."""
    with file.open() as stream:
        head = stream.read(BYTES_AT_ONCE)
        more = bool(stream.read(1))
    # incremental: the head may end within a letter
    text = codecs.getincrementaldecoder(encoding)().decode(head).removeprefix("\ufeff")
    texts = [text.rpartition("\n")[0] if more and "\n" in text else text]
    # gzip cannot be entered in the middle, and a part of UTF-16 may begin within a letter
    if more and not file.name.endswith(".gz") and encoding != "utf-16":
        with file.filesystem.open_input_file(file.path) as stored:
            for begin in (
                max(BYTES_AT_ONCE, file.size // 2),
                max(BYTES_AT_ONCE + BYTES_AT_ONCE // 2, file.size - BYTES_AT_ONCE // 2),
            ):
                stored.seek(min(begin, file.size))
                lines = stored.read(BYTES_AT_ONCE // 2).decode(encoding, "replace").split("\n")
                # the first line and the last are cut, and so may be their letters
                texts.append("\n".join(lines[1:-1]))
    return texts


def _is_parquet(file: SourceFile) -> bool:
    return file.name.endswith(".parquet")


def _parquet(file: SourceFile) -> tuple[list[str], Sequence[Rows], Dialect]:
    """Names, rows of the first and the last row group, and a dialect that does not matter."""
    try:
        with file.filesystem.open_input_file(file.path) as stream:
            opened = pq.ParquetFile(stream)
            names = opened.schema_arrow.names
            groups = sorted({0, opened.num_row_groups - 1} if opened.num_row_groups else set[int]())
            most = max(1, min(ROWS, CELLS // max(1, len(names))))
            firsts = [
                next(opened.iter_batches(batch_size=most, row_groups=[group], use_threads=False), None)
                for group in groups
            ]
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{file.name}: no whole Parquet file ({error}); write or copy it again") from error
    return names, [_cells(batch) for batch in firsts if batch is not None], Dialect()


def _cells(batch: pa.RecordBatch) -> Rows:
    """The cells of a batch as text; those that have none, such as lists, as empty text."""
    columns: list[list[str]] = []
    for column in batch.columns:
        try:
            texts = column.cast(pa.string()).to_pylist()
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            texts = [None] * len(column)
        columns.append([(text or "").strip() for text in texts])
    return list(zip(*columns, strict=True))


def _refuse_headless(names: Sequence[str], file: SourceFile) -> None:
    """Refuse a file whose first line is data.

    Raises:
        BadInput: every cell of the header is a number or a time.
    """
    if all(Column.of(name, [name], ".").kind in ("number", "time") for name in names):
        shown = ", ".join(names[:5])
        raise BadInput(
            f"{file.name}: the first line ({shown}) is already data; expected the names of the columns: "
            "add such a line on top, for example: time,value"
        )


def _refuse_different(files: Sequence[SourceFile], names: Sequence[str], dialect: Dialect) -> None:
    """Refuse files that do not belong together.

    Raises:
        BadInput: some have other columns than the first; they are listed.
    """
    faults: list[str] = []
    for file in files[1:]:
        found = _header(file, dialect)
        if found != list(names):
            faults.append(f"{file.name}: {', '.join(found[:8])}{', …' if len(found) > 8 else ''}")
    if faults:
        expected = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        raise BadInput(
            f"{files[0].name} has the columns {expected}; {len(faults)} of the other files have others; one "
            "pipeline reads files of one form: name one file, or a glob of those that belong together",
            faults,
        )


def _header(file: SourceFile, dialect: Dialect) -> list[str]:
    """The names of the columns of one more file."""
    if _is_parquet(file):
        return _parquet(file)[0]
    with file.open() as stream:
        text = stream.read(BYTES_AT_ONCE).decode(dialect.encoding, "replace").removeprefix("\ufeff")
    rows = rows_of(text.partition("\n")[0], dialect.delimiter)
    return [cell or f"column {place}" for place, cell in enumerate(rows[0], start=1)] if rows else []
