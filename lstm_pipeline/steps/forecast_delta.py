"""How far the candidate's forecast of the steps ahead lies from the champion's, from the same cutoff."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline import checkpoints
from lstm_pipeline.checkpoints import ModelPackage
from lstm_pipeline.report.content import ForecastDelta
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.steps.desk import Desk
from lstm_pipeline.steps.forecasts import by_champion
from lstm_pipeline.steps.refs import Judged
from lstm_pipeline.steps.speaking import said_already
from lstm_pipeline.windows.dataset import Dataset, boundaries

Floats = NDArray[np.float64]

STAND_BY = "last_value"
"""Who speaks where a model cannot; only what both models say themselves is compared."""


def forecast_delta(
    desk: Desk, judged: Judged, dataset: Dataset, candidate: ModelPackage | None
) -> ForecastDelta | None:
    """Compare what both would publish; None without a champion before, or where they share no series.

    Where the candidate's recipe publishes, trained to the end of its data, that model speaks for it.
    """
    before = judged.trial.evaluation.champion
    champion = checkpoints.load_if_whole(desk.store, before) if before is not None else None
    if candidate is None or champion is None or _ahead(champion, dataset):
        return None
    champion, promotion = said_already(desk, judged.trial.dataset, champion), judged.promotion
    if promotion.promoted and promotion.id != candidate.id:
        candidate = checkpoints.load(desk.store, promotion.id)
    end = boundaries(dataset.table, dataset.spec).validation
    return delta_of(
        dataset.table.ids,
        _own(dataset, candidate) - _own(dataset, champion),
        np.sqrt(training_stats(dataset.table, end).variance),
        published=promotion.promoted,
    )


def delta_of(
    ids: tuple[str, ...], difference: Floats, deviation: Floats, *, published: bool
) -> ForecastDelta | None:
    """Mean absolute differences in deviations, series by series and together; None where no series tells.

    Shapes: difference (N, H), NaN where not both forecast; deviation (N,), of the training part.
    """
    usable = np.isfinite(difference).all(axis=1) & (deviation > 0)
    if not usable.any():
        return None
    apart = np.abs(difference[usable]).mean(axis=1) / deviation[usable]
    most = int(apart.argmax())
    return ForecastDelta(
        mean=float(apart.mean()),
        worst=ids[int(np.flatnonzero(usable)[most])],
        worst_mean=float(apart[most]),
        series=len(apart),
        published=published,
    )


def _own(dataset: Dataset, model: ModelPackage) -> Floats:
    """What a model itself forecasts; NaN where something else would have to speak for it: (N, H)."""
    made = by_champion(dataset, model, STAND_BY)
    itself = np.array([source == "champion" for source in made.source], dtype=bool)
    return np.where(itself[:, None], made.values, np.nan)


def _ahead(model: ModelPackage, dataset: Dataset) -> bool:
    """It has learnt from later data than the cutoff: what it would say there is no forecast."""
    return dataset.table.grid.timed and int(model.data_end.max()) > dataset.cutoff
