"""The cell written from its equations is the cell that trains."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lstm_pipeline.model.batch import Batch
from lstm_pipeline.model.build import build
from lstm_pipeline.model.cell import layers_of, run_layers, trace_gates
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.windows.config import WindowSize

SHAPES = st.fixed_dictionaries(
    {
        "inputs": st.integers(1, 4),
        "hidden": st.integers(1, 24),
        "layers": st.integers(1, 3),
        "steps": st.integers(1, 20),
        "windows": st.integers(1, 9),
        "seed": st.integers(0, 2**31),
    }
)


def lstm_and_inputs(shape):
    torch.manual_seed(shape["seed"])
    lstm = nn.LSTM(shape["inputs"], shape["hidden"], shape["layers"], batch_first=True)
    return lstm, torch.randn(shape["windows"], shape["steps"], shape["inputs"])


def window(values, observed=None):
    context = torch.tensor([values], dtype=torch.float32)
    seen = torch.ones_like(context, dtype=torch.bool) if observed is None else torch.tensor([observed])
    return Batch(context=context, observed=seen, series=torch.zeros(1, dtype=torch.int64))


@settings(max_examples=25, deadline=None)
@given(shape=SHAPES)
def test_every_step_of_the_reference_equals_the_fast_network(shape):
    lstm, inputs = lstm_and_inputs(shape)

    fast, (_, last_cell) = lstm(inputs)
    reference = run_layers(layers_of(lstm), inputs)

    slow = torch.stack([step.hidden for step in reference[-1]], dim=1)
    torch.testing.assert_close(slow, fast, rtol=0, atol=1e-6)
    torch.testing.assert_close(reference[-1][-1].cell, last_cell[-1], rtol=1e-6, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(shape=SHAPES)
def test_every_gradient_of_the_reference_equals_the_fast_network_s(shape):
    lstm, inputs = lstm_and_inputs(shape)
    inputs.requires_grad_()
    wanted = [inputs, *lstm.parameters()]

    fast = torch.autograd.grad(lstm(inputs)[0].square().mean(), wanted)
    steps = run_layers(layers_of(lstm), inputs)[-1]
    slow = torch.autograd.grad(torch.stack([step.hidden for step in steps], dim=1).square().mean(), wanted)

    for of_slow, of_fast in zip(slow, fast, strict=True):
        torch.testing.assert_close(of_slow, of_fast, rtol=0, atol=1e-6)


def test_a_cell_with_an_open_forget_gate_and_closed_input_gate_keeps_its_state():
    lstm = nn.LSTM(1, 1, batch_first=True)
    for weight in lstm.parameters():
        nn.init.zeros_(weight)
    with torch.no_grad():
        lstm.bias_ih_l0.copy_(torch.tensor([-50.0, 50.0, 1.0, 50.0]))  # input, forget, candidate, output

    steps = run_layers(layers_of(lstm), torch.ones(1, 5, 1))[-1]

    assert [step.forget.item() for step in steps] == [1.0] * 5
    assert max(abs(step.cell.item()) for step in steps) < 1e-12


def test_a_trace_has_one_row_per_step_and_one_column_per_unit():
    net = build(ModelConfig(hidden_size=7, num_layers=2), WindowSize(input_size=11, horizon=3))

    trace = trace_gates(net, window(list(np.sin(np.arange(11.0)))))

    for path in (trace.forget, trace.input, trace.output, trace.cell, trace.hidden):
        assert path.shape == (11, 7)
        assert path.dtype == np.float32


def test_traced_gates_lie_between_closed_and_open():
    net = build(ModelConfig(hidden_size=7, num_layers=2), WindowSize(input_size=11, horizon=3))

    trace = trace_gates(net, window(list(100 * np.sin(np.arange(11.0)))))

    for gate in (trace.forget, trace.input, trace.output):
        assert 0 <= gate.min() < gate.max() <= 1
    assert np.abs(trace.hidden).max() <= 1


def test_the_traced_hidden_state_is_what_the_network_forecasts_from():
    net = build(ModelConfig(hidden_size=7, num_layers=2), WindowSize(input_size=11, horizon=3))
    batch = window(list(5 + np.sin(np.arange(11.0))), observed=[True] * 8 + [False] * 3)

    trace = trace_gates(net, batch)

    decoded = net.scale(batch).denormalise(net.head(torch.tensor(trace.hidden[-1:])))
    torch.testing.assert_close(decoded, net(batch), rtol=1e-5, atol=1e-6)
