"""Mean losses of the rivals over the compared origins, and how far the candidate lies from the others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.gate.evidence import Floats, OriginLosses


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All over the same origins, scaled per series; NaN where there are none."""

    has_champion: bool
    origins: int
    """Origins compared."""
    mse: float
    """The candidate's."""
    champion_mse: float
    """NaN without a champion."""
    baseline_mse: float

    @property
    def skill(self) -> float:
        """Share by which the candidate's error lies below the baseline's; NaN where that is not finite."""
        return gain(self.mse, self.baseline_mse) if math.isfinite(self.baseline_mse) else math.nan

    @property
    def effect(self) -> float:
        """Share by which the candidate's error lies below the champion's, 1 where that is infinite."""
        return gain(self.mse, self.champion_mse)


def compare(losses: OriginLosses | None) -> Comparison:
    """Mean losses of all rivals over the same origins."""
    if losses is None:
        return Comparison(
            has_champion=False, origins=0, mse=math.nan, champion_mse=math.nan, baseline_mse=math.nan
        )
    counted = losses.compared
    return Comparison(
        has_champion=losses.champion is not None,
        origins=int(np.count_nonzero(counted)),
        mse=mean(losses.candidate[counted]),
        champion_mse=math.nan if losses.champion is None else mean(losses.champion[counted]),
        baseline_mse=mean(losses.baseline[counted]),
    )


def mean(losses: Floats) -> float:
    """Mean; NaN of nothing, infinite where the sum passes the range of a float."""
    with np.errstate(over="ignore"):
        return float(np.mean(losses)) if len(losses) else math.nan


def finite(figure: float) -> float | None:
    """The figure; None where it is not finite."""
    return figure if math.isfinite(figure) else None


def skill(mse: float | None, baseline_mse: float | None) -> float | None:
    """The gain over a baseline as it is shown; None where an error is missing, or it is not finite."""
    if mse is None or baseline_mse is None:
        return None
    return finite(gain(mse, baseline_mse))


def gain(mse: float, reference: float) -> float:
    """1 - mse / reference: the share by which an error lies below another.

    Two errors of zero are equal: 0. No share of zero makes up for an error: -inf. NaN where one is NaN.
    """
    if math.isnan(mse) or math.isnan(reference):
        return math.nan
    if reference == 0:
        return 0.0 if mse == 0 else -math.inf
    return 1.0 - mse / reference
