"""How a CSV file is written: its encoding, what separates its columns, its decimal mark."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use.toml import printable
from lstm_pipeline.sources.listing import SourceFile

BYTES_AT_ONCE = 2**20
"""Bytes read at a time, and within which the header must end."""
DELIMITERS = ",;\t|"
ROWS_COMPARED = 50
"""Rows by which a delimiter is chosen."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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
        head = stream.read(BYTES_AT_ONCE)
    if not head.strip():
        raise BadInput(f"{file.name}: the file is empty; expected a header line and rows below it")
    # before zeros are taken for binary data: UTF-16 is full of them
    if head.startswith(UTF_16):
        return "utf-16"
    if b"\0" in head:
        raise BadInput(
            f"{file.name}: holds binary data, whatever its name ends in; expected text in CSV: "
            "export the table as CSV (compressed CSV must end in .csv.gz) or as Parquet"
        )
    return next((name for name in ("utf-8", "cp1252") if _is_text(file, name)), "latin-1")


def refuse_preamble(text: str, file: str) -> None:
    """Refuse comments above the header. A header that begins with # itself has the cells of the row below it.

    Raises:
        BadInput: lines at the top begin with # and are no header.
    """
    lines = text.splitlines()
    above = next((place for place, line in enumerate(lines) if line.strip()[:1] not in ("#", "")), len(lines))
    comments = [place for place, line in enumerate(lines[:above], start=1) if line.strip()]
    if not comments or (len(comments) == 1 and _is_header(lines[comments[0] - 1], lines[above : above + 2])):
        return
    first, last = comments[0], comments[-1]
    which = f"line {first} is a comment" if first == last else f"lines {first} to {last} are comments"
    raise BadInput(
        f'{file}: {which}, beginning with "{printable(lines[first - 1][:30])}"; expected the names of the '
        f"columns in the first line: delete {'it' if first == last else 'them'} and try again"
    )


def delimiter_of(text: str) -> str:
    """The mark that cuts header and rows into equally many cells, and into most; a comma if none does."""
    return max(DELIMITERS, key=lambda mark: _cells_cut(text, mark))


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


def _is_header(line: str, below: list[str]) -> bool:
    """True where a line that begins with # has as many cells as those below it, and these have numbers."""
    mark = delimiter_of("\n".join([line, *below]))
    widths = {len(row) for row in rows_of("\n".join([line, *below]), mark)}
    cells = rows_of("\n".join(below), mark)[:1]
    return len(widths) == 1 and any(cell[:1].isdigit() for row in cells for cell in row)


def _is_text(file: SourceFile, encoding: str) -> bool:
    """True where every byte of the file can be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with file.open() as stream:
            while chunk := stream.read(BYTES_AT_ONCE):
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
