"""Metrics: those that everybody else computes, over sums and counts divided once."""

import numpy as np
import pandas as pd
import pytest
import utilsforecast.losses as peers
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from lstm_pipeline import metrics
from lstm_pipeline.metrics import Scored, error_sums

SERIES, HORIZON = 3, 4
SCALE = np.array([0.5, 2.0, 1.5])


def scored_windows(windows=30, *, seed=0):
    """Forecasts, truth, and which of it was observed, for three series."""
    rng = np.random.default_rng(seed)
    shape = (windows, HORIZON)
    return Scored(
        forecast=rng.normal(size=shape),
        target=rng.normal(size=shape),
        observed=np.ones(shape, bool),
        series=np.sort(rng.integers(0, SERIES, windows)),
    )


def masked(scored, observed):
    return Scored(forecast=scored.forecast, target=scored.target, observed=observed, series=scored.series)


def spoilt(scored, value, *, observed=True):
    """The first forecast is no number."""
    forecast, mask = scored.forecast.copy(), scored.observed.copy()
    forecast[0, 0], mask[0, 0] = value, observed
    return Scored(forecast=forecast, target=scored.target, observed=mask, series=scored.series)


def frame_of(scored):
    """The same windows as other tools read them."""
    return pd.DataFrame(
        {
            "unique_id": np.repeat(scored.series, HORIZON),
            "y": scored.target.ravel(),
            "model": scored.forecast.ravel(),
        }
    )


def test_overall_errors_are_those_of_scikit_learn():
    scored = scored_windows()
    truth, made = scored.target.ravel(), scored.forecast.ravel()

    sums = error_sums(scored, SERIES).overall()

    assert metrics.mse(sums)[0, 0] == pytest.approx(sklearn.mean_squared_error(truth, made), rel=1e-12)
    assert metrics.mae(sums)[0, 0] == pytest.approx(sklearn.mean_absolute_error(truth, made), rel=1e-12)
    assert metrics.rmse(sums)[0, 0] == pytest.approx(sklearn.root_mean_squared_error(truth, made), rel=1e-12)


@pytest.mark.parametrize("name", ["mse", "mae", "rmse"])
def test_errors_by_series_are_those_of_utilsforecast(name):
    scored = scored_windows()
    expected = getattr(peers, name)(frame_of(scored), ["model"])

    own = getattr(metrics, name)(error_sums(scored, SERIES).by_series())

    assert own[:, 0] == pytest.approx(expected["model"].to_numpy(), rel=1e-12)


def test_smape_is_in_per_cent_of_the_mean_size_where_utilsforecast_has_a_share_of_the_sum():
    scored = scored_windows()
    expected = peers.smape(frame_of(scored), ["model"])["model"].to_numpy()

    own = metrics.smape(error_sums(scored, SERIES).by_series())[:, 0]

    assert own == pytest.approx(200 * expected, rel=1e-12)


def test_mase_by_series_is_that_of_utilsforecast():
    scored, rng = scored_windows(), np.random.default_rng(1)
    train = pd.DataFrame({"unique_id": np.repeat(np.arange(SERIES), 50), "y": rng.normal(size=SERIES * 50)})
    expected = peers.mase(frame_of(scored), ["model"], seasonality=7, train_df=train)["model"].to_numpy()
    scale = np.array(
        [np.abs(y.to_numpy()[7:] - y.to_numpy()[:-7]).mean() for _, y in train.groupby("unique_id")["y"]]
    )

    own = metrics.mase_by_series(error_sums(scored, SERIES), scale)

    assert own == pytest.approx(expected, rel=1e-12)


def test_mase_over_all_leaves_out_series_without_a_scale():
    scored = scored_windows()
    error = np.abs(scored.forecast - scored.target)
    kept = scored.series != 1

    own = metrics.mase(error_sums(scored, SERIES), np.array([0.5, 0.0, 1.5]))

    scale = np.array([0.5, np.nan, 1.5])[scored.series]
    assert own[0, 0] == pytest.approx((error[kept] / scale[kept, None]).mean(), rel=1e-12)
    assert np.isnan(metrics.mase_by_series(error_sums(scored, SERIES), np.array([0.5, 0, 1.5]))[1])


def test_errors_by_step_are_over_all_series():
    scored = scored_windows()

    own = metrics.mse(error_sums(scored, SERIES).by_step())

    assert own[0] == pytest.approx(((scored.forecast - scored.target) ** 2).mean(axis=0), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 40), seed=st.integers(0, 5))
def test_sums_add_up_over_chunks_of_any_size(size, seed):
    whole = scored_windows(seed=seed)

    total = error_sums(masked(whole, np.zeros_like(whole.observed)), SERIES)
    for begin in range(0, len(whole.series), size):
        part = slice(begin, begin + size)
        total += error_sums(
            Scored(
                forecast=whole.forecast[part],
                target=whole.target[part],
                observed=whole.observed[part],
                series=whole.series[part],
            ),
            SERIES,
        )

    at_once = error_sums(whole, SERIES)
    for name in ("squared", "absolute", "symmetric", "count"):
        assert getattr(total, name) == pytest.approx(getattr(at_once, name), rel=1e-12)


def test_targets_that_nobody_observed_do_not_count():
    scored = scored_windows()
    seen = np.random.default_rng(2).random(scored.target.shape) < 0.5

    sums = error_sums(masked(scored, seen), SERIES).overall()

    assert sums.count[0, 0] == seen.sum()
    assert metrics.mse(sums)[0, 0] == pytest.approx(((scored.forecast - scored.target)[seen] ** 2).mean())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["mse", "mae", "rmse", "smape"])
def test_a_forecast_that_is_not_finite_has_no_finite_error(name, value):
    scored = spoilt(scored_windows(), value)

    sums = error_sums(scored, SERIES)

    assert not np.isfinite(getattr(metrics, name)(sums.overall())[0, 0])
    assert np.isfinite(getattr(metrics, name)(sums.by_series())[1:]).all()


def test_a_forecast_that_is_not_finite_does_not_matter_where_nobody_observed():
    scored = spoilt(scored_windows(), np.nan, observed=False)

    sums = error_sums(scored, SERIES).overall()

    assert np.isfinite([metrics.mse(sums), metrics.smape(sums)]).all()


def test_a_perfect_forecast_of_zero_has_an_smape_of_zero():
    zero = np.zeros((5, HORIZON))
    scored = Scored(forecast=zero, target=zero, observed=zero == 0, series=np.zeros(5, np.int64))

    assert metrics.smape(error_sums(scored, 1))[0].tolist() == [0.0] * HORIZON


def test_what_nobody_observed_has_no_error():
    scored = scored_windows()

    sums = error_sums(masked(scored, np.zeros_like(scored.observed)), SERIES)

    assert np.isnan(metrics.mse(sums.overall())).all()
    assert np.isnan(metrics.mase(sums, SCALE)).all()


def test_an_error_too_large_to_square_is_infinite():
    scored = spoilt(scored_windows(), 1e200)

    assert metrics.mse(error_sums(scored, SERIES).overall())[0, 0] == np.inf
