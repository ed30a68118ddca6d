"""The grid: which timestamp each step has, for fixed steps, calendar steps and plain counting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Steps and their stamps. A stamp is microseconds since the epoch, or a plain integer without timestamps."""

    freq: str | int
    """Pandas offset alias, or the integer step of series without timestamps."""
    phase: int = 0
    """Where in its period a stamp lies: microseconds, or integer units. The most frequent one of the data."""

    @property
    def timed(self) -> bool:
        """True where stamps are times."""
        return isinstance(self.freq, str)
