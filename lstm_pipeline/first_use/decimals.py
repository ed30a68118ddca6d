"""Whether a point or a comma marks the decimals of a file; numbers with marks of thousands are refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lstm_pipeline.errors import BadInput
from lstm_pipeline.first_use.dialect import Dialect
from lstm_pipeline.first_use.remedy import without_thousands

COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")
"""Could be thousands in groups of three digits."""
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:\.\d{3})+,\d+)")
"""Can only be thousands in groups of three digits, with decimals behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """A number with a comma, and where it stands."""

    text: str
    line: int
    column: str


def decimal_of(text: str, dialect: Dialect, file: str, rows: int) -> Literal[".", ","]:
    """The decimal mark of the first `rows` rows of a file, by its cells that are numbers with a comma.

    Raises:
        BadInput: numbers have their thousands marked, or it is not clear what a comma marks.
    """
    commas = list(_numbers_with_comma(text, dialect.delimiter, rows))
    marked = next((cell for cell in commas if THOUSANDS.fullmatch(cell.text)), None)
    if marked is not None:
        raise BadInput(_thousands_marked(marked, dialect, file))
    if not commas:
        return "."
    if not all(GROUPED.fullmatch(cell.text) for cell in commas):
        return ","
    raise BadInput(_unclear(commas[0], dialect, file))


def _numbers_with_comma(text: str, delimiter: str, rows: int) -> Iterator[_Cell]:
    """The cells of the first rows that are numbers with a comma; where quoting breaks off, those before."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next((row for row in reader if any(cell.strip() for cell in row)), [])
        for number, row in enumerate(reader):
            if number == rows:
                return
            for name, cell in zip(header, row, strict=False):
                bare = cell.strip()
                if "," in bare and any(p.fullmatch(bare) for p in (COMMA_NUMBER, GROUPED, THOUSANDS)):
                    yield _Cell(text=bare, line=reader.line_num, column=name.strip())
    except csv.Error:
        return


def _thousands_marked(cell: _Cell, dialect: Dialect, file: str) -> str:
    mark = "," if cell.text.rfind(",") < cell.text.rfind(".") else "."
    return (
        f'{file}: line {cell.line}, column "{cell.column}": got "{cell.text}", in which "{mark}" marks '
        "thousands; expected numbers without such marks: remove them, for example with "
        f"{without_thousands(mark, file, dialect)}"
    )


def _unclear(cell: _Cell, dialect: Dialect, file: str) -> str:
    written = f'delimiter = "{dialect.delimiter}" and decimal = ","'.replace("\t", "\\t")
    return (
        f'{file}: line {cell.line}, column "{cell.column}": "{cell.text}" may be a whole number with its '
        "thousands marked, or one with three decimals; expected numbers without such marks: remove them, for "
        f"example with {without_thousands(',', file, dialect)}; or, if the comma marks decimals, write the "
        f"pipeline file by hand with {written} in [source]"
    )
