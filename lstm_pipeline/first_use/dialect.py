"""How a CSV file is written: its encoding, what separates its columns, its decimal mark."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from lstm_pipeline.errors import BadInput
from lstm_pipeline.sources.listing import SourceFile

CHUNK = 2**20
"""Bytes read at a time, and within which the header must end."""
DELIMITERS = ",;\t|"
ROWS_COMPARED = 50
"""Rows by which a delimiter is chosen."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")
"""Could be thousands in groups of three digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What must be known before a CSV file can be read."""

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: Literal[".", ","] = "."


def encoding_of(file: SourceFile) -> str:
    """The encoding in which every byte of a file is text: utf-8, else cp1252, else latin-1, which reads all.

    Raises:
        BadInput: the file is empty, or is no text.
    """
    with file.open() as stream:
        head = stream.read(CHUNK)
    if not head.strip():
        raise BadInput(f"{file.name}: the file is empty; expected a header line and rows below it")
    if head.startswith(UTF_16):
        return "utf-16"
    if b"\0" in head:
        raise BadInput(
            f"{file.name}: holds binary data, whatever its name ends in; expected text in CSV: "
            "export the table as CSV (compressed CSV must end in .csv.gz) or as Parquet"
        )
    return next((name for name in ("utf-8", "cp1252") if _is_text(file, name)), "latin-1")


def delimiter_of(text: str) -> str:
    """The mark that cuts header and rows into equally many cells, and into most; a comma if none does."""
    return max(DELIMITERS, key=lambda mark: _cells_cut(text, mark))


def decimal_of(cells: Sequence[str], delimiter: str, file: str) -> Literal[".", ","]:
    """The decimal mark of the cells of a file.

    Raises:
        BadInput: numbers hold a comma, and it is not clear whether it marks decimals or thousands.
    """
    commas = [cell for cell in cells if COMMA_NUMBER.fullmatch(cell) or GROUPED.fullmatch(cell)]
    if not commas:
        return "."
    if not all(GROUPED.fullmatch(cell) for cell in commas):
        return ","
    written = f'delimiter = "{delimiter}" and decimal = ","'.replace("\t", "\\t")
    raise BadInput(
        f'{file}: "{commas[0]}" may be a whole number with its thousands marked, or one with three decimals; '
        "expected numbers without marks for thousands: remove them from the file, or, if the comma marks "
        f"decimals, write the pipeline file by hand with {written} in [source]"
    )


def rows_of(text: str, delimiter: str) -> list[list[str]]:
    """The rows of a text that are not empty, cells trimmed; where quoting breaks off, the rows before.

    Shapes: rows as long as they are written.
    """
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row])
    except csv.Error:
        return rows
    return rows


def _is_text(file: SourceFile, encoding: str) -> bool:
    """True where every byte of the file can be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with file.open() as stream:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _cells_cut(text: str, delimiter: str) -> int:
    """Cells of the header where nearly all rows have as many and at least two, else 0."""
    first_lines = "".join(islice(io.StringIO(text), ROWS_COMPARED))
    widths = [len(row) for row in rows_of(first_lines, delimiter)]
    if not widths or widths[0] < 2:
        return 0
    alike = sum(width == widths[0] for width in widths)
    return widths[0] if alike >= 0.9 * len(widths) else 0
