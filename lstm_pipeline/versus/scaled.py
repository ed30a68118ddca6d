"""Errors in deviations of their series, so that a large series weighs no more than a small one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.gate import Pair, SliceLosses, WideErrors
from lstm_pipeline.versus.forecasts import Bools, Floats
from lstm_pipeline.versus.matching import Matched
from lstm_pipeline.versus.origins import Origins


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """Of M compared rows: squared errors by each series' variance, infinite where a model failed."""

    candidate: Floats
    champion: Floats
    baseline: Floats
    """1 where nobody named a baseline: what the series' own mean loses."""
    deviations: Floats
    """Errors of candidate and champion, forecast less truth, in deviations: (2, M)."""


def scaled_errors(matched: Matched, variances: Floats) -> Scaled:
    """Scale the errors. Shapes: variances (series,), above 0 for all series of the rows."""
    deviation = np.sqrt(variances)[matched.series]
    own = _errors(matched.candidate, matched.y, deviation)
    other = _errors(matched.champion, matched.y, deviation)
    naive = np.ones(len(own)) if matched.baseline is None else _errors(matched.baseline, matched.y, deviation)
    with np.errstate(over="ignore"):
        return Scaled(
            candidate=own**2, champion=other**2, baseline=naive**2, deviations=np.stack([own, other])
        )


def slices(errors: Scaled, origins: Origins, parts: Mapping[str, Bools]) -> Mapping[str, SliceLosses]:
    """Losses of each part of the horizon by origin."""
    return {
        name: SliceLosses(
            candidate=origins.pooled(errors.candidate, where), champion=origins.pooled(errors.champion, where)
        )
        for name, where in parts.items()
    }


def wide_errors(errors: Scaled, clean: Bools) -> WideErrors | None:
    """Mean errors over all clean windows, those between the origins too; None where there is none."""
    if not clean.any():
        return None
    own, other = _mean(errors.candidate[clean]), _mean(errors.champion[clean])
    beside = Pair(candidate=own, champion=other)
    return WideErrors(mse=own, baseline_mse=_mean(errors.baseline[clean]), beside=beside)


def tail(errors: Scaled, clean: Bools) -> Pair | None:
    """99th percentile of absolute errors over the clean windows, in deviations."""
    if not clean.any():
        return None
    # the next larger error that there is: between two infinite ones nothing can be interpolated
    own, other = np.quantile(np.abs(errors.deviations[:, clean]), 0.99, axis=1, method="higher")
    return Pair(candidate=float(own), champion=float(other))


def bias(errors: Scaled, clean: Bools) -> Pair | None:
    """Mean error over the clean windows, in deviations."""
    if not clean.any():
        return None
    own, other = (_mean(row) for row in errors.deviations[:, clean])
    return Pair(candidate=own, champion=other)


def _errors(forecast: Floats, y: Floats, deviation: Floats) -> Floats:
    """Forecast less truth, in deviations; infinite where there is no finite forecast."""
    with np.errstate(over="ignore"):
        return np.where(np.isfinite(forecast), (forecast - y) / deviation, np.inf)


def _mean(values: Floats) -> float:
    with np.errstate(over="ignore"):
        return float(np.mean(values))
