"""From a kind of model to the way it is fitted, over the closed table: descent in rounds, or a formula."""

from __future__ import annotations

from collections.abc import Callable

from lstm_pipeline.model.config import Kind, ModelConfig
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.training.data import TrainingSet
from lstm_pipeline.training.loop import FitHooks, FitResult, descend

Fit = Callable[[ModelConfig, TrainingConfig, TrainingSet, FitHooks], FitResult]
"""What fits a kind; one without a loop calls no hook, and returns no rounds."""

FITS: dict[Kind, Fit] = {"lstm": descend}


def fit(model: ModelConfig, training: TrainingConfig, data: TrainingSet, hooks: FitHooks) -> FitResult:
    """Fit a model as its kind is fitted.

    Raises:
        BadConfig, BrokenArtifact, ValueError: as the kind's own fit does.
    """
    return FITS[model.kind](model, training, data, hooks)
