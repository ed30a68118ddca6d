"""What a recipe had published: forecasts that no later data can flatter, one for each cutoff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from lstm_pipeline import checkpoints
from lstm_pipeline.backtest import Field
from lstm_pipeline.registry import Publication
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.steps.arena import Contestant
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.edition import FRAME
from lstm_pipeline.storage import read_parquet
from lstm_pipeline.windows.index import Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """Published forecasts of one recipe, laid over a field."""

    field: Field
    steps: Ints
    """The grid's step of each cutoff, rising: (K,)."""
    made: Floats
    """In the units of the series; NaN where the model forecast nothing: (K, N, H)."""

    def covers(self, windows: Windows) -> Bools:
        """Windows of which there is a published forecast, whole and finite: (W,)."""
        place, there = self._places(windows)
        return there & self._whole[place, windows.series]

    def forecast(self, windows: Windows) -> Floats:
        """The published forecasts of these windows; NaN where there is none: (W, H)."""
        place, there = self._places(windows)
        return np.where(there[:, None], self.made[place, windows.series], np.nan)

    @property
    def contestant(self) -> Contestant:
        """The model as who had published them: a forecast knows nothing after its cutoff."""
        known = np.atleast_1d(self._whole.any(axis=0))
        never = np.full(self.made.shape[1], np.iinfo(np.int64).min)
        return Contestant(rival=self.forecast, known=known, learnt=never)

    @property
    def _whole(self) -> Bools:
        """Forecasts without a hole: (K, N)."""
        return np.asarray(np.isfinite(self.made).all(axis=2))

    def _places(self, windows: Windows) -> tuple[Ints, Bools]:
        """Where each window's cutoff stands among those published, and whether it does: each (W,)."""
        cutoff = self.field.target_end(windows) - self.field.size.horizon
        place = np.minimum(np.searchsorted(self.steps, cutoff), len(self.steps) - 1)
        return place, self.steps[place] == cutoff


def track_record(desk: Desk, field: Field, champion: str, since: int) -> TrackRecord | None:
    """The live forecasts after cutoffs from the stamp `since` on that a champion's recipe has published.

    Its own, and those of models made like it from other data. None without any that can be placed: where
    steps are counted, a cutoff is not one of all series.
    """
    if not field.table.grid.timed:
        return None
    rows = _alike(desk, champion, desk.registry.publications_since(desk.pipeline, "live", since))
    steps = [_step(field.table.grid, row) for row in rows]
    # the oldest of one cutoff: what was published first is what people went by
    first = dict(reversed(list(zip(steps, rows, strict=True))))
    if not first:
        return None
    ordered = sorted(first)
    made = np.stack([_laid_out(desk, field, first[step]) for step in ordered])
    return TrackRecord(field=field, steps=np.array(ordered, dtype=np.int64), made=made)


def _alike(desk: Desk, champion: str, rows: Sequence[Publication]) -> list[Publication]:
    """Those that the champion's recipe made."""
    recipe = checkpoints.card_as_judged(desk.store, champion).recipe
    alike: dict[str, bool] = {}
    for model in {row.model for row in rows}:
        # a baseline is no package, and a model may have been collected as garbage
        there = checkpoints.find(desk.store, model) is not None
        alike[model] = there and recipe.refreshes(checkpoints.card_as_judged(desk.store, model).recipe)
    return [row for row in rows if alike[row.model]]


def _step(grid: Grid, row: Publication) -> int:
    step, _ = grid.step(np.array([row.cutoff]))
    return int(step[0])


def _laid_out(desk: Desk, field: Field, row: Publication) -> Floats:
    """One publication by series and step; NaN where the model did not make the forecast: (N, H)."""
    column = str(desk.store.require(row.uri)["rules"]["column"])
    frame = read_parquet(desk.store.read_part(row.uri, FRAME))
    own = frame.filter(pc.field("source") == "champion")
    made = np.full((len(field.table.ids), field.size.horizon), np.nan)
    where = {name: place for place, name in enumerate(field.table.ids)}
    values = own[column].to_numpy().reshape(-1, field.size.horizon)
    names = own["unique_id"].to_pylist()[:: field.size.horizon]
    for name, forecast in zip(names, values, strict=True):
        if name in where:
            made[where[name]] = forecast
    return made
