"""From when to when each part of a split reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.report.content import Part
from lstm_pipeline.windows.dataset import Dataset
from lstm_pipeline.windows.index import TEST, TRAIN, VALIDATION
from lstm_pipeline.windows.split import spans_of

Ints = NDArray[np.int64]


def parts_of(dataset: Dataset) -> tuple[Part, ...]:
    """Training, validation and test with their reach, over all series; a random split has none."""
    kinds = (("training", TRAIN), ("validation", VALIDATION), ("test", TEST))
    windows = {name: dataset.runs.total(kind) for name, kind in kinds}
    if dataset.spec.split == "random" or not dataset.table.ids:
        return tuple(Part(name=name, reach=None, windows=many) for name, many in windows.items())
    spans = spans_of(dataset.table, dataset.spec.validation, dataset.spec.test)
    ends = {
        "training": (dataset.table.first, spans.validation),
        "validation": (spans.validation, spans.test),
        "test": (spans.test, spans.end),
    }
    return tuple(
        Part(name=name, reach=_reach(dataset, *ends[name]), windows=many) for name, many in windows.items()
    )


def _reach(dataset: Dataset, begin: Ints, end: Ints) -> tuple[str, str] | None:
    """First and last stamp of any series; None where the part is empty in all of them."""
    begin, end = np.maximum(begin, dataset.table.first), np.minimum(end, dataset.table.last + 1)
    filled = begin < end
    if not filled.any():
        return None
    grid = dataset.table.grid
    first, last = grid.stamp(np.array([begin[filled].min(), end[filled].max() - 1]))
    return grid.label(int(first)), grid.label(int(last))
