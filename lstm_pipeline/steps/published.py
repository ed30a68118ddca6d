"""Published forecasts laid out by the series of a dataset, and what came after them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lstm_pipeline.backtest import Came
from lstm_pipeline.registry import Publication
from lstm_pipeline.steps.desk import Office
from lstm_pipeline.steps.edition import FRAME
from lstm_pipeline.storage import read_parquet
from lstm_pipeline.windows.dataset import Dataset

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A published forecast by the series of a dataset."""

    made: Floats
    """In the units of the series; NaN where there is none: (N, H)."""
    cutoff: Ints
    """Last step that each forecast knew; NEVER where a series is not in it: (N,)."""

    @property
    def there(self) -> NDArray[np.bool_]:
        """True for the series that are in it: (N,)."""
        return self.cutoff != NEVER


def laid_out(office: Office, dataset: Dataset, row: Publication, *, own: bool) -> Sheet:
    """A published forecast; `own`: only what the model itself said, nothing that stood in for it.

    Raises:
        BrokenArtifact: it is not there, or altered.
    """
    column = str(office.store.require(row.uri)["rules"]["column"])
    frame = read_parquet(office.store.read_part(row.uri, FRAME))
    return sheet_of(frame.filter(pc.field("source") == "champion") if own else frame, dataset, column)


def sheet_of(frame: pa.Table, dataset: Dataset, column: str) -> Sheet:
    """A frame of forecasts, by series and then by time, laid out by the series of a dataset."""
    ids, horizon = dataset.table.ids, dataset.spec.size.horizon
    where = {name: place for place, name in enumerate(ids)}
    names = frame["unique_id"].to_pylist()[::horizon]
    steps, _ = dataset.table.grid.step(frame["cutoff"].cast("int64").to_numpy()[::horizon])
    values = frame[column].cast("float64").to_numpy(zero_copy_only=False).reshape(-1, horizon)
    made, cutoff = np.full((len(ids), horizon), np.nan), np.full(len(ids), NEVER)
    for at, (name, forecast) in enumerate(zip(names, values, strict=True)):
        if name in where:
            made[where[name]], cutoff[where[name]] = forecast, steps[at]
    return Sheet(made=made, cutoff=cutoff)


def steps_that_came(dataset: Dataset, cutoff: Ints) -> int:
    """How many steps after the cutoffs have come for every series that goes on; 0 where none goes on."""
    # where steps are counted each series has a clock of its own, and one that stands still has ended
    ahead = (dataset.table.ends - cutoff)[(cutoff != NEVER) & (dataset.table.ends > cutoff)]
    return min(int(ahead.min()), dataset.spec.size.horizon) if len(ahead) else 0


def all_that_came(dataset: Dataset, cutoff: Ints) -> Came | None:
    """What came after each series' cutoff; None while some of it is still to come."""
    return came(dataset, cutoff) if steps_that_came(dataset, cutoff) == dataset.spec.size.horizon else None


def came(dataset: Dataset, cutoff: Ints) -> Came:
    """What has come after each series' cutoff so far."""
    table, horizon = dataset.table, dataset.spec.size.horizon
    asked = cutoff != NEVER
    place = np.where(asked, cutoff, 0)[:, None] + np.arange(1, horizon + 1) - table.first[:, None]
    there = asked[:, None] & (place >= 0) & (place < table.lengths[:, None])
    row = np.where(there, table.offsets[:-1, None] + place, 0)
    return Came(truth=np.where(there, table.y[row], 0.0), observed=there & table.observed[row])
