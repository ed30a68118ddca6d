"""From summed errors to scores: per series, per step of the horizon, and over all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from lstm_pipeline import metrics
from lstm_pipeline.artifacts import plain
from lstm_pipeline.evaluations.records import Floats, Ints, Score
from lstm_pipeline.metrics import ErrorSums


def series_scores(
    ids: tuple[str, ...],
    scores: Mapping[str, ErrorSums],
    *,
    windows: Ints,
    scale: Floats,
    scaled: Mapping[str, Floats],
) -> pa.Table:
    """One row per series with test windows and rival; `scaled`: by rival what the gate weighs, each (N,)."""
    shown = np.flatnonzero(windows > 0)
    names = pa.array(ids, type=pa.string()).take(pa.array(shown))
    frames: list[pa.Table] = []
    for rival, sums in scores.items():
        own = sums.by_series()
        columns: dict[str, Any] = {"unique_id": names, "rival": pa.array([rival] * len(shown), pa.string())}
        columns["windows"] = pa.array(windows[shown])
        for name, values in (
            ("mse", metrics.mse(own)[:, 0]),
            ("mae", metrics.mae(own)[:, 0]),
            ("rmse", metrics.rmse(own)[:, 0]),
            ("smape", metrics.smape(own)[:, 0]),
            ("mase", metrics.mase_by_series(sums, scale)),
            ("scaled_mse", scaled[rival]),
        ):
            columns[name] = pa.array(values[shown])
        frames.append(pa.table(columns))
    return pa.concat_tables(frames)


def step_scores(scores: Mapping[str, ErrorSums]) -> dict[str, tuple[float | None, ...]]:
    """MSE per step of the horizon, by rival."""
    return {name: tuple(plain(metrics.mse(sums.by_step())[0].tolist())) for name, sums in scores.items()}


def overall_scores(scores: Mapping[str, ErrorSums], scale: Floats) -> dict[str, Score]:
    """Errors over all series and steps, by rival."""
    return {
        name: Score(
            mse=_value(metrics.mse(sums.overall())),
            mae=_value(metrics.mae(sums.overall())),
            rmse=_value(metrics.rmse(sums.overall())),
            smape=_value(metrics.smape(sums.overall())),
            mase=_value(metrics.mase(sums, scale)),
        )
        for name, sums in scores.items()
    }


def _value(figure: Floats) -> float | None:
    number = float(figure.reshape(-1)[0])
    return number if np.isfinite(number) else None
