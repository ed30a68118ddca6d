"""The network: what moves its forecast, how windows are normalised, where its weights come from."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.errors import BadConfig, BrokenArtifact
from lstm_pipeline.model.batch import Batch
from lstm_pipeline.model.build import build
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.model.device import choose_device, denormals_flushed, thread_count
from lstm_pipeline.model.gather import gather_contexts, gather_windows, index_on, rows_on
from lstm_pipeline.model.normalise import window_scale
from lstm_pipeline.model.weights import load_weights, weights_of
from lstm_pipeline.windows.config import WindowSize

CPU = torch.device("cpu")
NORMS = ["none", "last", "revin"]
SIZE = WindowSize(input_size=12, horizon=4)
AWKWARD = {
    "constant zero": np.zeros(12),
    "constant": np.full(12, 3.7),
    "constant and large": np.full(12, 1e9),
    "huge": np.geomspace(1, 1e30, 12),
    "tiny": 1e-20 * np.sin(np.arange(12)),
    "one spike": np.eye(12)[5] * 1e6,
    "rounding on a level": 1e8 + np.arange(12) % 2,
    "linear": np.arange(12.0),
}


def batch_of(contexts, observed=None):
    context = torch.tensor(np.asarray(contexts), dtype=torch.float32)
    seen = torch.ones_like(context, dtype=torch.bool) if observed is None else torch.tensor(observed)
    return Batch(context=context, observed=seen, series=torch.zeros(len(context), dtype=torch.int64))


@pytest.mark.parametrize("norm", NORMS)
def test_the_newest_value_moves_every_step_of_the_forecast(norm):
    net = build(ModelConfig(window_norm=norm, hidden_size=8), SIZE)
    values = np.sin(np.arange(12.0))

    before = net(batch_of([values]))
    after = net(batch_of([[*values[:-1], values[-1] + 1]]))

    assert ((after - before).abs() > 1e-4).all()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_window_gives_a_finite_forecast_near_its_own_scale(norm, name):
    net = build(ModelConfig(window_norm=norm, hidden_size=8), SIZE)
    values = AWKWARD[name]

    forecast = net(batch_of([values]))

    assert torch.isfinite(forecast).all()
    assert forecast.abs().max() <= 10 * np.abs(values).max() + 2 * (norm != "revin")


@pytest.mark.parametrize("level", [0.0, 3.7, 1e9])
def test_a_constant_window_is_forecast_at_its_level_and_teaches_nothing(level):
    net = build(ModelConfig(window_norm="revin", hidden_size=8), SIZE)

    forecast = net(batch_of([[level] * 12]))
    forecast.sum().backward()

    assert forecast.tolist() == [[pytest.approx(level, rel=1e-7)] * 4]
    assert all(not weight.grad.any() for weight in net.parameters())


def test_a_window_that_moves_by_rounding_alone_is_constant():
    level = np.float32(1e5)
    values = [level, np.nextafter(level, np.float32(2e5))] * 6

    scale = window_scale("revin", *window_of(values, [[True] * 12]))

    assert scale.spread.item() == 0.0
    assert not scale.normalise(batch_of([values]).context).any()


@settings(max_examples=40, deadline=None)
@given(
    norm=st.sampled_from(NORMS),
    values=st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=30),
)
def test_window_normalisation_is_reversible(norm, values):
    batch = batch_of([values])

    scale = window_scale(norm, batch.context, batch.observed)
    back = scale.denormalise(scale.normalise(batch.context))

    torch.testing.assert_close(back, batch.context, rtol=1e-5, atol=1e-5 * max(map(abs, values)) + 1e-29)


def test_revin_gives_each_window_mean_zero_and_deviation_one():
    batch = batch_of(np.random.default_rng(0).normal(50, 9, size=(6, 40)))

    scale = window_scale("revin", batch.context, batch.observed)
    seen = scale.normalise(batch.context)

    torch.testing.assert_close(seen.mean(dim=1), torch.zeros(6), rtol=0, atol=1e-5)
    torch.testing.assert_close(seen.std(dim=1, correction=0), torch.ones(6), rtol=1e-5, atol=0)


def test_what_nobody_observed_does_not_enter_the_statistics():
    observed = [[True, True, False, True]]

    few = window_scale("revin", *window_of([1.0, 2.0, 2.0, 6.0], observed))
    other = window_scale("revin", *window_of([1.0, 2.0, 1e9, 6.0], observed))

    assert few.level.item() == other.level.item() == 3.0
    assert few.spread.item() == other.spread.item() == pytest.approx(np.std([1, 2, 6]))


def window_of(values, observed):
    batch = batch_of([values], observed)
    return batch.context, batch.observed


def test_last_subtracts_the_last_carried_value_though_nobody_observed_it():
    scale = window_scale("last", *window_of([1.0, 5.0, 5.0], [[True, True, False]]))

    assert scale.level.item() == 5.0
    assert scale.spread.item() == 1.0


@pytest.mark.parametrize("norm", ["last", "revin"])
def test_a_shift_of_the_window_shifts_the_forecast(norm):
    net = build(ModelConfig(window_norm=norm, hidden_size=8), SIZE)
    values = np.sin(np.arange(12.0))

    shifted = net(batch_of([values + 64]))

    torch.testing.assert_close(shifted, net(batch_of([values])) + 64, rtol=0, atol=1e-4)


def test_weights_depend_on_the_seed_alone():
    torch.manual_seed(123)
    one = weights_of(build(ModelConfig(), SIZE, seed=5))

    torch.manual_seed(999)
    same = weights_of(build(ModelConfig(), SIZE, seed=5))
    other = weights_of(build(ModelConfig(), SIZE, seed=6))

    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not any(np.array_equal(one[name], other[name]) for name in one)


def test_building_leaves_the_caller_s_random_state_alone():
    before = torch.get_rng_state()

    build(ModelConfig(), SIZE, seed=5)

    assert torch.equal(torch.get_rng_state(), before)


def test_initial_weights_are_uniform_over_one_by_root_of_hidden():
    net = build(ModelConfig(hidden_size=64), SIZE)

    for weight in weights_of(net).values():
        assert np.abs(weight).max() <= 1 / 8
    assert np.std(weights_of(net)["lstm.weight_hh_l0"]) == pytest.approx(1 / 8 / np.sqrt(3), rel=0.05)


def test_weights_of_another_network_are_refused_with_every_fault():
    weights = weights_of(build(ModelConfig(hidden_size=3, num_layers=1), SIZE))
    net = build(ModelConfig(hidden_size=3, num_layers=2), WindowSize(input_size=12, horizon=5))

    with pytest.raises(BrokenArtifact) as caught:
        load_weights(net, weights)

    assert "head.bias: got (4,), expected (5,)" in caught.value.faults
    assert "lstm.bias_hh_l1: got nothing, expected (12,)" in caught.value.faults


@settings(max_examples=30, deadline=None)
@given(data=st.data(), context=st.integers(1, 9), horizon=st.integers(1, 9))
def test_gathered_windows_equal_slices_of_the_rows(data, context, horizon):
    size = WindowSize(input_size=context, horizon=horizon)
    values = np.arange(size.total + 10, dtype=np.float32)
    starts = np.array(data.draw(st.lists(st.integers(0, 10), min_size=1, max_size=6)))

    batch = gather_windows(
        rows_on(CPU, values, values % 3 == 0), index_on(CPU, starts, np.zeros_like(starts)), size
    )

    for start, seen, ahead in zip(starts, batch.context, batch.target, strict=True):
        assert seen.tolist() == values[start : start + context].tolist()
        assert ahead.tolist() == values[start + context : start + size.total].tolist()
    assert torch.equal(batch.observed, batch.context % 3 == 0)
    assert torch.equal(batch.target_observed, batch.target % 3 == 0)


def test_a_context_may_end_on_the_last_row():
    values = np.arange(SIZE.input_size, dtype=np.float32)

    rows = rows_on(CPU, values, values >= 0)
    batch = gather_contexts(rows, index_on(CPU, np.array([0]), np.array([7])), SIZE)

    assert batch.context.tolist() == [values.tolist()]
    assert batch.series.tolist() == [7]


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cpu:0", "auto:1", ""])
def test_an_unknown_device_is_refused_by_name(name):
    with pytest.raises(BadConfig, match=f'"{name}"; expected auto, cpu, cuda or cuda:N'):
        choose_device(name)


def test_an_absent_device_is_refused_rather_than_replaced():
    absent = f"cuda:{torch.cuda.device_count()}"

    with pytest.raises(BadConfig, match='set device = "auto"'):
        choose_device(absent)


def test_auto_takes_what_the_machine_has():
    expected = "cuda:0" if torch.cuda.is_available() else "cpu"

    assert str(choose_device("auto")) == expected


def failing_work(threads):
    with thread_count(threads):
        raise RuntimeError(f"planted, on {torch.get_num_threads()} threads")


def test_the_thread_count_is_given_back_even_after_an_error():
    before = torch.get_num_threads()

    with pytest.raises(RuntimeError, match=f"planted, on {before + 1} threads"):
        failing_work(before + 1)

    assert torch.get_num_threads() == before


def product_of_small_numbers():
    return (torch.tensor(1e-38) * 0.1).item()


def test_denormals_are_flushed_inside_and_as_before_outside():
    outside = product_of_small_numbers()

    with denormals_flushed():
        inside = product_of_small_numbers()
        with denormals_flushed():
            pass
        after_a_nested_one = product_of_small_numbers()

    assert (inside, after_a_nested_one) == (0.0, 0.0)
    assert outside == product_of_small_numbers() > 0.0
