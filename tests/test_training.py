"""Training: same seed, same bytes, interrupted or not; honest about why it ended."""

import dataclasses
import math
import subprocess
import sys
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.errors import BadConfig, BrokenArtifact
from lstm_pipeline.forecasting import Contexts, load_net, predict
from lstm_pipeline.model.batch import Batch
from lstm_pipeline.model.build import build
from lstm_pipeline.model.config import Kind, ModelConfig
from lstm_pipeline.model.weights import weights_of
from lstm_pipeline.training.adam import Adam
from lstm_pipeline.training.budget import default_max_steps, learning_rate, plan_steps, step_seconds
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.training.data import TrainingSet
from lstm_pipeline.training.fit import FITS, fit
from lstm_pipeline.training.loop import FitHooks
from lstm_pipeline.training.loss import loss_ceiling, loss_sum
from lstm_pipeline.training.order import batches
from lstm_pipeline.training.resume import ResumeState
from lstm_pipeline.training.rounds import Round, StopRules, best_round, ending
from lstm_pipeline.windows.config import WindowSize

SMALL = ModelConfig(hidden_size=6, num_layers=2)
QUICK = TrainingConfig(max_steps=60, batch_size=16, patience=0, device="cpu")
SILENT = FitHooks()


def training_set(values, size, *, train, validation=0, observed=None):
    """The first `train` windows of one series train, the `validation` ones after them choose."""
    starts = np.arange(train + validation)
    series = np.zeros_like(starts)
    return TrainingSet(
        values=np.asarray(values, dtype=np.float32),
        observed=np.ones(len(values), dtype=bool) if observed is None else observed,
        train=starts[:train],
        train_series=series[:train],
        validation=starts[train:],
        validation_series=series[train:],
        size=size,
    )


def noisy_sine(*, validation=40):
    values = np.sin(np.arange(200) / 3) + 0.3 * np.random.default_rng(0).normal(size=200)
    size = WindowSize(input_size=10, horizon=2)
    return training_set(values, size, train=120, validation=validation)


def same(one, other):
    return one.keys() == other.keys() and all(one[name].tobytes() == other[name].tobytes() for name in one)


class Killed(Exception):
    """What a fit dies of here."""


def states_every(seconds, model, training, data):
    """All resume states of a fit whose clock moves a second at each look."""
    saved, clock = [], iter(range(10**6))
    hooks = FitHooks(save=lambda state: saved.append(state.to_bytes()), clock=lambda: next(clock))
    fit(model, dataclasses.replace(training, checkpoint_seconds=seconds), data, hooks)
    return [ResumeState.from_bytes(data) for data in saved]


# --- what it learns


def test_the_tutorial_s_task_is_learnt_in_five_epochs():
    values = np.sin(np.linspace(0, 1000, 1000))
    data = training_set(values, WindowSize(input_size=50, horizon=1), train=760, validation=100)
    tutorial = TrainingConfig(epochs=5, batch_size=64, seed=0, device="cpu")

    result = fit(ModelConfig(window_norm="none", scaling="none"), tutorial, data, SILENT)

    assert 0.002 < result.rounds[-1].validation_loss < 0.3
    assert [round_.step for round_ in result.rounds] == [12, 24, 36, 48, 60]


def test_an_autoregressive_series_is_forecast_with_an_error_near_its_noise():
    rng, values = np.random.default_rng(1), [0.0]
    for noise in rng.normal(size=4000):
        values.append(0.98 * values[-1] + noise)
    data = training_set(
        np.array(values) / 5, WindowSize(input_size=16, horizon=4), train=3000, validation=900
    )
    model = ModelConfig(hidden_size=16, num_layers=1, window_norm="last")
    training = TrainingConfig(max_steps=600, batch_size=32, learning_rate=3e-3, device="cpu")

    net = load_net(model, data.size, fit(model, training, data, SILENT).weights)

    step_one = predict_validation(net, data)[:, 0]
    actual = data.values[data.validation + 16]
    assert 0.9 < 25 * np.mean((step_one - actual) ** 2) < 1.15


def predict_validation(net, data):
    contexts = Contexts(
        values=data.values,
        observed=data.observed,
        starts=data.validation,
        series=data.validation_series,
        size=data.size,
    )
    return predict(net, contexts, device="cpu")


