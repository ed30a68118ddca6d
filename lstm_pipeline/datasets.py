"""Stored datasets: each series once, the index of windows as runs, the rows set aside, a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import TypeAdapter

from lstm_pipeline.artifacts import Ref, plain
from lstm_pipeline.series.account import RowCounts
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.storage import Store, parquet_bytes, read_parquet, sha256
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.dataset import Dataset, DatasetSpec, Failure, trusted
from lstm_pipeline.windows.index import PARTS, WindowRuns

Ints = NDArray[np.int64]


def key_of(dataset_id: str) -> str:
    """Where a dataset lies in the store."""
    return f"datasets/{dataset_id}"


def save(store: Store, dataset: Dataset, set_aside: pa.Table) -> Ref:
    """Publish a dataset; where it is already there, nothing is written."""
    identity = dataset.id
    parts = {
        "series.parquet": parquet_bytes(series_frame(dataset.table)),
        "windows.parquet": parquet_bytes(windows_frame(dataset)),
        "set_aside.parquet": parquet_bytes(set_aside),
    }
    facts = plain(
        {
            "id": identity,
            "spec": dataset.spec,
            "counts": dataset.counts,
            "failed": dataset.reasons,
            "notes": dataset.notes,
            "lineage": dict(dataset.lineage),
            "series": len(dataset.table.ids),
            "windows": {name: dataset.runs.total(part) for part, name in enumerate(PARTS)},
        }
    )
    published = store.publish(key_of(identity), parts, facts, "dataset")
    return Ref(uri=published.uri, id=identity, reused=published.reused)


def load(store: Store, dataset_id: str) -> Dataset:
    """Read a dataset back; every part is checked against its digest.

    Raises:
        BrokenArtifact: it is not there, altered, or of a newer format.
    """
    key = key_of(dataset_id)
    facts = store.require(key)
    spec = _spec_of(facts["spec"])
    failed = {name: _failure_of(text) for name, text in facts["failed"].items()}
    # the newest trusted step is not stored: it follows from which series were refused
    table = trusted(_table(read_parquet(store.read_part(key, "series.parquet")), spec), failed)
    windows = read_parquet(store.read_part(key, "windows.parquet"))
    return Dataset(
        spec=spec,
        table=table,
        runs=_runs(windows, table, spec),
        counts=TypeAdapter(RowCounts).validate_python(facts["counts"]),
        failed=failed,
        notes=tuple(facts["notes"]),
        lineage=facts["lineage"],
    )


def size_of(store: Store, dataset_id: str) -> tuple[WindowSize, int]:
    """The size of a dataset's windows, and how many train: from its manifest, without its rows."""
    facts = store.require(key_of(dataset_id))
    return _spec_of(facts["spec"]).size, int(facts["windows"]["train"])


def grid_of(store: Store, dataset_id: str) -> Grid:
    """The grid of a dataset: from its manifest, without its rows."""
    spec = _spec_of(store.require(key_of(dataset_id))["spec"])
    return Grid(freq=spec.freq, phase=spec.phase)


def keep_set_aside(store: Store, dataset_id: str, set_aside: pa.Table, lineage: Mapping[str, str]) -> str:
    """Where the rows that a run set aside are kept: with the dataset, or beside it if another run made that.

    The same dataset may arrive again with other faulty rows around it. Returns the key of the folder.
    """
    key, data = key_of(dataset_id), parquet_bytes(set_aside)
    if store.require(key)["parts"]["set_aside.parquet"]["sha256"] == sha256(data):
        return key
    key = f"set_aside/{sha256(data)}"
    store.publish(
        key, {"set_aside.parquet": data}, {"dataset": dataset_id, "lineage": dict(lineage)}, "set_aside"
    )
    return key


def load_set_aside(store: Store, key: str) -> pa.Table:
    """The rows that were set aside: file, row, column, unique_id, ds, value, reason."""
    return read_parquet(store.read_part(key, "set_aside.parquet"))


