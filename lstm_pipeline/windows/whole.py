"""A dataset whose every window trains, to the end of its data, once the recipe has been judged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lstm_pipeline.windows.dataset import Dataset, boundaries
from lstm_pipeline.windows.index import COMPLETENESS, index_by_time


def whole(dataset: Dataset) -> Dataset:
    """The same series with nothing held out; series that are not trained stay so."""
    spec = replace(dataset.spec, validation=0, test=0)
    need = COMPLETENESS[spec.missing]
    runs = index_by_time(dataset.table, spec.size, boundaries(dataset.table, spec), need)
    trained = np.array([name not in dataset.failed for name in dataset.table.ids], dtype=bool)
    return replace(dataset, spec=spec, runs=runs.among(trained))
