"""Window normalisation: each window shifted and scaled by what it has seen, and the forecast brought back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lstm_pipeline.model.config import WindowNorm

# float32 keeps some seven digits
RESOLUTION = 1e-6
"""A deviation below this share of the window's largest value is rounding: the window is constant."""
SMALLEST = 1e-30
"""So is one below this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowScale:
    """Where each window lies and how far it moves, in the units of the context: both (B, 1), float32."""

    level: Tensor
    spread: Tensor
    """Zero where the window is constant: the network sees zeros, and forecasts the level."""

    def normalise(self, context: Tensor) -> Tensor:
        """The context (B, L) as seen by the network."""
        moves = self.spread > 0
        return torch.where(moves, context - self.level, 0.0) / torch.where(moves, self.spread, 1.0)

    def denormalise(self, forecast: Tensor) -> Tensor:
        """The network's forecast (B, H) in the units of the context."""
        return forecast * self.spread + self.level


def window_scale(norm: WindowNorm, context: Tensor, observed: Tensor) -> WindowScale:
    """Measure each window by its observed values.

    Shapes: context (B, L) float32, observed (B, L) bool.
    """
    if norm == "revin":
        return _standard_scale(context, observed)
    level = context[:, -1:] if norm == "last" else torch.zeros_like(context[:, -1:])
    return WindowScale(level=level, spread=torch.ones_like(level))


def _standard_scale(context: Tensor, observed: Tensor) -> WindowScale:
    """Mean and deviation of the observed values, without learnt terms.

    Source: Kim et al. 2022, Reversible Instance Normalization, without its affine part.
    """
    # float64: the squares of large float32 values overflow, and the mean of a constant must be that constant
    values = torch.where(observed, context, 0.0).double()
    count = observed.sum(dim=1, keepdim=True).clamp_min(1)
    level = values.sum(dim=1, keepdim=True) / count
    variance = torch.where(observed, values - level, 0.0).square().sum(dim=1, keepdim=True) / count
    rounding = (RESOLUTION * values.abs().amax(dim=1, keepdim=True)).clamp_min(SMALLEST)
    deviation = variance.sqrt()
    spread = torch.where(deviation > rounding, deviation, 0.0)
    return WindowScale(level=level.float(), spread=spread.float())