def series_frame(table: SeriesTable) -> pa.Table:
    """unique_id, ds, y, observed, and known_at and covariates where there are any; by series, then time."""
    columns: dict[str, Any] = {
        "unique_id": _id_column(table.ids, table.series_of_row),
        "ds": stamp_column(table.grid, table.steps),
        "y": pa.array(table.y),
        "observed": pa.array(table.observed),
    }
    if table.known_at is not None:
        columns["known_at"] = pa.array(table.known_at, type=pa.int64()).cast(pa.timestamp("us"))
    columns.update({name: pa.array(values) for name, values in table.covariates.items()})
    return pa.table(columns)


def windows_frame(dataset: Dataset) -> pa.Table:
    """The index as runs: unique_id, start and cutoff of the first window, split, count."""
    table, runs, size = dataset.table, dataset.runs, dataset.spec.size
    step = table.step_of(runs.start, runs.series)
    return pa.table(
        {
            "unique_id": _id_column(table.ids, runs.series),
            "start": stamp_column(table.grid, step),
            "cutoff": stamp_column(table.grid, step + size.input_size - 1),
            "split": pa.DictionaryArray.from_arrays(pa.array(runs.part), pa.array(PARTS)),
            "count": pa.array(runs.count),
        }
    )


def stamp_column(grid: Grid, steps: Ints) -> pa.Array:
    """Steps of the grid as a column of timestamps, or of integers where steps are counted."""
    column = pa.array(grid.stamp(steps), type=pa.int64())
    return column.cast(pa.timestamp("us")) if grid.timed else column


def _id_column(ids: tuple[str, ...], index: Ints) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(ids, type=pa.string()))


def _table(frame: pa.Table, spec: DatasetSpec) -> SeriesTable:
    grid = Grid(freq=spec.freq, phase=spec.phase)
    frame = frame.combine_chunks()
    ids, codes = _decoded(frame["unique_id"])
    heads = np.flatnonzero(np.concatenate([[True], np.diff(codes) != 0]))
    stamps = frame["ds"].cast(pa.int64()).to_numpy()
    first, _ = grid.step(stamps[heads])
    known = {"unique_id", "ds", "y", "observed", "known_at"}
    return SeriesTable(
        grid=grid,
        ids=tuple(ids[code] for code in codes[heads]),
        offsets=np.concatenate([heads, [len(codes)]]).astype(np.int64),
        first=first,
        y=frame["y"].to_numpy(),
        observed=frame["observed"].to_numpy(),
        known_at=frame["known_at"].cast(pa.int64()).to_numpy() if "known_at" in frame.column_names else None,
        covariates={name: frame[name].to_numpy() for name in frame.column_names if name not in known},
    )


def _spec_of(stored: Mapping[str, Any]) -> DatasetSpec:
    # 0.1.0 wrote policy and method as one text: "fill seasonal"
    missing, _, method = str(stored["missing"]).partition(" ")
    given = {"fill": method or None, **stored, "missing": missing}
    return TypeAdapter(DatasetSpec).validate_python(given)


def _failure_of(text: str) -> Failure:
    kind, _, sentence = text.partition(": ")
    # 0.1.0 wrote "too_large or too small"
    kind = kind.partition(" ")[0]
    return TypeAdapter(Failure).validate_python({"kind": kind, "sentence": sentence})


def _decoded(column: pa.ChunkedArray) -> tuple[list[str], Any]:
    """The distinct texts of a dictionary column, and the code of each row."""
    # row groups may bring dictionaries of their own, in which equal texts have different codes
    whole = column.cast(pa.string()).dictionary_encode().combine_chunks()
    return whole.dictionary.to_pylist(), whole.indices.to_numpy()


def _runs(frame: pa.Table, table: SeriesTable, spec: DatasetSpec) -> WindowRuns:
    place = {name: at for at, name in enumerate(table.ids)}
    ids, codes = _decoded(frame["unique_id"])
    series = (
        np.array([place[name] for name in ids], dtype=np.int64)[codes] if len(ids) else np.zeros(0, np.int64)
    )
    step, _ = table.grid.step(frame["start"].cast(pa.int64()).to_numpy())
    names, part = _decoded(frame["split"])
    part_of = np.array([PARTS.index(name) for name in names] or [0], dtype=np.int8)
    return WindowRuns(
        start=table.offsets[series] + step - table.first[series],
        series=series,
        part=part_of[part] if len(names) else np.zeros(0, np.int8),
        count=frame["count"].to_numpy(),
        stride=spec.size.stride,
    )
