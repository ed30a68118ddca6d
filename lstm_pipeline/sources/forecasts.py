"""Forecasts that some library's cross-validation left in a Parquet or CSV file, and the past of series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq

from lstm_pipeline.errors import BadInput, UsageError
from lstm_pipeline.versus.forecasts import Floats, Forecasts, Ints
from lstm_pipeline.versus.origins import variances

KNOWN = ("unique_id", "ds", "cutoff", "y", "data_end")
INTERVALS = ("-lo-", "-hi-")
"""What the columns of an interval's bounds have in their names."""
NAMELESS = "series"
"""The id of the one series of a frame without unique_id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One file of forecasts, read but not understood yet."""

    source: str
    table: pa.Table

    @property
    def models(self) -> tuple[str, ...]:
        """Columns of numbers that are neither a known one nor a bound of an interval."""
        return tuple(
            field.name
            for field in self.table.schema
            if field.name not in KNOWN
            and not field.name.startswith(("__index", "Unnamed: "))
            and not any(part in field.name for part in INTERVALS)
            and _is_number(field.type)
        )


def read_frame(path: str, needed: Sequence[str] = ("ds", "cutoff", "y")) -> Frame:
    """Read a Parquet or CSV file.

    Raises:
        BadInput: there is none, it is damaged or of another kind, or a needed column is missing.
    """
    frame = Frame(source=path, table=_table(path))
    _refuse_missing(frame, needed)
    return frame


def model_of(frame: Frame, wanted: str | None, baseline: str | None) -> str:
    """The column that holds the forecasts: the wanted one, else the only one beside the baseline's.

    Raises:
        UsageError: it is not there, or nobody said which one it is.
    """
    there = ", ".join(frame.models) or "none"
    if wanted is not None:
        if wanted not in frame.models:
            raise UsageError(
                f"--model {wanted}: {frame.source} has no such column of numbers; there is {there}"
            )
        return wanted
    left = [name for name in frame.models if name != baseline]
    if len(left) != 1:
        what = "which column holds the forecasts? Name it with --model"
        raise UsageError(f"{frame.source}: {what}; columns of numbers: {there}")
    return left[0]


def forecasts_of(frame: Frame, model: str, data_end: str | None = None) -> Forecasts:
    """The forecasts of one column; `data_end`: a time or step as text, where the frame has no such column.

    Raises:
        BadInput: a column is missing, or of another kind than it should be.
    """
    table, source = frame.table, frame.source
    ds, dated = _times(frame, "ds")
    cutoff, also_dated = _times(frame, "cutoff")
    if dated != also_dated:
        raise BadInput(f"{source}: ds and cutoff count time in different ways; write both alike")
    ids, series = _series(frame)
    has_truth = "y" in table.column_names
    return Forecasts(
        source=source,
        model=model,
        dated=dated,
        ids=ids,
        series=series,
        ds=ds,
        cutoff=cutoff,
        y=_floats(frame, "y") if has_truth else np.full(len(ds), np.nan),
        forecast=_floats(frame, model),
        data_end=_data_end(frame, data_end, dated, len(ds)),
    )


def past_variances(path: str, before: int) -> Mapping[str, float]:
    """The variance of each series over its past, up to and with the step `before`.

    Raises:
        BadInput: the file cannot be read, or lacks a column.
    """
    frame = read_frame(path, ("ds", "y"))
    ds, _ = _times(frame, "ds")
    y, (ids, series) = _floats(frame, "y"), _series(frame)
    past = (ds <= before) & np.isfinite(y)
    found = variances(series[past], ds[past], y[past], len(ids))
    return {name: float(value) for name, value in zip(ids, found, strict=True)}


def _table(path: str) -> pa.Table:
    """What the file holds.

    Raises:
        BadInput: there is none, or it is damaged, or of another kind.
    """
    name = path.lower()
    try:
        if name.endswith((".parquet", ".pq")):
            return pq.read_table(path)
        if name.endswith((".csv", ".csv.gz")):
            return pv.read_csv(path)
    except FileNotFoundError as error:
        raise BadInput(f"{path}: there is no such file; check the path") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{path}: cannot be read ({_first_line(error)}); write or copy it again") from error
    kinds = ".parquet, .csv or .csv.gz"
    if Path(path).exists():
        raise BadInput(f"{path}: expected a file that ends in {kinds}; write the frame as one of these")
    raise BadInput(f"{path}: there is no such file; check the path, which ends in {kinds}")


def _refuse_missing(frame: Frame, wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in frame.table.column_names]
    if missing:
        there = ", ".join(frame.table.column_names)
        raise BadInput(
            f"{frame.source}: no column {' and no column '.join(missing)}; expected unique_id, ds, cutoff, y "
            f"and the model's, as a cross-validation has them, and there is {there}"
        )


def _series(frame: Frame) -> tuple[tuple[str, ...], Ints]:
    """Each id once, and the place of each row's among them; one series where there is no column."""
    if "unique_id" not in frame.table.column_names:
        return (NAMELESS,), np.zeros(frame.table.num_rows, np.int64)
    column = frame.table.column("unique_id")
    if column.null_count:
        raise BadInput(f"{frame.source}: {column.null_count:,} rows have no unique_id; fill or drop them")
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    coded = column.unify_dictionaries().combine_chunks()
    names = pc.cast(coded.dictionary, pa.string()).to_pylist()
    return tuple(names), coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _times(frame: Frame, name: str) -> tuple[Ints, bool]:
    """A column of times in nanoseconds, or of counted steps, and which of the two it is.

    Raises:
        BadInput: it is neither, or a cell is empty.
    """
    column = frame.table.column(name)
    if column.null_count:
        raise BadInput(f"{frame.source}: {column.null_count:,} rows have no {name}; fill or drop them")
    if pa.types.is_integer(column.type):
        return column.to_numpy().astype(np.int64), False
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        moments = pc.cast(column, pa.timestamp("ns", tz=getattr(column.type, "tz", None)))
        return pc.cast(moments, pa.int64()).to_numpy(), True
    kind = column.type
    raise BadInput(
        f"{frame.source}: column {name} is {kind}; expected whole numbers, or times such as "
        "2024-05-01 13:00:00"
    )


def _floats(frame: Frame, name: str) -> Floats:
    """A column of numbers; NaN where a cell is empty.

    Raises:
        BadInput: it holds something else.
    """
    column = frame.table.column(name)
    # a column without any value has no kind
    if not (_is_number(column.type) or pa.types.is_null(column.type)):
        raise BadInput(f"{frame.source}: column {name} is {column.type}; expected numbers")
    return pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)


def _is_number(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null)
    return any(test(kind) for test in tests)


def _data_end(frame: Frame, given: str | None, dated: bool, rows: int) -> Ints | None:
    """The newest step that the model has learnt from, by row.

    Raises:
        UsageError: the given one cannot be read.
        BadInput: the column counts time in another way than ds.
    """
    if given is not None:
        return np.full(rows, _moment(given, dated), np.int64)
    if "data_end" not in frame.table.column_names:
        return None
    ends, as_times = _times(frame, "data_end")
    if as_times != dated:
        raise BadInput(f"{frame.source}: data_end and ds count time in different ways; write both alike")
    return ends


def _moment(text: str, dated: bool) -> int:
    try:
        if not dated:
            return int(text)
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        wanted = "an ISO time such as 2024-05-01T13:00, as ds is" if dated else "a whole number, as ds is"
        raise UsageError(f"data_end: got {text!r}, expected {wanted}") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return int(aware.timestamp() * 1_000_000) * 1000


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
