"""The budget of a fit that names none: counted from a fixed estimate, the same on every machine."""

import pytest

from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.training.budget import default_max_steps, step_seconds
from lstm_pipeline.windows.config import WindowSize


@pytest.mark.parametrize("hidden", [1, 50, 200, 300, 512, 2000])
def test_a_slow_fit_takes_what_100_seconds_hold_and_150_steps_whatever_they_cost(hidden):
    model, size = ModelConfig(hidden_size=hidden), WindowSize(input_size=336, horizon=24)

    steps = default_max_steps(model, size, 64, windows=64)

    each = step_seconds(model, size, 64)
    assert steps == max(150, min(600, int(100 / each)))


@pytest.mark.parametrize(
    ("hidden", "context", "batch", "windows", "steps"),
    [(50, 24, 64, 1000, 800), (8, 48, 32, 700, 1100), (50, 168, 64, 10**7, 600), (128, 336, 64, 10**7, 150)],
)
def test_equal_pipelines_get_equal_budgets_on_any_machine(hidden, context, batch, windows, steps):
    model, size = ModelConfig(hidden_size=hidden), WindowSize(input_size=context, horizon=24)

    assert default_max_steps(model, size, batch, windows) == steps


def test_each_layer_step_and_window_of_a_batch_adds_its_own_share_to_the_cost():
    model, size = ModelConfig(hidden_size=10, num_layers=3), WindowSize(input_size=7, horizon=4)

    estimate = step_seconds(model, size, 32)

    multiplied = 0
    for _step in range(7):
        for below in (1, 10, 10):
            multiplied += 4 * 10 * (below + 10)
    multiplied += 10 * 4
    assert estimate == pytest.approx(0.5e-3 + 7 * 3 * 20e-6 + 3 * 32 * 2 * multiplied / 30e9)