@pytest.mark.parametrize("loss", ["mse", "mae"])
def test_the_reported_validation_loss_is_that_of_the_returned_weights(loss):
    data = noisy_sine()
    training = dataclasses.replace(QUICK, loss=loss)

    result = fit(SMALL, training, data, SILENT)

    error = predict_validation(load_net(SMALL, data.size, result.weights), data) - targets(data)
    expected = np.mean(error**2) if loss == "mse" else np.mean(np.abs(error))
    best = next(round_ for round_ in result.rounds if round_.step == result.best_step)
    assert best.validation_loss == pytest.approx(expected, rel=1e-5)


def targets(data):
    first = data.validation + data.size.input_size
    return data.values[first[:, None] + np.arange(data.size.horizon)]


def test_the_training_loss_of_a_round_is_its_errors_divided_once():
    data = noisy_sine(validation=0)
    frozen = dataclasses.replace(QUICK, max_steps=None, epochs=2, batch_size=50, learning_rate=1e-30)

    result = fit(SMALL, frozen, data, SILENT)

    everything = dataclasses.replace(data, validation=data.train, validation_series=data.train_series)
    error = predict_validation(load_net(SMALL, data.size, result.weights), everything) - targets(everything)
    assert [r.training_loss for r in result.rounds] == [pytest.approx(np.mean(error**2), rel=1e-5)] * 2


# --- same seed, same bytes


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_equal_seeds_give_equal_bytes_and_different_seeds_do_not(dropout):
    model = dataclasses.replace(SMALL, dropout=dropout)

    one = fit(model, QUICK, noisy_sine(), SILENT)
    torch.manual_seed(77)
    two = fit(model, QUICK, noisy_sine(), SILENT)
    other = fit(model, dataclasses.replace(QUICK, seed=1), noisy_sine(), SILENT)

    assert same(one.weights, two.weights)
    assert one.rounds == two.rounds
    assert not same(one.weights, other.weights)


def test_a_fit_leaves_random_state_and_thread_count_as_they_were():
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    model = dataclasses.replace(SMALL, dropout=0.5)

    fit(model, dataclasses.replace(QUICK, max_steps=3, threads=threads + 1), noisy_sine(), SILENT)

    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_dropout_changes_what_is_learnt():
    plain = fit(SMALL, QUICK, noisy_sine(), SILENT)

    dropped = fit(dataclasses.replace(SMALL, dropout=0.5), QUICK, noisy_sine(), SILENT)

    assert not same(plain.weights, dropped.weights)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_a_fit_resumed_from_any_state_ends_in_the_same_bytes(dropout):
    model, data = dataclasses.replace(SMALL, dropout=dropout), noisy_sine()
    training = dataclasses.replace(QUICK, max_steps=25, schedule="cosine", patience=2)
    whole = fit(model, training, data, SILENT)

    states = states_every(1, model, training, data)
    resumed = [fit(model, training, data, FitHooks(resume=state)) for state in states]

    assert {state.position.step for state in states} == set(range(1, whole.steps + 1))
    for result in resumed:
        assert same(result.weights, whole.weights)
        assert (result.rounds, result.sentence) == (whole.rounds, whole.sentence)


def test_a_fit_resumed_after_its_best_round_still_ends_with_the_weights_of_that_round():
    data = noisy_sine()
    wild = dataclasses.replace(QUICK, learning_rate=1.0, clip=1e9, seed=1)
    whole = fit(SMALL, wild, data, SILENT)
    states = [state for state in states_every(1, SMALL, wild, data) if state.position.step > whole.best_step]

    resumed = [fit(SMALL, wild, data, FitHooks(resume=state)) for state in states]

    assert whole.best_step < whole.steps
    assert resumed
    assert all(same(result.weights, whole.weights) for result in resumed)


def test_a_gradient_is_never_longer_than_the_clip():
    data, start = noisy_sine(), weights_of(build(SMALL, noisy_sine().size, seed=QUICK.seed))
    held = dataclasses.replace(QUICK, max_steps=5, clip=1e-12)

    moved = fit(SMALL, held, data, SILENT).weights

    # so small a gradient drowns in Adam's epsilon of 1e-8: 5 steps of at most 1e-3 * 1e-4
    assert max(float(np.abs(moved[name] - start[name]).max()) for name in start) < 1e-6


