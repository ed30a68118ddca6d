"""Weights out of a network as named arrays, and back into one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lstm_pipeline.errors import BrokenArtifact

Weights = Mapping[str, NDArray[np.float32]]
"""Arrays by the names that torch gives them."""


def weights_of(net: nn.Module) -> Weights:
    """Copies of all weights, on the host."""
    # copied: on the CPU these arrays are the network's own memory, and it may go on learning
    return {name: weight.detach().cpu().numpy().copy() for name, weight in net.state_dict().items()}


def load_weights(net: nn.Module, weights: Weights) -> None:
    """Copy the arrays into the network.

    Raises:
        BrokenArtifact: a name or a shape is not the network's; every such fault is listed.
    """
    faults = _mismatches({name: tuple(weight.shape) for name, weight in net.state_dict().items()}, weights)
    if faults:
        raise BrokenArtifact(
            f"these weights belong to another network: {len(faults)} of their names or shapes differ. "
            "Load them with the model configuration and window size they were trained with",
            faults,
        )
    net.load_state_dict({name: torch.tensor(weight) for name, weight in weights.items()})


def _mismatches(expected: Mapping[str, tuple[int, ...]], weights: Weights) -> list[str]:
    got = {name: weight.shape for name, weight in weights.items()}
    return [
        f"{name}: got {got.get(name, 'nothing')}, expected {expected.get(name, 'nothing')}"
        for name in sorted(expected.keys() | got.keys())
        if got.get(name) != expected.get(name)
    ]
