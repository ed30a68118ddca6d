"""The order of training windows: one seeded permutation per epoch, so that any position can be recomputed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor


def batches(windows: int, batch_size: int, seed: int, first_step: int) -> Iterator[Tensor]:
    """Numbers of the windows of each batch, epoch after epoch without end, from `first_step` on.

    Each is (B,), int64, with B = batch_size save for the last batch of an epoch.
    """
    epoch, batch = divmod(first_step, math.ceil(windows / batch_size))
    while True:
        order = torch.from_numpy(np.random.default_rng((seed, epoch)).permutation(windows))
        yield from order.split(batch_size)[batch:]
        epoch, batch = epoch + 1, 0
