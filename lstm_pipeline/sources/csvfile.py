"""CSV files: header, rows and the place of everything that is wrong with them."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from lstm_pipeline.errors import BadConfig, BadInput
from lstm_pipeline.sources.columns import roles_of
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.guard import refuse_too_big
from lstm_pipeline.sources.listing import SourceFile
from lstm_pipeline.sources.numbers import is_empty
from lstm_pipeline.sources.sheet import Roles, Sheet

HEAD = 2**20
"""Bytes within which the header must end."""
BLOCK = 16 * 2**20
"""Bytes parsed at a time: no line may be longer."""
SAMPLE = 50
"""Rows by which columns are taken for numbers or text."""
TEXT_CODED = pa.dictionary(pa.int32(), pa.string())
"""Ids and times repeat: each different text is kept once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The names of the columns and where the data begin."""

    names: tuple[str, ...]
    lines: int
    """Lines of the file up to and with the header."""
    sample: tuple[tuple[str, ...], ...]
    """The cells of the first rows."""

    @property
    def schema(self) -> pa.Schema:
        """The names, each as number or text by the first rows."""
        kinds = [pa.float64() if self._numeric(place) else pa.string() for place in range(len(self.names))]
        return pa.schema(zip(self.names, kinds, strict=True))

    def _numeric(self, place: int) -> bool:
        cells = [row[place] for row in self.sample if len(row) > place and row[place].strip()]
        return bool(cells) and sum(map(_is_number, cells)) > len(cells) / 2


def read_csv(file: SourceFile, source: FilesSource) -> Sheet:
    """Read the columns that are needed, as text.

    Raises:
        BadInput: too big, not in the encoding, no header, a column missing or twice, ragged lines.
        BadConfig: no such encoding.
    """
    refuse_too_big(file, source.max_bytes)
    header = _header(file, source)
    roles = roles_of(header.schema, source, file.name)
    table, breaks = _parse(file, source, header, roles)
    lines = np.arange(table.num_rows, dtype=np.int64) + header.lines + 1
    # only where some cell holds a line break: the whole file is then read a second time
    if breaks > header.lines + table.num_rows:
        lines = _first_lines(file, source, header)
    # where one column is read, an empty line is an empty cell of it
    if len(roles.all) > 1:
        filled = ~_empty_lines(table)
        if not filled.all():
            table, lines = table.filter(pa.array(filled)), lines[filled]
    return Sheet(name=file.name, stem=file.stem, roles=roles, table=table, lines=lines)


def _header(file: SourceFile, source: FilesSource) -> Header:
    """The first line that is not empty.

    Raises:
        BadInput: there is none, a name stands there twice, or no row follows.
    """
    text = _first_text(file, source.encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter)
    try:
        cells = next((row for row in reader if any(cell.strip() for cell in row)), None)
        lines = reader.line_num
        sample = tuple(tuple(row) for row in islice(reader, SAMPLE))
    except csv.Error as error:
        raise BadInput(
            f"{file.name}: cannot be parsed as CSV near line {reader.line_num} ({error}); "
            "close the quotation mark that is left open before it"
        ) from error
    if cells is None:
        raise BadInput(f"{file.name}: the file is empty; expected a header line and rows below it")
    names = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, start=1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(
            f"{file.name}: line {lines} has columns of the same name; rename them, each name may stand once",
            [f'"{name}" stands there {names.count(name)} times' for name in twice],
        )
    if not any(any(row) for row in sample) and len(text) < HEAD:
        raise BadInput(f"{file.name}: there is a header but no row below it; expected at least one")
    return Header(names=tuple(names), lines=lines, sample=sample)


def _first_text(file: SourceFile, encoding: str) -> str:
    """The beginning of the file as text, without its byte order mark.

    Raises:
        BadInput: it is not in the encoding; BadConfig: no such encoding.
    """
    with file.open() as stream:
        head = stream.read(HEAD)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and "16" not in encoding:
        raise BadInput(f'{file.name}: begins as UTF-16 text does; set encoding = "utf-16" in [source]')
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head).removeprefix("\ufeff")
    except LookupError as error:
        raise BadConfig(f'encoding = "{encoding}" is unknown; write e.g. "utf-8" or "latin-1"') from error
    except UnicodeDecodeError as error:
        raise _wrong_encoding(file, encoding) from error


class _Counted(io.BufferedReader):
    """A stream that counts the line breaks that pass through it."""

    breaks = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Bytes, as any stream gives them."""
        data = super().read(size)
        self.breaks += data.count(b"\n")
        return data


