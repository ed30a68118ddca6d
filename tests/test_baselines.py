"""Baselines: each is what the obvious loop over its definition gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.baselines import BASELINES, SEASONS_AVERAGED, History, past_of
from tests.conftest import table_of


def seen(past, places):
    """The values at these places of the past that were observed, in their order."""
    return [past[place] for place in places if place >= 0 and not np.isnan(past[place])]


def last_value_slowly(past, season, ahead):
    return seen(past, range(len(past)))[-1]


def in_season(past, season, ahead):
    """Go back whole seasons from the target, newest place first."""
    back = ahead
    while back > 0:
        back -= season
    return range(len(past) - 1 + back, -1, -season)


def seasonal_naive_slowly(past, season, ahead):
    found = seen(past, in_season(past, season, ahead))
    return found[0] if found else last_value_slowly(past, season, ahead)


def seasonal_mean_slowly(past, season, ahead):
    found = seen(past, in_season(past, season, ahead)[:SEASONS_AVERAGED])
    return np.mean(found) if found else seasonal_naive_slowly(past, season, ahead)


def drift_slowly(past, season, ahead):
    newest = np.flatnonzero(~np.isnan(past))[-1]
    slope = (past[newest] - past[0]) / newest if newest > 0 else 0.0
    return past[newest] + slope * (len(past) - 1 - newest + ahead)


def mean_slowly(past, season, ahead):
    return np.nanmean(past)


SLOWLY = {
    "last_value": last_value_slowly,
    "seasonal_naive": seasonal_naive_slowly,
    "seasonal_mean": seasonal_mean_slowly,
    "drift": drift_slowly,
    "mean": mean_slowly,
}


def history_of(*pasts, season=3, horizon=5, gap=0, after=2):
    """One forecast for each past; NaN was not observed; behind each cutoff stand values it must not see."""
    table = table_of(*(np.concatenate([past, np.full(after, 1e9)]) for past in pasts))
    begin = table.offsets[:-1]
    return History(
        past=past_of(table, season),
        begin=begin,
        cutoff=begin + [len(past) - 1 for past in pasts],
        horizon=horizon,
        gap=gap,
    )


def holed(past, share, rng):
    """The same with unobserved steps, the first one aside: before its first value a series has none."""
    return np.where((rng.random(len(past)) < share) & (np.arange(len(past)) > 0), np.nan, past)


@pytest.mark.parametrize("name", BASELINES)
@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    season=st.integers(1, 12),
    horizon=st.integers(1, 15),
    gap=st.integers(0, 20),
    missing=st.sampled_from([0.0, 0.4, 0.95]),
)
def test_a_baseline_is_its_definition_on_what_was_observed(*, name, lengths, season, horizon, gap, missing):
    rng = np.random.default_rng(0)
    pasts = [holed(rng.normal(size=length), missing, rng) for length in lengths]
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
