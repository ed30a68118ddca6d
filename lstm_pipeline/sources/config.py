"""The part of a pipeline file that says where the series come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge

UNUSED = {"long": ("values",), "wide": ("id", "value"), "rows": ("time", "value", "values", "known_at")}
"""Settings that say nothing in a layout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSource:
    """[source] kind = "files": CSV, gzipped CSV or Parquet, local or s3://."""

    kind: Literal["files"] = "files"
    path: str = ""
    """A file, a glob or a folder; relative to the pipeline file."""
    layout: Literal["long", "wide", "rows"] = "long"
    """long: id, time, value; wide: every other column is a series; rows: one series per row, id first."""
    time: str | tuple[str, ...] | None = None
    """The column of times, or columns that together give it (year, month, day, hour). Default: ds, where
    there is one; else rows count steps."""
    id: str | None = None
    """The column of series ids. Default: unique_id, else the file's stem is the id; rows: the first."""
    value: str | None = None
    """long: the column of values. Default: y, else the only numeric column."""
    values: tuple[str, ...] | None = None
    """wide: the columns that are series. Default: every column but the time."""
    known_at: str | None = None
    """A column that says when each row became known."""
    timezone: str | None = None
    """The zone of times without an offset; where set, ds is naive UTC. Default: the file's own clock, taken
    for that of this machine; where times carry an offset, or are Unix times, ds is UTC. Days or longer steps
    of Parquet files and frames with a zone stay on its clock."""
    time_format: str | None = None
    """strptime format of the times, where they are ambiguous ("%d/%m/%Y")."""
    encoding: str = "utf-8"
    """Encoding of CSV files."""
    delimiter: str = ","
    """Column separator of CSV files."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of CSV files."""
    max_bytes: Annotated[int, Ge(1)] = 4 * 2**30
    """Bytes, after decompression, above which a file is refused."""

    def __post_init__(self) -> None:
        """Refuse a source that names no file, or says what its layout has no place for.

        Raises:
            ValueError: it does.
        """
        if not self.path:
            raise ValueError('path is missing; name a file, a glob or a folder, e.g. path = "data.csv"')
        unused = [name for name in UNUSED[self.layout] if getattr(self, name) is not None]
        if unused:
            raise ValueError(f'layout = "{self.layout}" has no use for {", ".join(unused)}; leave it out')


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSource:
    """[source] kind = "generator": seeded series, for demos and tests."""

    kind: Literal["generator"] = "generator"
    process: Literal["sine", "ar", "seasonal"] = "sine"
    """sine: the tutorial's; ar: autoregressive noise; seasonal: trend + season + noise."""
    length: Annotated[int, Ge(2)] = 1000
    """Steps of each series."""
    series: Annotated[int, Ge(1)] = 1
    """How many series."""
    seed: Annotated[int, Ge(0)] = 0
    """Seed of the noise and of what differs between series."""
    stop: float = 1000.0
    """sine: x runs evenly from 0 to here, both included."""
    phi: float = 0.9
    """ar: how much of a value carries over to the next."""
    noise: Annotated[float, Ge(0)] = 1.0
    """Standard deviation of the noise of ar and seasonal."""
    period: Annotated[int, Ge(2)] = 24
    """seasonal: steps of one season."""
    trend: float = 0.0
    """seasonal: rise per step."""
    amplitude: Annotated[float, Ge(0)] = 5.0
    """seasonal: half the height of the season."""
    start: str | None = None
    """First timestamp; with series.freq it makes timestamps. Default: steps are counted."""


Source = FilesSource | GeneratorSource
