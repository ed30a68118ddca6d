"""Scaling: fitted on the observed training rows alone, and turned back exactly enough."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.scaling import fit_scaler, training_stats
from tests.awkward import AWKWARD
from tests.conftest import table_of

SERIES_OF_NUMBERS = st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=30)


@settings(max_examples=60, deadline=None)
@given(series=st.lists(SERIES_OF_NUMBERS, min_size=1, max_size=3), share=st.floats(0.1, 1))
def test_moments_are_those_of_each_series_training_rows(series, share):
    table = table_of(*series)
    length = [max(1, int(share * len(values))) for values in series]

    stats = training_stats(table, table.offsets[:-1] + length)

    training = [np.array(values[:n]) for values, n in zip(series, length, strict=True)]
    assert stats.count.tolist() == length
    assert stats.mean == pytest.approx([values.mean() for values in training], rel=1e-9, abs=1e-6)
    assert stats.variance == pytest.approx([values.var() for values in training], rel=1e-9, abs=1e-6)


def test_rows_after_training_do_not_touch_the_scaler():
    values = np.random.default_rng(0).normal(size=40)
    changed = np.where(np.arange(40) < 30, values, 1e9)

    scalers = [fit_scaler(table_of(v), np.array([30]), "standard") for v in (values, changed)]

    assert scalers[0].centre == scalers[1].centre == pytest.approx(values[:30].mean())
    assert scalers[0].scale == scalers[1].scale == pytest.approx(values[:30].std())


def test_carried_values_do_not_count():
    table = table_of([1.0, 5.0, np.nan, np.nan, np.nan, 3.0])

    stats = training_stats(table, np.array([6]))

    assert (stats.count[0], stats.mean[0]) == (3, 3.0)


@pytest.mark.parametrize("value", [0.0, 3.7, -1e15, 0.1])
def test_a_constant_series_has_no_variance_at_all_and_keeps_scale_1(value):
    table = table_of(np.full(1000, value))

    scaler = fit_scaler(table, np.array([1000]), "standard")

    assert training_stats(table, np.array([1000])).variance[0] == 0.0
    assert (scaler.centre[0], scaler.scale[0]) == (value, 1.0)


def test_a_series_without_a_training_row_keeps_scale_1():
    table = table_of([4.0, 5.0], [1.0, 2.0])

    scaler = fit_scaler(table, np.array([2, 2]), "standard")

    assert (scaler.centre[1], scaler.scale[1]) == (0.0, 1.0)


def test_values_of_1e12_that_move_by_1e_minus_3_keep_their_digits():
    values = 1e12 + 1e-3 * np.random.default_rng(0).integers(-3, 4, size=5000)
    away = values - 1e12

    scaler = fit_scaler(table_of(values), np.array([5000]), "standard")

    assert scaler.scale[0] == pytest.approx(away.std(), rel=1e-9)
    assert scaler.scaled(values, np.zeros(5000, np.int64)).std() == pytest.approx(1, rel=1e-5)
    assert abs(scaler.centre[0] - 1e12 - away.mean()) <= np.spacing(1e12)


@pytest.mark.parametrize("name", [name for name, values in AWKWARD.items() if np.isfinite(values).all()])
@pytest.mark.parametrize("kind", ["none", "standard"])
def test_unscaled_turns_scaled_back(kind, name):
    values, owner = AWKWARD[name], np.zeros(len(AWKWARD[name]), np.int64)
    scaler = fit_scaler(table_of(values), np.array([len(values)]), kind)

    back = scaler.unscaled(scaler.scaled(values, owner).astype(float), owner)

    assert back == pytest.approx(values, rel=1e-6, abs=1e-6 * np.abs(values).max())


def test_values_of_each_series_are_scaled_by_their_own_scale():
    table = table_of([1.0, 3.0], [10.0, 30.0])
    scaler = fit_scaler(table, table.offsets[1:], "standard")

    scaled = scaler.scaled(np.array([[1.0, 3.0], [30.0, 10.0]]), np.array([0, 1]))

    assert scaled.tolist() == [[-1.0, 1.0], [1.0, -1.0]]


def test_squares_beyond_every_number_are_told_as_such_without_a_warning():
    stats = training_stats(table_of([1e200, -1e200]), np.array([2]))

    assert not np.isfinite(stats.variance[0])


@pytest.mark.parametrize("size", [1e-200, 1e-160])
def test_values_whose_squares_are_lost_are_not_called_constant(size):
    stats = training_stats(table_of([size, 2 * size, 3 * size], [size] * 3), np.array([3, 6]))

    assert np.isnan(stats.variance[0])
    assert stats.variance[1] == 0


def test_one_value_that_moves_by_less_than_its_square_can_hold_keeps_a_series_from_being_constant():
    stats = training_stats(table_of([0.0, 0.0, 1e-200], [0.0, 0.0, 0.0]), np.array([3, 6]))

    assert np.isnan(stats.variance[0])
    assert stats.variance[1] == 0


@settings(max_examples=40, deadline=None)
@given(owners=st.lists(st.integers(0, 2), min_size=1, max_size=6), horizon=st.integers(1, 5))
def test_forecasts_of_many_steps_are_turned_back_window_by_window(owners, horizon):
    table = table_of([1.0, 3.0], [10.0, 30.0], [-5.0, 5.0])
    scaler = fit_scaler(table, table.offsets[1:], "standard")
    forecast = np.random.default_rng(0).normal(size=(len(owners), horizon))

    back = scaler.unscaled(forecast, np.array(owners))

    for window, step in np.ndindex(forecast.shape):
        centre, scale = scaler.centre[owners[window]], scaler.scale[owners[window]]
        assert back[window, step] == forecast[window, step] * scale + centre
    assert scaler.scaled(back, np.array(owners)) == pytest.approx(forecast, abs=1e-6)
