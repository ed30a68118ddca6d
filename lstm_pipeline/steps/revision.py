"""How much the forecast of the same steps moved, and how much of that the change of the model did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline import checkpoints
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.gate import movement
from lstm_pipeline.model.config import ExternalConfig
from lstm_pipeline.registry import Publication
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.series.grid import stamp_text
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.forecasts import by_baselines, by_champion
from lstm_pipeline.steps.published import laid_out
from lstm_pipeline.steps.refs import Revision
from lstm_pipeline.windows.dataset import Dataset, boundaries

Floats = NDArray[np.float64]


def revision(desk: Desk, dataset: Dataset, now: Publication) -> Revision | None:
    """Compare a live forecast with the newest one before it; None where they share no step of any series."""
    earlier = desk.registry.publications_before(desk.pipeline, "live", now.cutoff)
    # of several after one cutoff the last one stood when this one came
    before = max(earlier, key=lambda row: (row.cutoff, row.at), default=None)
    try:
        pair = None if before is None else _pair(desk, dataset, now, before)
    except BrokenArtifact:
        # what cannot be read is told where it is scored
        return None
    if before is None or pair is None or not np.isfinite(pair.moved):
        return None
    same = now.model == before.model
    middle = pair.new if same else _asked_anew(desk, dataset, before)
    return Revision(
        since=stamp_text(before.cutoff, timed=dataset.table.grid.timed),
        steps=dataset.spec.size.horizon - pair.shift,
        moved=pair.moved,
        by_data=None if middle is None else _finite(pair.since_old(middle)),
        by_model=0.0 if same else None if middle is None else _finite(pair.until_new(middle)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two forecasts of the same series, the new one so many steps later."""

    new: Floats
    """(N, H)"""
    old: Floats
    """(N, H)"""
    shift: int
    """Steps between their cutoffs, under a horizon."""
    deviation: Floats
    """Of each series' training part: (N,)."""

    @property
    def moved(self) -> float:
        """Their distance on the steps that both foretell; NaN where no series has both."""
        return self.since_old(self.new)

    def since_old(self, later: Floats) -> float:
        """Of a forecast from the new cutoff to the old one."""
        return movement(later[:, : -self.shift], self.old[:, self.shift :], self.deviation)

    def until_new(self, later: Floats) -> float:
        """Of a forecast from the new cutoff to the new one."""
        return movement(self.new[:, : -self.shift], later[:, : -self.shift], self.deviation)


def _pair(desk: Desk, dataset: Dataset, now: Publication, before: Publication) -> _Pair | None:
    """Both laid out; None where they share no step."""
    new, old = (laid_out(desk, dataset, row, own=False) for row in (now, before))
    both = new.there & old.there
    # where steps are counted each series has its own clock; those that went on by as many are compared
    shifts, counts = np.unique((new.cutoff - old.cutoff)[both], return_counts=True)
    shift = int(shifts[counts.argmax()]) if len(shifts) else 0
    if not 0 < shift < dataset.spec.size.horizon:
        return None
    alike = both & (np.where(both, new.cutoff, 0) - np.where(both, old.cutoff, 0) == shift)
    training_end = boundaries(dataset.table, dataset.spec).validation
    return _Pair(
        new=np.where(alike[:, None], new.made, np.nan),
        old=np.where(alike[:, None], old.made, np.nan),
        shift=shift,
        deviation=np.sqrt(training_stats(dataset.table, training_end).variance),
    )


def _asked_anew(desk: Desk, dataset: Dataset, before: Publication) -> Floats | None:
    """What who published before says of the rows of now; None where it cannot be asked any more: (N, H)."""
    fallback = str(desk.store.require(before.uri)["rules"]["fallback"])
    if before.model in BASELINES:
        return by_baselines(dataset, before.model, "").values
    package = checkpoints.load_if_whole(desk.store, before.model)
    if package is None or isinstance(package.recipe.model, ExternalConfig):
        return None
    return by_champion(dataset, package, fallback).values


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
