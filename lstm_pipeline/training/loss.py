"""What is minimised, as sums and counts over observed targets, and when it has exploded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from lstm_pipeline.model.batch import Batch
from lstm_pipeline.training.data import TrainingSet

Loss = Literal["mse", "mae"]

LOSSES: dict[Loss, Callable[[Tensor], Tensor]] = {"mse": torch.square, "mae": torch.abs}
"""Loss of an error, by name."""

EXPLODED = 1e3
"""An error of this many times the largest training value is no forecast any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossSum:
    """A loss not yet divided: both are scalars on the device."""

    total: Tensor
    """Losses of all observed targets, added; with its gradient while training."""
    count: Tensor
    """Observed targets; int64."""


def loss_sum(loss: Loss, forecast: Tensor, batch: Batch) -> LossSum:
    """Add up the loss over observed targets; what was not observed weighs nothing.

    Shapes: forecast (B, H).

    Raises:
        ValueError: the batch has no targets.
    """
    if batch.target is None or batch.target_observed is None:
        raise ValueError("the batch has no targets; gather it with gather_windows, not gather_contexts")
    error = torch.where(batch.target_observed, forecast - batch.target, 0.0)
    return LossSum(total=LOSSES[loss](error).sum(), count=batch.target_observed.sum())


def loss_ceiling(loss: Loss, data: TrainingSet) -> float:
    """The loss above which training has exploded; measured on rows of training windows alone."""
    rows = len(data.values)
    begun = np.bincount(data.train, minlength=rows + 1)
    ended = np.bincount(data.train + data.size.total, minlength=rows + 1)
    trained = np.cumsum(begun - ended)[:rows] > 0
    # at least 1, the deviation of a scaled series: a constant training part must not call every loss exploded
    largest = np.abs(data.values[trained & data.observed]).max(initial=1.0)
    return LOSSES[loss](torch.tensor(EXPLODED * float(largest), dtype=torch.float64)).item()
