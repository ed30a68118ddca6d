"""The one record that feeds every network."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """B windows of L steps back and H steps ahead, in the scaled units of the network."""

    context: Tensor
    """Values looked back on, oldest first: (B, L), float32."""
    observed: Tensor
    """False where a context value is carried or filled: (B, L), bool."""
    series: Tensor
    """Index of the series of each window: (B,), int64."""
    target: Tensor | None = None
    """Values to forecast: (B, H), float32; None when forecasting."""
    target_observed: Tensor | None = None
    """False where a target counts neither in loss nor in metric: (B, H), bool."""
    past: Tensor | None = None
    """Covariates known only in the past: (B, L, P)."""
    future: Tensor | None = None
    """Covariates known over the horizon: (B, L + H, F)."""
    static: Tensor | None = None
    """Covariates of the series: (B, S)."""
