"""Context and target of windows, read from the series by index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.errors import SeriesTooShort
from lstm_pipeline.windows.config import WindowSize

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def slice_windows(values: Floats, size: WindowSize) -> tuple[Floats, Floats]:
    """Cut one series into (context, target) pairs, oldest first.

    Shapes: values (T,) -> context (N, input_size), target (N, horizon), N = T - input_size - horizon + 1.
    Both are read-only views of `values`: nothing is copied.

    Raises:
        SeriesTooShort: T is smaller than one window.
    """
    if len(values) < size.total:
        raise SeriesTooShort(
            f"{len(values)} steps are fewer than one window of {size.input_size} + {size.horizon} needs: "
            "give more history, or set a smaller windows.input_size or windows.horizon"
        )
    both = np.lib.stride_tricks.sliding_window_view(values, size.total)
    return both[:, : size.input_size], both[:, size.input_size :]


def targets(values: NDArray[np.generic], start: Ints, size: WindowSize) -> NDArray[np.generic]:
    """The targets of windows that start on these rows: values (R,), start (W,) -> (W, horizon), copied."""
    return values[start[:, None] + np.arange(size.input_size, size.total)]