def _first_lines(file: SourceFile, source: FilesSource, header: Header) -> NDArray[np.int64]:
    """The line on which each row begins: a quoted cell may hold line breaks. Shapes: -> (T,)."""
    usual = csv.field_size_limit(BLOCK)  # the parser that read these rows allows cells above 128 KiB
    try:
        with file.open() as stream:
            text = io.TextIOWrapper(io.BufferedReader(stream), source.encoding, newline="")
            reader = csv.reader(text, delimiter=source.delimiter)
            last = np.fromiter((reader.line_num for _ in reader), np.int64)
    finally:
        csv.field_size_limit(usual)
    last = last[last >= header.lines]
    return last[:-1] + 1


def _parse(file: SourceFile, source: FilesSource, header: Header, roles: Roles) -> tuple[pa.Table, int]:
    """The rows below the header, cells as text, and the line breaks of the file.

    Raises:
        BadInput: ragged lines, or bytes that are not of the encoding.
    """
    ragged: list[str] = []

    def note(row: pacsv.InvalidRow) -> Literal["skip"]:
        # noted, where arrow would stop at the first
        ragged.append(f"line {row.number}: {row.actual_columns} cells, expected {row.expected_columns}")
        return "skip"

    # empty lines are kept until all are numbered: without them every line below would be told wrongly
    cells = pacsv.ParseOptions(delimiter=source.delimiter, ignore_empty_lines=False, invalid_row_handler=note)
    try:
        with file.open() as stream:
            counted: Any = _Counted(stream)
            table = pacsv.read_csv(counted, _lines(header, source.encoding), cells, _columns(roles))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError) or "invalid UTF8" in str(error):
            raise _wrong_encoding(file, source.encoding) from error
        raise BadInput(f"{file.name}: cannot be parsed as CSV: {error}; correct the file") from error
    if ragged:
        raise BadInput(
            f"{file.name}: lines that do not have the header's {len(header.names)} cells: {len(ragged)}; "
            "correct them, or set delimiter if columns are separated otherwise",
            ragged,
        )
    return table, counted.breaks


def _lines(header: Header, encoding: str) -> pacsv.ReadOptions:
    """How lines are read; in one thread, as only then they are counted."""
    return pacsv.ReadOptions(
        use_threads=False,
        block_size=BLOCK,
        skip_rows=header.lines,
        column_names=list(header.names),
        encoding=encoding,
    )


def _columns(roles: Roles) -> pacsv.ConvertOptions:
    """Which columns are read, all as text."""
    # numbers as text too: arrow would refuse the whole file for one cell that is none
    types = {name: TEXT_CODED if name in roles.keys else pa.string() for name in roles.all}
    return pacsv.ConvertOptions(
        column_types=types, include_columns=list(roles.all), strings_can_be_null=False
    )


def _empty_lines(table: pa.Table) -> NDArray[np.bool_]:
    """True where every cell is empty: such lines only separate. Shapes: -> (T,)."""
    empty = np.ones(table.num_rows, bool)
    for column in table.columns:
        if empty.any():
            empty &= is_empty(column)
    return empty


def _wrong_encoding(file: SourceFile, encoding: str) -> BadInput:
    """Where a file stops being text of its encoding."""
    # arrow says that a byte is wrong, but not where
    before = 0
    with file.open() as stream:
        for number, line in enumerate(io.BufferedReader(stream), start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                return BadInput(
                    f"{file.name}: line {number}, byte {before + error.start + 1} of the file is "
                    f"0x{line[error.start]:02X}, which is no {encoding} text; set the file's own encoding "
                    'in [source], often encoding = "latin-1" (or "cp1252")'
                )
            before += len(line)
    return BadInput(
        f'{file.name}: is no {encoding} text; set encoding in [source], e.g. encoding = "latin-1"'
    )


def _is_number(text: str) -> bool:
    """True for what Python reads as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
