"""The parts of a pipeline file that size the windows and split them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge

Extent = int | float | dt.datetime | dt.date | str
"""How much belongs to a part: steps, a fraction of the length, or the timestamp at which it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsConfig:
    """[windows]: what a window looks like, in steps of the series."""

    input_size: Annotated[int, Ge(1)] | None = None
    """Steps looked back on. Default: two seasons or two horizons, at most a third of the training part."""
    horizon: Annotated[int, Ge(1)] | None = None
    """Steps to forecast. Default: one season, at most a tenth of the median length."""
    stride: Annotated[int, Ge(1)] = 1
    """Steps between the starts of neighbouring windows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitConfig:
    """[split]: which windows train, which choose, which judge."""

    kind: Literal["chronological", "random"] = "chronological"
    """By time, or at random as tutorials do (marked leaky, never promoted)."""
    validation: Extent | None = None
    """Steps, a fraction or a first timestamp. Default: 30 horizons, at most 20 % of the length."""
    test: Extent | None = None
    """Steps, a fraction or a first timestamp. Default: 30 horizons, at most 20 % of the length."""
    # the tutorial's
    seed: Annotated[int, Ge(0)] = 42
    """Seed of the random split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSize:
    """The resolved size of a window, in steps."""

    input_size: int
    horizon: int
    stride: int = 1

    @property
    def total(self) -> int:
        """Steps from the first of the context to the last of the target."""
        return self.input_size + self.horizon
