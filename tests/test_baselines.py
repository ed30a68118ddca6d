"""Baselines: each is what the obvious loop over its definition gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.baselines import BASELINES, SEASONS_AVERAGED, History


def last_value_slowly(past, season, ahead):
    return past[-1]


def seasonal_naive_slowly(past, season, ahead):
    """Go back whole seasons from the target until it lies in the past."""
    back = ahead
    while back > 0:
        back -= season
    place = len(past) - 1 + back
    return past[place] if place >= 0 else past[-1]


def seasonal_mean_slowly(past, season, ahead):
    back = ahead
    while back > 0:
        back -= season
    places = [len(past) - 1 + back - season * more for more in range(SEASONS_AVERAGED)]
    found = [past[place] for place in places if place >= 0]
    return np.mean(found) if found else past[-1]


def drift_slowly(past, season, ahead):
    slope = (past[-1] - past[0]) / (len(past) - 1) if len(past) > 1 else 0.0
    return past[-1] + slope * ahead


def mean_slowly(past, season, ahead):
    return np.mean(past)


SLOWLY = {
    "last_value": last_value_slowly,
    "seasonal_naive": seasonal_naive_slowly,
    "seasonal_mean": seasonal_mean_slowly,
    "drift": drift_slowly,
    "mean": mean_slowly,
}


def history_of(*pasts, season=3, horizon=5, gap=0, after=2):
    """One forecast for each past; behind each cutoff stand values that it must not see."""
    rows = [np.concatenate([past, np.full(after, 1e9)]) for past in pasts]
    begin = np.cumsum([0, *(len(row) for row in rows[:-1])])
    return History(
        y=np.concatenate(rows),
        begin=begin,
        cutoff=begin + [len(past) - 1 for past in pasts],
        season=season,
        horizon=horizon,
        gap=gap,
    )


@pytest.mark.parametrize("name", BASELINES)
@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    season=st.integers(1, 12),
    horizon=st.integers(1, 15),
    gap=st.integers(0, 20),
)
def test_a_baseline_is_its_definition(name, lengths, season, horizon, gap):
    pasts = [np.random.default_rng(at).normal(size=length) for at, length in enumerate(lengths)]
    history = history_of(*pasts, season=season, horizon=horizon, gap=np.full(len(pasts), gap))

    made = BASELINES[name](history)

    expected = [[SLOWLY[name](past, season, gap + step) for step in range(1, horizon + 1)] for past in pasts]
    assert made == pytest.approx(np.array(expected), rel=1e-9, abs=1e-9)


def test_every_baseline_has_its_loop():
    assert list(SLOWLY) == list(BASELINES)


@pytest.mark.parametrize("name", ["seasonal_naive", "seasonal_mean"])
def test_a_history_shorter_than_a_season_knows_some_steps_and_gives_the_newest_value_for_the_others(name):
    history = history_of(np.array([1.0, 2.0]), season=3, horizon=3)

    made = BASELINES[name](history)

    assert made.tolist() == [[2.0, 1.0, 2.0]]


@pytest.mark.parametrize("name", BASELINES)
def test_a_single_value_is_forecast_as_it_is(name):
    made = BASELINES[name](history_of(np.array([7.0])))

    assert made.tolist() == [[7.0] * 5]


def test_the_phase_of_a_series_that_ended_early_goes_on():
    past = np.tile([1.0, 2.0, 3.0], 4)

    made = BASELINES["seasonal_naive"](history_of(past, gap=np.array([4])))

    assert made.tolist() == [[2.0, 3.0, 1.0, 2.0, 3.0]]


def test_the_line_of_a_series_that_ended_early_goes_on():
    made = BASELINES["drift"](history_of(np.arange(10.0), gap=np.array([4])))

    assert made.tolist() == [[14.0, 15.0, 16.0, 17.0, 18.0]]


def test_the_mean_of_a_small_series_keeps_its_digits_beside_a_huge_one():
    made = BASELINES["mean"](history_of([1e15, 3e15], [0.1, 0.3, 0.2]))

    assert made[1] == pytest.approx(np.full(5, 0.2), rel=1e-12)
