"""Forecasting: one batched pass gives what one window at a time gives."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.errors import BadConfig, BrokenArtifact
from lstm_pipeline.forecasting import Contexts, load_net, predict, trace_first
from lstm_pipeline.model.batch import Batch
from lstm_pipeline.model.build import build
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.model.weights import weights_of
from lstm_pipeline.windows.config import WindowSize

SIZE = WindowSize(input_size=8, horizon=3)
MODEL = ModelConfig(hidden_size=5, dropout=0.5)


def contexts_of(starts, rows=400):
    rng = np.random.default_rng(0)
    starts = np.asarray(starts, dtype=np.int64)
    return Contexts(
        values=rng.normal(size=rows).astype(np.float32),
        observed=rng.random(rows) < 0.8,
        starts=starts,
        series=np.zeros_like(starts),
        size=SIZE,
    )


def window_at(contexts, start):
    seen = slice(start, start + SIZE.input_size)
    return Batch(
        context=torch.tensor(contexts.values[None, seen]),
        observed=torch.tensor(contexts.observed[None, seen]),
        series=torch.zeros(1, dtype=torch.int64),
    )


def one_at_a_time(net, contexts):
    forecasts = []
    for start in contexts.starts:
        forecasts.append(net(window_at(contexts, start))[0].detach().numpy())
    return np.array(forecasts)


@settings(max_examples=20, deadline=None)
@given(starts=st.lists(st.integers(0, 392), min_size=1, max_size=40), chunk=st.integers(1, 50))
def test_any_chunk_size_gives_what_one_window_at_a_time_gives(starts, chunk):
    net = load_net(MODEL, SIZE, weights_of(build(MODEL, SIZE, seed=3)))
    contexts = contexts_of(starts)

    forecasts = predict(net, contexts, device="cpu", chunk=chunk)

    np.testing.assert_allclose(forecasts, one_at_a_time(net, contexts), rtol=0, atol=1e-6)


def test_more_windows_than_a_chunk_are_all_forecast_in_their_order():
    net = build(MODEL, SIZE, seed=3)
    contexts = contexts_of(np.arange(392)[::-1])

    forecasts = predict(net, contexts, device="cpu")

    assert forecasts.shape == (392, 3)
    assert forecasts.dtype == np.float64
    np.testing.assert_allclose(forecasts, one_at_a_time(net, contexts), rtol=0, atol=1e-6)


def test_the_last_context_needs_no_rows_after_it():
    net = build(MODEL, SIZE)

    forecasts = predict(net, contexts_of([0], rows=SIZE.input_size), device="cpu")

    assert np.isfinite(forecasts).all()


def test_no_windows_give_no_forecasts():
    forecasts = predict(build(MODEL, SIZE), contexts_of([]), device="cpu")

    assert forecasts.shape == (0, 3)


def test_loaded_weights_forecast_what_they_forecast_before():
    net = build(MODEL, SIZE, seed=9)
    contexts = contexts_of([3, 50])

    loaded = load_net(MODEL, SIZE, weights_of(net))

    assert np.array_equal(predict(loaded, contexts, device="cpu"), predict(net, contexts, device="cpu"))


def test_weights_of_another_size_are_refused():
    weights = weights_of(build(MODEL, SIZE))

    with pytest.raises(BrokenArtifact, match=r"head\.weight: got \(3, 5\), expected \(4, 5\)"):
        load_net(MODEL, WindowSize(input_size=8, horizon=4), weights)


def test_forecasting_leaves_random_state_and_thread_count_as_they_were():
    before, threads = torch.get_rng_state(), torch.get_num_threads()

    predict(build(MODEL, SIZE), contexts_of([0]), device="cpu", threads=threads + 1)

    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_forecasting_on_an_unknown_device_is_refused():
    with pytest.raises(BadConfig, match="expected auto, cpu, cuda or cuda:N"):
        predict(build(MODEL, SIZE), contexts_of([0]), device="gpu")


def test_a_trace_follows_the_first_window_to_its_forecast():
    net = build(MODEL, SIZE, seed=3).eval()
    contexts = contexts_of([20, 90])

    trace = trace_first(net, contexts)

    scale = net.scale(window_at(contexts, 20))
    decoded = scale.denormalise(net.head(torch.tensor(trace.hidden[-1:]))).detach().numpy()
    np.testing.assert_allclose(decoded, predict(net, contexts, device="cpu")[:1], atol=1e-6)


def test_memory_mapped_rows_need_no_writing(tmp_path):
    contexts = contexts_of([0, 7])
    np.save(tmp_path / "values.npy", contexts.values)
    mapped = np.load(tmp_path / "values.npy", mmap_mode="r")

    net = build(MODEL, SIZE)
    from_map = predict(net, Contexts(**{**fields(contexts), "values": mapped}), device="cpu")

    assert np.array_equal(from_map, predict(net, contexts, device="cpu"))


def fields(contexts):
    return {name: getattr(contexts, name) for name in ("values", "observed", "starts", "series", "size")}