def test_the_cosine_falls_to_a_tenth_over_the_whole_budget():
    training = dataclasses.replace(QUICK, max_steps=None, epochs=4, batch_size=50, schedule="cosine")

    rates = [round_.learning_rate for round_ in fit(SMALL, training, noisy_sine(), SILENT).rounds]

    assert len(rates) == 4
    assert rates == sorted(rates, reverse=True)
    assert rates[1] > 0.4 * training.learning_rate
    assert rates[-1] == pytest.approx(0.1 * training.learning_rate, rel=0.2)


def test_a_fit_killed_again_and_again_ends_in_the_same_bytes():
    model, data = dataclasses.replace(SMALL, dropout=0.4), noisy_sine()
    whole = fit(model, QUICK, data, SILENT)
    last = []

    def save_and_die(state):
        last[:] = [state.to_bytes()]
        raise Killed

    result = None
    while result is None:
        resume = ResumeState.from_bytes(last[0]) if last else None
        try:
            result = fit(model, QUICK, data, FitHooks(save=save_and_die, resume=resume))
        except Killed:
            torch.manual_seed(len(last[0]))

    assert same(result.weights, whole.weights)
    assert result.rounds == whole.rounds


def test_saving_changes_nothing():
    whole = fit(SMALL, QUICK, noisy_sine(), SILENT)
    clock = iter(range(10**6))

    watched = fit(
        SMALL,
        dataclasses.replace(QUICK, checkpoint_seconds=1),
        noisy_sine(),
        FitHooks(save=lambda state: None, clock=lambda: next(clock)),
    )

    assert same(watched.weights, whole.weights)


def test_a_state_survives_its_bytes():
    state = states_every(10**9, SMALL, dataclasses.replace(QUICK, max_steps=2), noisy_sine())[-1]

    back = ResumeState.from_bytes(state.to_bytes())

    assert back.position == state.position
    for part in ("weights", "best", "averages", "squares"):
        assert same(getattr(back, part), getattr(state, part))
    assert back.to_bytes() == state.to_bytes()


@pytest.mark.parametrize("damage", [lambda b: b[:100], lambda b: b"", lambda b: b"{}" * 50])
def test_bytes_that_are_no_state_are_refused(damage):
    state = states_every(10**9, SMALL, dataclasses.replace(QUICK, max_steps=1), noisy_sine())[-1]

    with pytest.raises(BrokenArtifact, match="no resume state"):
        ResumeState.from_bytes(damage(state.to_bytes()))


def test_a_state_of_another_network_is_refused():
    state = states_every(10**9, SMALL, dataclasses.replace(QUICK, max_steps=1), noisy_sine())[-1]
    wider = dataclasses.replace(SMALL, hidden_size=7)

    with pytest.raises(BrokenArtifact, match="belong to another network"):
        fit(wider, QUICK, noisy_sine(), FitHooks(resume=state))


# --- what nobody observed


@pytest.mark.parametrize("value", [0.0, 1e30, math.nan])
def test_the_value_of_a_masked_target_changes_no_byte(value):
    data = noisy_sine(validation=0)
    last = data.train[-1] + data.size.total - 1  # a target of the last two windows, in no context
    observed = np.arange(200) != last
    changed = data.values.copy()
    changed[last] = value

    one = fit(SMALL, QUICK, dataclasses.replace(data, observed=observed), SILENT)
    two = fit(SMALL, QUICK, dataclasses.replace(data, observed=observed, values=changed), SILENT)

    assert same(one.weights, two.weights)
    assert one.rounds == two.rounds


def test_an_observed_target_does_change_the_weights():
    data = noisy_sine(validation=0)
    changed = data.values.copy()
    changed[data.train[-1] + data.size.total - 1] += 1

    one = fit(SMALL, QUICK, data, SILENT)
    two = fit(SMALL, QUICK, dataclasses.replace(data, values=changed), SILENT)

    assert not same(one.weights, two.weights)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 99), loss=st.sampled_from(["mse", "mae"]))
def test_the_masked_loss_equals_a_slow_loop(seed, loss):
    rng = np.random.default_rng(seed)
    forecast, target, observed = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.random((5, 3)) < 0.6
    batch = Batch(
        context=torch.zeros(5, 1),
        observed=torch.ones(5, 1, dtype=torch.bool),
        series=torch.zeros(5, dtype=torch.int64),
        target=torch.tensor(target),
        target_observed=torch.tensor(observed),
    )

    summed = loss_sum(loss, torch.tensor(forecast), batch)

    slow = 0.0
    for row, step in np.ndindex(5, 3):
        error = forecast[row, step] - target[row, step]
        slow += (error**2 if loss == "mse" else abs(error)) if observed[row, step] else 0.0
    assert summed.total.item() == pytest.approx(slow)
    assert summed.count.item() == observed.sum()


