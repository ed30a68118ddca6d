"""Where a step was observed last: at the step itself, or at the same place of an earlier season."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.series.table import SeriesTable


def newest_observed(table: SeriesTable, season: int) -> NDArray[np.int64]:
    """For each row the newest observed one a whole number of seasons before it, itself among them: (R,).

    -1 where there is none. With a season of one step: the newest observed row so far.
    """
    series = table.series_of_row
    phase = (table.steps - table.first[series]) % season
    # stable: within a phase the rows stay in order of time
    order = np.lexsort((phase, series))
    same = np.zeros(len(order), bool)
    same[1:] = (np.diff(series[order]) == 0) & (np.diff(phase[order]) == 0)
    places = np.arange(len(order))
    group = np.maximum.accumulate(np.where(same, 0, places))
    source = np.maximum.accumulate(np.where(table.observed[order], places, -1))
    rows = np.full(len(order), -1, dtype=np.int64)
    found = source >= group
    rows[order[found]] = order[source[found]]
    return rows
