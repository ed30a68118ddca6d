"""What a network is trained on: the rows of all series once, and the windows by where they begin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.windows.config import WindowSize

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """All series end to end, in scaled units, and the windows that train and choose."""

    values: NDArray[np.float32]
    """What is not observed carries what the policy for missing steps put there: (R,)."""
    observed: NDArray[np.bool_]
    """(R,)"""
    train: Ints
    """First row of each training window: (W,)."""
    train_series: Ints
    """Index of the series of each training window: (W,)."""
    validation: Ints
    """First row of each validation window; may be empty: (V,)."""
    validation_series: Ints
    """(V,)"""
    size: WindowSize

    def __post_init__(self) -> None:
        """Check that every window lies inside the rows.

        Raises:
            ValueError: the arrays do not describe one set, or nothing trains.
        """
        if len(self.observed) != len(self.values):
            raise ValueError(f"observed has {len(self.observed)} rows, values has {len(self.values)}")
        if not len(self.train):
            raise ValueError("there is no training window; a set needs one at least")
        self._check_windows("train", self.train, self.train_series)
        self._check_windows("validation", self.validation, self.validation_series)

    def _check_windows(self, part: str, starts: Ints, series: Ints) -> None:
        if len(starts) != len(series):
            raise ValueError(f"{part} has {len(starts)} windows, {part}_series has {len(series)}")
        last = len(self.values) - self.size.total
        if len(starts) and not (starts.min() >= 0 and starts.max() <= last):
            raise ValueError(
                f"{part} windows of {self.size.total} steps begin between {starts.min()} and {starts.max()}; "
                f"{len(self.values)} rows hold such windows from 0 to {last}"
            )