# --- how it ends


def test_a_diverging_learning_rate_ends_in_a_verdict_with_the_best_weights():
    wild = dataclasses.replace(QUICK, learning_rate=1e6, clip=0.0)

    result = fit(SMALL, wild, noisy_sine(), SILENT)

    assert result.ended == "diverged"
    assert result.steps < 60
    assert "A lower learning_rate may help" in result.sentence
    assert all(np.isfinite(weight).all() for weight in result.weights.values())


@pytest.mark.parametrize("validation", [0, 40])
def test_values_that_are_not_finite_end_in_a_verdict_with_the_initial_weights(validation):
    data = noisy_sine(validation=validation)
    data.values[50] = math.nan

    result = fit(SMALL, QUICK, data, SILENT)

    assert (result.ended, result.best_step) == ("diverged", 0)
    assert same(result.weights, weights_of(build(SMALL, data.size, seed=QUICK.seed)))


def test_patience_ends_training_and_restores_the_best_weights():
    rng = np.random.default_rng(0)
    noise = training_set(rng.normal(size=200), WindowSize(input_size=10, horizon=2), train=120, validation=60)
    patient = TrainingConfig(max_steps=4000, batch_size=16, learning_rate=0.02, patience=3, device="cpu")

    result = fit(SMALL, patient, noise, SILENT)

    at_step = {state.position.step: state for state in states_every(10**9, SMALL, patient, noise)}
    steps = [round_.step for round_ in result.rounds]
    assert (result.ended, result.steps) == ("patience", steps[steps.index(result.best_step) + 3])
    assert same(result.weights, at_step[result.best_step].weights)
    assert "3 rounds without a better validation loss" in result.sentence


def test_without_validation_windows_the_last_weights_are_kept_and_nothing_stops_early():
    impatient = dataclasses.replace(QUICK, patience=1)

    result = fit(SMALL, impatient, noisy_sine(validation=0), SILENT)

    assert (result.ended, result.steps, result.best_step) == ("budget", 60, 60)
    assert {round_.validation_loss for round_ in result.rounds} == {None}


ROUNDS = st.lists(
    st.sampled_from([0.1, 0.2, 0.3, math.nan, math.inf, 1e9]).map(
        lambda loss: Round(step=1, training_loss=1.0, validation_loss=loss, learning_rate=1e-3)
    ),
    max_size=8,
)


@given(rounds=ROUNDS)
def test_the_best_round_is_the_first_of_the_lowest_sound_losses(rounds):
    best = best_round(tuple(rounds), ceiling=100.0)

    lowest = None
    for number, round_ in enumerate(rounds):
        if round_.validation_loss < 100 and (
            lowest is None or round_.validation_loss < rounds[lowest].validation_loss
        ):
            lowest = number
    assert best == lowest


@pytest.mark.parametrize(
    ("training_loss", "validation_loss"), [(math.nan, 1.0), (1.0, math.nan), (101.0, 1.0), (1.0, math.inf)]
)
def test_one_unsound_loss_ends_a_fit(training_loss, validation_loss):
    rules = StopRules(total=100, patience=None, ceiling=100.0)
    unsound = Round(step=10, training_loss=training_loss, validation_loss=validation_loss, learning_rate=1e-3)

    assert ending((unsound,), rules) == "diverged"
    assert ending((dataclasses.replace(unsound, training_loss=1.0, validation_loss=1.0),), rules) is None


def test_the_ceiling_of_the_loss_looks_at_training_rows_alone():
    data = noisy_sine()
    after_training = data.train[-1] + data.size.total
    changed = data.values.copy()
    changed[after_training:] = 1e9

    ceiling = loss_ceiling("mse", data)

    assert ceiling == pytest.approx((1e3 * np.abs(data.values[:after_training]).max()) ** 2)
    assert loss_ceiling("mse", dataclasses.replace(data, values=changed)) == ceiling


# --- steps, epochs, rounds


