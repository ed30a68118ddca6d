"""The LSTM written out from its equations: the readable reference that the fast network must equal.

Sources: Hochreiter & Schmidhuber 1997, Long Short-Term Memory (cell, input and output gate);
Gers, Schmidhuber & Cummins 2000, Learning to Forget (forget gate).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lstm_pipeline.model.batch import Batch
from lstm_pipeline.model.lstm import LastStateLSTM

Activations = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer's weights as `nn.LSTM` keeps them: input gate, forget gate, candidate, output gate."""

    weight_ih: Tensor
    """From the layer's input: (4 hidden, input)."""
    weight_hh: Tensor
    """From the hidden state before: (4 hidden, hidden)."""
    bias_ih: Tensor
    """(4 hidden,)"""
    bias_hh: Tensor
    """(4 hidden,)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one time step computes: each (B, hidden)."""

    input: Tensor
    forget: Tensor
    output: Tensor
    cell: Tensor
    hidden: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTrace:
    """The top layer on one window, oldest step first: each (T, hidden), float32."""

    forget: Activations
    """How much of the cell is kept: 0 to 1."""
    input: Activations
    """How much of the candidate is let in: 0 to 1."""
    output: Activations
    """How much of the cell is shown: 0 to 1."""
    cell: Activations
    """The cell state after the step."""
    hidden: Activations
    """The hidden state after the step: -1 to 1."""


def trace_gates(net: LastStateLSTM, batch: Batch) -> GateTrace:
    """Follow the gates of the top layer over the first window of the batch."""
    with torch.no_grad():
        inputs = net.inputs(batch, net.scale(batch))
        # the slow way: nn.LSTM gives its hidden states, but not its gates
        steps = run_layers(layers_of(net.lstm), inputs[:1])[-1]

    def path(name: str) -> Activations:
        return torch.stack([getattr(step, name)[0] for step in steps]).cpu().numpy()

    return GateTrace(
        forget=path("forget"),
        input=path("input"),
        output=path("output"),
        cell=path("cell"),
        hidden=path("hidden"),
    )


def layers_of(lstm: nn.LSTM) -> tuple[Layer, ...]:
    """The weights of each layer, bottom first, by their names in `nn.LSTM`."""
    return tuple(
        Layer(
            weight_ih=getattr(lstm, f"weight_ih_l{layer}"),
            weight_hh=getattr(lstm, f"weight_hh_l{layer}"),
            bias_ih=getattr(lstm, f"bias_ih_l{layer}"),
            bias_hh=getattr(lstm, f"bias_hh_l{layer}"),
        )
        for layer in range(lstm.num_layers)
    )


def run_layers(layers: tuple[Layer, ...], inputs: Tensor) -> list[list[Step]]:
    """Run the layers on top of each other, each over all time steps: per layer the T steps.

    Shapes: inputs (B, T, input).
    """
    runs: list[list[Step]] = []
    for layer in layers:
        runs.append(run_layer(layer, inputs))
        inputs = torch.stack([step.hidden for step in runs[-1]], dim=1)
    return runs


def run_layer(layer: Layer, inputs: Tensor) -> list[Step]:
    """Run one layer over time from a state of zeros.

    Shapes: inputs (B, T, input).
    """
    hidden = cell = inputs.new_zeros(len(inputs), layer.weight_hh.shape[1])
    steps: list[Step] = []
    for x in inputs.unbind(dim=1):
        steps.append(lstm_step(layer, x, hidden, cell))
        hidden, cell = steps[-1].hidden, steps[-1].cell
    return steps


def lstm_step(layer: Layer, x: Tensor, hidden: Tensor, cell: Tensor) -> Step:
    """One step: the gates look at x and the hidden state, the cell is updated, the hidden state shows it.

    Shapes: x (B, input), hidden and cell (B, hidden).
    """
    w_i, w_f, w_g, w_o = layer.weight_ih.chunk(4)
    u_i, u_f, u_g, u_o = layer.weight_hh.chunk(4)
    # torch keeps two biases, as cuDNN does: only their sum counts
    b_i, b_f, b_g, b_o = (layer.bias_ih + layer.bias_hh).chunk(4)

    forget = torch.sigmoid(x @ w_f.T + hidden @ u_f.T + b_f)
    input_ = torch.sigmoid(x @ w_i.T + hidden @ u_i.T + b_i)
    candidate = torch.tanh(x @ w_g.T + hidden @ u_g.T + b_g)
    output = torch.sigmoid(x @ w_o.T + hidden @ u_o.T + b_o)

    cell = forget * cell + input_ * candidate
    hidden = output * torch.tanh(cell)
    return Step(input=input_, forget=forget, output=output, cell=cell, hidden=hidden)
