"""A stored model as a rival: from its package to forecasts in the units of the series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline import checkpoints
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.external import Quoted, quoted_of
from lstm_pipeline.model.config import ExternalConfig
from lstm_pipeline.scaling import SeriesScaler
from lstm_pipeline.series.stretch import CARRIED, Filling, Stretched, stretch
from lstm_pipeline.series.table import SeriesTable
from lstm_pipeline.steps.desk import Office

if TYPE_CHECKING:
    from lstm_pipeline.forecasting import Contexts
    from lstm_pipeline.model.cell import GateTrace

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A model seated before a series table: it forecasts from any row that has enough history."""

    package: ModelPackage
    place: Ints
    """Where each series of the table stands in the model's scaler; -1 where it has never seen it: (N,)."""
    table: SeriesTable
    rows: Stretched
    """The table with as many steps in front as the model may look back beyond it."""
    values: NDArray[np.float32]
    """The stretched rows in scaled units."""
    quoted: Quoted | None = None
    """What it has forecast, where it is a command's model and cannot be asked for more."""

    def after(self, cutoff: Ints, series: Ints) -> Floats:
        """Forecasts from the given last rows (of the unstretched table) of the given series: (W, H).

        NaN for a series that the model has never seen.
        """
        if self.quoted is not None:
            return self.quoted.after(self.place[series], self.stamp(cutoff, series))
        from lstm_pipeline.forecasting import load_net, predict

        size = self.package.size
        known = self.place[series] >= 0
        result = np.full((len(cutoff), size.horizon), np.nan)
        if not known.any():
            return result
        start = cutoff[known] + self.rows.shift[series[known]] - size.input_size + 1
        place = self.place[series[known]]
        net = load_net(self.package.recipe.network, size, self.package.weights)
        # as it was trained: another number of threads gives other last digits
        threads = self.package.recipe.training.threads
        # on the processor everywhere: which device there is stands in no id of a score
        scaled = predict(net, self._contexts(start, place), device="cpu", threads=threads)
        result[known] = self.package.scaler.unscaled(scaled, place)
        return result

    def gates(self, start: int, series: int) -> GateTrace | None:
        """Follow the gates over the window that begins on this row (of the unstretched table) of a series.

        None where the model has none.
        """
        if self.quoted is not None:
            return None
        from lstm_pipeline.forecasting import load_net, trace_first

        begin, place = np.array([start + self.rows.shift[series]]), self.place[series : series + 1]
        net = load_net(self.package.recipe.network, self.package.size, self.package.weights)
        return trace_first(net, self._contexts(begin, place))

    def stamp(self, row: Ints, series: Ints) -> Ints:
        """The stamps of rows (of the unstretched table) of the given series: (W,)."""
        return self.table.grid.stamp(self.table.step_of(row, series))

    def _contexts(self, start: Ints, place: Ints) -> Contexts:
        from lstm_pipeline.forecasting import Contexts

        return Contexts(
            values=self.values,
            observed=self.rows.observed,
            starts=start,
            series=place,
            size=self.package.size,
        )


def registered(office: Office, model_id: str) -> ModelPackage:
    """The package of a version of the pipeline, as it was when it was registered.

    Raises:
        BrokenArtifact: it is not there, or not the one any more that was judged.
    """
    version = office.registry.version(office.pipeline, model_id)
    return checkpoints.load(office.store, model_id, version.manifest_sha256 if version else None)


def seat(
    package: ModelPackage, table: SeriesTable, *, until: Ints | None = None, filling: Filling = CARRIED
) -> Seat:
    """Seat a model before a table, its series filled up to the steps `until` (default: where they end)."""
    where = {name: at for at, name in enumerate(package.scaler.ids)}
    place = np.array([where.get(name, -1) for name in table.ids], dtype=np.int64)
    until = table.last if until is None else until
    # a champion may look back farther than the windows that it is judged on reach
    rows = stretch(table, before=package.size.input_size, until=until, filling=filling)
    owner = np.repeat(place, np.diff(rows.offsets))
    return Seat(
        package=package,
        place=place,
        table=table,
        rows=rows,
        values=_scaled(package.scaler, rows.y, owner),
        quoted=quoted_of(package.weights) if isinstance(package.recipe.model, ExternalConfig) else None,
    )


def _scaled(scaler: SeriesScaler, y: Floats, owner: Ints) -> NDArray[np.float32]:
    """Rows in scaled units; 0 where the model knows no scale."""
    known = owner >= 0
    return np.where(known, scaler.scaled(y, np.where(known, owner, 0)), np.float32(0))
