"""Forecasts of a trained network: every window in large batches, from arrays to arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from lstm_pipeline.model.build import Net, build
from lstm_pipeline.model.cell import GateTrace, trace_gates
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.model.device import choose_device, thread_count
from lstm_pipeline.model.gather import WINDOWS_AT_ONCE, gather_contexts, index_on, rows_on
from lstm_pipeline.model.weights import Weights, load_weights
from lstm_pipeline.windows.config import WindowSize


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexts:
    """The windows to forecast from: all series end to end, in scaled units, and where each context begins."""

    values: NDArray[np.float32]
    """(R,)"""
    observed: NDArray[np.bool_]
    """(R,)"""
    starts: NDArray[np.int64]
    """First row of each context; the rows of its target need not exist: (W,)."""
    series: NDArray[np.int64]
    """Index of the series of each window: (W,)."""
    size: WindowSize


def load_net(config: ModelConfig, size: WindowSize, weights: Weights) -> Net:
    """A network that carries these weights, on the CPU, ready to forecast.

    Raises:
        BrokenArtifact: a name or a shape is not the network's.
    """
    net = build(config, size)
    load_weights(net, weights)
    return net.eval()


def predict(
    net: Net, contexts: Contexts, *, device: str = "auto", threads: int = 1, chunk: int = WINDOWS_AT_ONCE
) -> NDArray[np.float64]:
    """Forecast every window, in scaled units: (W, H).

    The network is moved to the device. The size of the chunks changes no forecast beyond rounding.

    Raises:
        BadConfig: the device is none, or not on this machine.
    """
    place = choose_device(device)
    net = net.to(place).eval()
    forecasts = np.empty((len(contexts.starts), contexts.size.horizon))
    with thread_count(threads), torch.inference_mode():
        rows = rows_on(place, contexts.values, contexts.observed)
        index = index_on(place, contexts.starts, contexts.series)
        for first in range(0, len(index), chunk):
            part = slice(first, first + chunk)
            forecasts[part] = net(gather_contexts(rows, index[part], contexts.size)).cpu().numpy()
    return forecasts


def trace_first(net: Net, contexts: Contexts) -> GateTrace:
    """Gate activations of the top layer on the first window, on the CPU."""
    place = torch.device("cpu")
    rows = rows_on(place, contexts.values, contexts.observed)
    index = index_on(place, contexts.starts[:1], contexts.series[:1])
    return trace_gates(net.to(place), gather_contexts(rows, index, contexts.size))
