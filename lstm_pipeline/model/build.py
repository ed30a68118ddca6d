"""From a configuration to a network, over the closed table of kinds."""

from __future__ import annotations

import torch

from lstm_pipeline.model.config import Kind, ModelConfig
from lstm_pipeline.model.lstm import LastStateLSTM
from lstm_pipeline.windows.config import WindowSize

Net = LastStateLSTM
"""Any network of the table."""

NETS: dict[Kind, type[Net]] = {"lstm": LastStateLSTM}


def build(config: ModelConfig, size: WindowSize, *, seed: int = 0) -> Net:
    """Make the network on the CPU with initial weights drawn from `seed` alone.

    The caller's random state is neither read nor moved.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return NETS[config.kind](config, size)