@given(windows=st.integers(1, 60), size=st.integers(1, 20), seed=st.integers(0, 5))
def test_every_epoch_holds_every_window_once(windows, size, seed):
    stream = batches(windows, size, seed, first_step=0)

    epochs = [[next(stream).tolist() for _ in range(math.ceil(windows / size))] for _ in range(3)]

    for epoch in epochs:
        assert sorted(window for batch in epoch for window in batch) == list(range(windows))
        assert all(len(batch) == size for batch in epoch[:-1])


def test_every_epoch_has_an_order_of_its_own():
    stream = batches(50, 50, 0, first_step=0)

    orders = {tuple(next(stream).tolist()) for _ in range(5)}

    assert len(orders) == 5


@given(windows=st.integers(1, 60), size=st.integers(1, 20), first=st.integers(0, 100))
def test_the_order_of_batches_can_be_taken_up_anywhere(windows, size, first):
    from_the_start = batches(windows, size, 7, first_step=0)
    for _ in range(first):
        next(from_the_start)

    from_there = batches(windows, size, 7, first_step=first)

    for _ in range(5):
        assert torch.equal(next(from_there), next(from_the_start))


@pytest.mark.parametrize(
    ("budget", "windows", "expected"),
    [
        ({"epochs": 5}, 760, (60, 12)),
        ({"max_steps": 1000}, 64 * 50, (1000, 50)),
        ({"max_steps": 1000}, 64 * 400, (1000, 100)),  # an epoch is longer than a tenth
        ({"max_steps": 1000}, 64 * 3, (1000, 20)),  # and here shorter than 20 steps
        ({"max_steps": 1000, "epochs": 2}, 64 * 50, (100, 50)),
        ({"max_steps": 7}, 64 * 50, (7, 1)),
    ],
)
def test_a_budget_falls_into_rounds(budget, windows, expected):
    plan = plan_steps(TrainingConfig(batch_size=64, **budget), windows)

    assert (plan.total, plan.per_round) == expected


def test_a_fit_without_a_budget_says_what_resolves_one():
    with pytest.raises(ValueError, match="default_max_steps"):
        plan_steps(TrainingConfig(), 100)


@given(
    hidden=st.integers(1, 512),
    layers=st.integers(1, 3),
    context=st.integers(1, 2000),
    windows=st.integers(1, 10**7),
)
def test_the_default_budget_stays_between_its_bounds(hidden, layers, context, windows):
    model = ModelConfig(hidden_size=hidden, num_layers=layers)
    size = WindowSize(input_size=context, horizon=24)

    steps = default_max_steps(model, size, 64, windows)

    fits = 600 * step_seconds(model, size, 64) <= 100
    assert (600 if fits else 150) <= steps <= max(600, 50 * math.ceil(windows / 64))
    assert steps <= default_max_steps(dataclasses.replace(model, hidden_size=1), size, 64, windows)


@pytest.mark.parametrize("context", [24, 96, 168])
def test_a_budget_that_many_windows_could_use_up_is_some_forty_seconds(context):
    size = WindowSize(input_size=context, horizon=24)

    steps = default_max_steps(ModelConfig(), size, 64, 10**7)

    assert 39 <= steps * step_seconds(ModelConfig(), size, 64) <= 45


def test_the_cosine_falls_from_the_rate_to_a_tenth_of_it():
    training = TrainingConfig(learning_rate=0.01, schedule="cosine")

    rates = [learning_rate(training, step, 100) for step in range(101)]

    assert rates[0] == pytest.approx(0.01)
    assert rates[100] == pytest.approx(0.001)
    assert rates == sorted(rates, reverse=True)


def test_validation_windows_are_spread_evenly_where_there_are_more_than_asked():
    data = noisy_sine()
    few = dataclasses.replace(data, validation=data.validation[::4], validation_series=np.zeros(10, int))
    asked = dataclasses.replace(QUICK, validation_windows=10)

    spread = fit(SMALL, asked, data, SILENT)

    assert spread.rounds == fit(SMALL, QUICK, few, SILENT).rounds


# --- the optimiser, the device, the imports


