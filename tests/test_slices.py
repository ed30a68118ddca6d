"""Slices: errors by part of the horizon and group of series, tail and bias, beside a slow loop."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_pipeline.backtest import (
    Cut,
    Field,
    Say,
    origins_apart,
    parts_of_horizon,
    sliced_errors,
)
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.index import COMPLETENESS, TEST, index_by_time
from lstm_pipeline.windows.split import chronological
from tests.conftest import table_of

SIZE = WindowSize(input_size=4, horizon=3)
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(3, 60))
SAY = Say(variance=np.array([1.0, 4.0, 0.25]), weight=np.array([1.0, 2.0, 0.5]))
STEPS = {"steps 1 to 2": slice(0, 2), "step 3": slice(2, 3)}


def judged(*series):
    """A field, and the origins of its last twenty steps."""
    field = Field(table=table_of(*series, freq="h"), size=SIZE, season=4)
    cut = chronological(field.table, 0, 20)
    windows = index_by_time(field.table, SIZE, cut, COMPLETENESS["mask"]).windows(TEST)
    return field, origins_apart(windows, field)


def made(field, value=0.5):
    """A rival that forecasts one value for every step."""
    return lambda windows: np.full((len(windows), field.size.horizon), float(value))


def cut(origins, *, say=SAY, groups=None):
    return Cut(say=say, counted=np.ones(origins.count, bool), steps=STEPS, groups=groups or {})


def by_hand(field, origins, steps, members):
    """The pooled loss of a slice at each origin, window by window."""
    total, weight = np.zeros(origins.count), np.zeros(origins.count)
    target, observed = field.truth(origins.windows)
    for row, (series, nth) in enumerate(zip(origins.windows.series, origins.nth, strict=True)):
        seen = observed[row, steps]
        if series in members and seen.any():
            loss = ((0.5 - target[row, steps][seen]) ** 2).mean() / SAY.variance[series]
            total[nth] += SAY.weight[series] * loss
            weight[nth] += SAY.weight[series]
    return total / weight


def test_a_slice_is_what_a_loop_over_its_windows_gives():
    field, origins = judged(*NOISE)
    odd = np.array([True, False, True])

    found = sliced_errors(made(field), origins, field, cut(origins, groups={"group odd": odd}))

    for name, steps in STEPS.items():
        assert found.losses[name] == pytest.approx(by_hand(field, origins, steps, {0, 1, 2}))
    assert found.losses["group odd"] == pytest.approx(by_hand(field, origins, slice(None), {0, 2}))


def test_an_origin_at_which_a_slice_was_not_observed_has_no_loss():
    values = NOISE[0].copy()
    values[-1] = np.nan
    field, origins = judged(values)

    say = Say(variance=np.ones(1), weight=np.ones(1))
    found = sliced_errors(made(field), origins, field, cut(origins, say=say))

    assert np.isnan(found.losses["step 3"]).tolist() == [False] * (origins.count - 1) + [True]
    assert np.isfinite(found.losses["steps 1 to 2"]).all()


def test_tail_and_bias_are_in_deviations_of_the_training_part():
    field, origins = judged(*NOISE)
    target, _ = field.truth(origins.windows)
    error = (0.5 - target) / np.sqrt(SAY.variance[origins.windows.series])[:, None]
    weight = np.broadcast_to(SAY.weight[origins.windows.series][:, None], error.shape)

    found = sliced_errors(made(field), origins, field, cut(origins))

    assert found.bias == pytest.approx((error * weight).sum() / weight.sum())
    order = np.argsort(np.abs(error), axis=None)
    reached = np.searchsorted(np.cumsum(weight.ravel()[order]), 0.99 * weight.sum())
    assert found.tail == pytest.approx(np.abs(error).ravel()[order][reached], rel=0.006)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e200])
def test_forecasts_that_are_no_numbers_have_an_infinite_tail_and_bias_and_make_no_warning(value):
    field, origins = judged(*NOISE)

    found = sliced_errors(made(field, value), origins, field, cut(origins))

    assert found.tail == np.inf
    assert abs(found.bias) > 1e100
    assert (found.losses["step 3"] == np.inf).all()


def test_forecasts_infinite_both_ways_are_off_without_end():
    field, origins = judged(*NOISE)

    def both(windows):
        return np.tile([np.inf, -np.inf, 0.0], (len(windows), 1))

    assert sliced_errors(both, origins, field, cut(origins)).bias == np.inf


def test_only_origins_that_count_shape_tail_and_bias():
    field, origins = judged(*NOISE)
    late = np.arange(origins.count) >= origins.count - 2
    some = Cut(say=SAY, counted=late, steps={}, groups={})

    found = sliced_errors(made(field), origins, field, some)

    kept = late[origins.nth]
    target, _ = field.truth(origins.windows.where(kept))
    series = origins.windows.series[kept]
    error = (0.5 - target) / np.sqrt(SAY.variance[series])[:, None]
    weight = np.broadcast_to(SAY.weight[series][:, None], error.shape)
    assert found.bias == pytest.approx((error * weight).sum() / weight.sum())


@pytest.mark.parametrize(
    ("horizon", "names"),
    [
        (1, []),
        (2, ["step 1", "step 2"]),
        (5, ["step 1", "step 2", "steps 3 to 4", "step 5"]),
        (24, ["steps 1 to 6", "steps 7 to 12", "steps 13 to 18", "steps 19 to 24"]),
    ],
)
def test_a_horizon_is_cut_into_up_to_four_parts_that_hold_every_step_once(horizon, names):
    parts = parts_of_horizon(horizon)

    assert list(parts) == names
    held = [step for part in parts.values() for step in range(part.start, part.stop)]
    assert held == ([] if horizon < 2 else list(range(horizon)))
