"""From a finished fit to a model package: weights, scaling, and up to where each series has taught it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.checkpoints import ModelPackage, Recipe, RoundRecord, TrainingRecord
from lstm_pipeline.scaling import SeriesScaler
from lstm_pipeline.windows.dataset import Dataset, boundaries

if TYPE_CHECKING:
    from lstm_pipeline.training.loop import FitResult


def package_of(
    recipe: Recipe, dataset: Dataset, scaler: SeriesScaler, result: FitResult, ancestry: dict[str, str]
) -> ModelPackage:
    """The package of what a fit came to, for the series that it has taught."""
    table, taught = dataset.table, trained(dataset)
    # up to the test part: validation has chosen the weights, so that the model knows it too
    learnt = table.step_of(boundaries(table, dataset.spec).test - 1)
    return ModelPackage(
        id=recipe.id,
        recipe=recipe,
        size=dataset.spec.size,
        freq=dataset.spec.freq,
        weights=result.weights,
        scaler=SeriesScaler(
            ids=tuple(name for name, keep in zip(table.ids, taught, strict=True) if keep),
            centre=scaler.centre[taught],
            scale=scaler.scale[taught],
        ),
        data_end=table.grid.stamp(learnt)[taught],
        record=_record(result),
        lineage=ancestry | {"device": result.device},
    )


def trained(dataset: Dataset) -> NDArray[np.bool_]:
    """True for the series that windows are cut from: (N,)."""
    return np.array([name not in dataset.failed for name in dataset.table.ids], dtype=bool)


def _record(result: FitResult) -> TrainingRecord:
    return TrainingRecord(
        rounds=tuple(
            RoundRecord(step=r.step, training_loss=r.training_loss, validation_loss=r.validation_loss)
            for r in result.rounds
        ),
        best_step=result.best_step,
        ended=result.ended,
        sentence=result.sentence,
        device=result.device,
        parameters=sum(int(w.size) for w in result.weights.values()),
    )
