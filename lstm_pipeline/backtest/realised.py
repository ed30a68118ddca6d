"""What published forecasts turned out to be worth: their scaled errors on the same series and steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.backtest.origins import OriginErrors, Say

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came after one cutoff, by series and step of the horizon: each (N, H)."""

    truth: Floats
    observed: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLosses:
    """Scaled errors at each step of the horizon: each (H,)."""

    loss: Floats
    """Mean over series of the squared error divided by the variance of each; NaN where nothing was seen."""
    series: Ints
    """How many were."""


def losses_by_step(forecast: Floats, came: Came, say: Say) -> StepLosses:
    """The pooled loss of a forecast at each step, over the series that have a value there.

    Shapes: forecast (N, H), NaN where there is none.
    """
    seen = came.observed & np.isfinite(forecast) & say.usable[:, None]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        squared = (np.where(seen, forecast - came.truth, 0.0) ** 2) / np.where(say.usable, say.variance, 1.0)[
            :, None
        ]
        weight = np.where(seen, say.weight[:, None], 0.0)
        pooled = (squared * weight).sum(axis=0) / weight.sum(axis=0)
    return StepLosses(loss=pooled, series=seen.sum(axis=0))


def realised_losses(forecasts: Sequence[Floats], came: Came, say: Say) -> tuple[tuple[float, ...], int]:
    """The pooled loss of each forecast over the series that all of them made, and how many those are.

    As the gate pools: mean over series of their mean squared error divided by the variance of their training
    part. Shapes: forecasts (N, H), NaN where a model made none. NaN where nothing of them was observed.
    """
    made = np.all([np.isfinite(one).all(axis=1) for one in forecasts], axis=0)
    seen = came.observed & made[:, None]
    shared = say.among(made)
    count = seen.sum(axis=1).astype(np.float64)
    losses: list[float] = []
    for one in forecasts:
        with np.errstate(over="ignore", invalid="ignore"):
            squared = (np.where(seen, one - came.truth, 0.0) ** 2).sum(axis=1)
        errors = OriginErrors(squared=squared[None], count=count[None])
        losses.append(float(errors.pooled(shared)[0]))
    return tuple(losses), int(np.count_nonzero((count > 0) & shared.usable))
