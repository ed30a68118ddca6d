"""Rivals on the same windows: errors per series and step, losses per origin, and their slices."""

from lstm_pipeline.backtest.field import (
    WINDOWS_AT_ONCE,
    Field,
    Rival,
    baseline_rivals,
    best,
    field_of,
    score,
    seasonal_scale,
)
from lstm_pipeline.backtest.origins import (
    OriginErrors,
    Origins,
    Say,
    every_origin,
    origin_errors,
    origins_apart,
    tested_origins,
)
from lstm_pipeline.backtest.realised import Came, StepLosses, losses_by_step, realised_losses
from lstm_pipeline.backtest.slices import Cut, SlicedErrors, parts_of_horizon, sliced_errors

__all__ = [
    "WINDOWS_AT_ONCE",
    "Came",
    "Cut",
    "Field",
    "OriginErrors",
    "Origins",
    "Rival",
    "Say",
    "SlicedErrors",
    "StepLosses",
    "baseline_rivals",
    "best",
    "every_origin",
    "field_of",
    "losses_by_step",
    "origin_errors",
    "origins_apart",
    "parts_of_horizon",
    "realised_losses",
    "score",
    "seasonal_scale",
    "sliced_errors",
    "tested_origins",
]