@pytest.mark.parametrize("clip", [None, 0.05])
def test_the_functional_adam_steps_like_torch_s_own(clip):
    torch.manual_seed(0)
    ours, theirs = torch.nn.Linear(4, 3), torch.nn.Linear(4, 3)
    theirs.load_state_dict(ours.state_dict())
    x, adam = torch.randn(9, 4), Adam(ours)
    reference = torch.optim.Adam(theirs.parameters(), lr=0.01)

    for _ in range(20):
        adam.descend(ours(x).square().mean(), 0.01, clip)
        reference.zero_grad()
        theirs(x).square().mean().backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(theirs.parameters(), clip)
        reference.step()

    torch.testing.assert_close(ours.weight, theirs.weight, rtol=0, atol=1e-6)


def test_adam_drops_what_is_too_small_for_a_normal_number():
    net = torch.nn.Linear(4, 3)
    adam = Adam(net)

    adam.descend(1e-18 * net(torch.ones(1, 4)).sum(), 0.01, clip=None)

    averages, squares = adam.running_means()
    assert (averages["weight"] > 0).all()
    assert not squares["weight"].any()  # (1 - 0.999) * 1e-36 = 1e-39


def test_a_fit_imports_no_compiler_stack():
    script = (
        "import sys, numpy as np\n"
        "from lstm_pipeline.model.config import ModelConfig\n"
        "from lstm_pipeline.training.config import TrainingConfig\n"
        "from lstm_pipeline.training.data import TrainingSet\n"
        "from lstm_pipeline.training.fit import fit\n"
        "from lstm_pipeline.training.loop import FitHooks\n"
        "from lstm_pipeline.windows.config import WindowSize\n"
        "none = np.zeros(0, int)\n"
        "data = TrainingSet(values=np.ones(9, np.float32), observed=np.ones(9, bool), train=np.arange(4),\n"
        "    train_series=np.arange(4) * 0, validation=none, validation_series=none,\n"
        "    size=WindowSize(input_size=4, horizon=1))\n"
        "fit(ModelConfig(dropout=0.1), TrainingConfig(max_steps=2, device='cpu'), data, FitHooks())\n"
        "print(*sorted({'torch._dynamo', 'torch._inductor', 'sympy'} & set(sys.modules)))\n"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == ""


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_fit_asked_for_cuda_never_falls_back_to_the_processor():
    with pytest.raises(BadConfig, match="torch sees 0 CUDA devices"):
        fit(SMALL, dataclasses.replace(QUICK, device="cuda"), noisy_sine(), SILENT)


@pytest.mark.gpu
def test_a_fit_on_cuda_learns_what_it_learns_on_the_processor():
    on_cpu = fit(SMALL, QUICK, noisy_sine(), SILENT)

    on_cuda = fit(SMALL, dataclasses.replace(QUICK, device="cuda"), noisy_sine(), SILENT)

    assert on_cuda.device == "cuda:0"
    assert on_cuda.rounds[-1].validation_loss == pytest.approx(on_cpu.rounds[-1].validation_loss, rel=1e-2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train": np.array([0, 189])}, "begin between 0 and 189; 200 rows hold such windows from 0 to 188"),
        ({"train": np.array([-1, 3])}, "begin between -1 and 3"),
        ({"train": np.zeros(3, int)}, "train has 3 windows, train_series has 2"),
        ({"train": np.zeros(0, int)}, "no training window"),
        ({"observed": np.ones(7, bool)}, "observed has 7 rows, values has 200"),
    ],
)
def test_a_training_set_whose_arrays_do_not_fit_is_refused(change, message):
    data = dataclasses.replace(noisy_sine(), train=np.array([0, 1]), train_series=np.array([0, 0]))

    with pytest.raises(ValueError, match=message):
        dataclasses.replace(data, **change)


def test_each_round_is_reported_as_it_ends():
    seen = []

    result = fit(SMALL, QUICK, noisy_sine(), FitHooks(on_round=seen.append))

    assert tuple(seen) == result.rounds
    assert [round_.step for round_ in seen] == [6 * n for n in range(1, 11)]


STATE = states_every(10**9, SMALL, dataclasses.replace(QUICK, max_steps=4), noisy_sine())[-1].to_bytes()


@settings(max_examples=30, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_resume_state_with_one_flipped_bit_is_refused(place, bit):
    data = bytearray(STATE)
    data[int(place * len(data))] ^= 1 << bit

    with pytest.raises(BrokenArtifact):
        ResumeState.from_bytes(bytes(data))


def test_every_kind_of_the_closed_table_has_its_own_way_to_be_fitted():
    assert set(FITS) == set(get_args(Kind))
