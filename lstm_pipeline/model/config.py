"""The part of a pipeline file that chooses the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt, MinLen

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalConfig:
    """[model] of kind external: a command of another tool, whose forecasts are judged like a network's."""

    kind: Literal["external"] = "external"
    """external: a command forecasts, and writes a frame as a cross-validation leaves one."""
    command: Annotated[tuple[str, ...], MinLen(1)]
    """Program and arguments, no shell; {series}, {cutoffs}, {out} and others become what it is handed."""
    column: str | None = None
    """Column of the forecasts in the frame. Default: the only column of numbers that has no other meaning."""
    rows: Literal["all", "past"] = "all"
    """What it is shown. all: every row, once; past: the rows up to a cutoff, once for each cutoff."""
    timeout: Annotated[float, Gt(0)] = 3600.0
    """Seconds that one run of the command may take."""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """sha256 of each file that the command names, by path: filled in when the pipeline file is read."""


AnyModel = ModelConfig | ExternalConfig
"""Whoever may be trained, judged and published."""
