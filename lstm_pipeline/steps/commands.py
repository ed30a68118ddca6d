"""Models that are commands of other tools: their packages hold what they forecast, and what made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline import external
from lstm_pipeline.checkpoints import ModelPackage, Recipe, TrainingRecord
from lstm_pipeline.external import Answer, Files, Question
from lstm_pipeline.model.config import ExternalConfig
from lstm_pipeline.scaling import SeriesScaler
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.version import VERSION
from lstm_pipeline.windows.dataset import Dataset

FILE = "file:"
"""What a tensor is called that holds a file of the command, before its path."""


def recipe_of(model: ExternalConfig, dataset: str) -> Recipe:
    """The identity of what a command forecasts on a dataset: no setting of our training has a part in it."""
    return Recipe(dataset=dataset, model=model, training=TrainingConfig(), version=VERSION)


def files_kept(package: ModelPackage) -> Files:
    """The files of its command as a model keeps them."""
    kept = {name: data for name, data in package.weights.items() if name.startswith(FILE)}
    return {name.removeprefix(FILE): data.tobytes() for name, data in kept.items()}


def ask(
    recipe: Recipe, model: ExternalConfig, files: Files, dataset: Dataset, ancestry: Mapping[str, str]
) -> ModelPackage:
    """Ask a command about a dataset; what it answers is the model.

    Raises:
        BadConfig: it cannot be run as it is written.
        BadInput: it failed, or what it wrote is no answer.
    """
    question = external.question_of(dataset)
    answer = external.forecasts_of(model, files, question)
    known = _known(question, answer)
    ids = tuple(name for name, has in zip(dataset.table.ids, known, strict=True) if has)
    kept = {FILE + path: np.frombuffer(data, dtype=np.uint8) for path, data in files.items()}
    tensors: dict[str, NDArray[Any]] = external.tensors_of(question, answer, np.cumsum(known) - 1) | kept
    return ModelPackage(
        id=recipe.id,
        recipe=recipe,
        size=dataset.spec.size,
        freq=dataset.spec.freq,
        weights=tensors,
        # it forecasts in the units of the series
        scaler=SeriesScaler(ids=ids, centre=np.zeros(len(ids)), scale=np.ones(len(ids))),
        data_end=_learnt(question, answer, known),
        record=_record(answer),
        lineage={**ancestry, "device": "command"},
    )


def _known(question: Question, answer: Answer) -> NDArray[np.bool_]:
    """Series that the command has forecast: (N,)."""
    known = np.zeros(len(question.table.ids), dtype=bool)
    known[question.series[answer.there]] = True
    return known


def _learnt(question: Question, answer: Answer, known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Stamp of the newest row that each known series' forecasts rest on; where nobody says, of its newest."""
    table = question.table
    if answer.data_end is None:
        return table.grid.stamp(table.ends)[known]
    ends = np.full(len(table.ids), np.iinfo(np.int64).min)
    np.maximum.at(ends, question.series[answer.there], answer.data_end[answer.there])
    return ends[known]


def _record(answer: Answer) -> TrainingRecord:
    many = int(np.count_nonzero(answer.there))
    return TrainingRecord(
        rounds=(),
        best_step=0,
        ended="command",
        sentence=f"No training here: {many:,} forecasts were asked of the command.",
        device="command",
        parameters=0,
    )
