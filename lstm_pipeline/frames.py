"""Tables for whoever wants rows: the windows of a stored dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lstm_pipeline import datasets
from lstm_pipeline.errors import BadInput, UsageError
from lstm_pipeline.storage import Store, open_store
from lstm_pipeline.storage.address import above, absolute, is_local
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.index import PARTS


def window_table(
    dataset: str | Path, *, series: str | None = None, part: str | None = None, limit: int | None = None
) -> pa.Table:
    """Actual windows of a stored dataset: unique_id, cutoff, split, context and target (lists, oldest first).

    A value that nobody observed is null.

    Args:
        dataset: Folder or s3:// address of the dataset, as a run names it.
        series: Id of a series. Default: all.
        part: train, validation or test. Default: all.
        limit: How many windows at most. Default: all.

    Raises:
        UsageError: there is no such series or part, or the limit is below 0.
        BadInput: there is no dataset here.
    """
    if limit is not None and limit < 0:
        raise UsageError(f"limit: got {limit}, expected 0 or more windows, or None for all")
    stored = datasets.load(*dataset_place(dataset))
    if series is not None and series not in stored.table.ids:
        few = ", ".join(stored.table.ids[:5])
        raise UsageError(
            f"this dataset has no series {series!r}; it has {len(stored.table.ids)}, among them {few}"
        )
    if part is not None and part not in PARTS:
        raise UsageError(f"got the part {part!r}, expected one of {', '.join(PARTS)}")
    chosen = [name for name in PARTS if part in (None, name)]
    return pa.concat_tables([_windows_of(stored, name, series, limit) for name in chosen]).slice(0, limit)


def dataset_place(dataset: str | Path) -> tuple[Store, str]:
    """The store and the id of a dataset, by its folder as a run names it.

    Raises:
        UsageError: no dataset can be there.
        BadInput: none is.
    """
    address = absolute(dataset)
    folder, identity = above(address)
    root, kind = above(folder)
    if kind != "datasets":
        raise UsageError(
            f"{address}: got no dataset of a run, expected a folder datasets/<id> as `run --json` names it"
        )
    # before the store is opened, which would make the folder
    if is_local(address) and not Path(address).is_dir():
        raise BadInput(f"{address}: there is no dataset here; expected a folder as `run --json` names it")
    return open_store(root), identity


def _windows_of(dataset: Dataset, part: str, series: str | None, limit: int | None) -> pa.Table:
    table, size = dataset.table, dataset.spec.size
    windows = dataset.runs.windows(PARTS.index(part))
    if series is not None:
        windows = windows.where(windows.series == table.ids.index(series))
    windows = windows.where(slice(0, limit))
    cutoff = table.step_of(windows.start, windows.series) + size.input_size - 1
    return pa.table(
        {
            "unique_id": pa.array(table.ids, pa.string()).take(pa.array(windows.series)),
            "cutoff": datasets.stamp_column(table.grid, cutoff),
            "split": pa.array([part] * len(windows), pa.string()),
            "context": _lists(dataset, windows.start, range(size.input_size)),
            "target": _lists(dataset, windows.start, range(size.input_size, size.total)),
        }
    )


def _lists(dataset: Dataset, start: Any, ahead: Sequence[int]) -> pa.Array:
    rows = (start[:, None] + np.asarray(ahead)).ravel()
    values = pa.array(dataset.table.y[rows], mask=~dataset.table.observed[rows])
    return pa.FixedSizeListArray.from_arrays(values, len(ahead))
