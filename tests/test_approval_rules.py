"""When a person is asked, how far forecasts moved, and how long an answer may take: plain arithmetic."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from lstm_pipeline.backtest import Came, Say, realised_losses
from lstm_pipeline.errors import BadConfig
from lstm_pipeline.gate import ApprovalPolicy, movement, reason_to_ask
from lstm_pipeline.settings.config import parse_pipeline
from lstm_pipeline.spans import span_of

NAN = np.nan


def never():
    raise AssertionError("asked how far forecasts moved, where that decides nothing")


@pytest.mark.parametrize(
    ("policy", "first", "asked"),
    [
        ("auto", True, False),
        ("auto", False, False),
        ("first", True, True),
        ("first", False, False),
        ("always", True, True),
        ("always", False, True),
        ("moved", True, False),
    ],
)
def test_the_policy_says_when_a_person_is_asked(policy, first, asked):
    reason = reason_to_ask(ApprovalPolicy(policy=policy), first=first, moved=never)

    assert (reason is not None) is asked


@pytest.mark.parametrize(("distance", "asked"), [(0.49, False), (0.5, False), (0.51, True), (NAN, True)])
def test_forecasts_that_moved_farther_than_the_cap_or_nobody_knows_how_far_are_looked_at(distance, asked):
    policy = ApprovalPolicy(policy="moved", move_cap=0.5)

    reason = reason_to_ask(policy, first=False, moved=lambda: distance)

    assert (reason is not None) is asked


def test_movement_is_the_mean_distance_in_deviations_over_series_that_both_forecast():
    candidate = np.array([[1.0, 3.0], [10.0, 10.0], [5.0, NAN], [7.0, 7.0]])
    champion = np.array([[0.0, 1.0], [0.0, 20.0], [5.0, 5.0], [0.0, 0.0]])
    deviation = np.array([2.0, 10.0, 1.0, 0.0])

    assert movement(candidate, champion, deviation) == pytest.approx((0.5 + 1.0 + 1.0 + 1.0) / 4)


def test_movement_is_nan_where_no_series_has_both_forecasts():
    nothing = np.full((2, 3), NAN)

    assert np.isnan(movement(nothing, np.zeros((2, 3)), np.ones(2)))


@pytest.mark.parametrize(("text", "hours"), [("30m", 0.5), ("12h", 12), ("7d", 168), ("2w", 336)])
def test_a_span_is_a_number_with_its_unit(text, hours):
    assert span_of(text) == dt.timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "7 d", "1.5h", "-1d", "7days"])
def test_a_span_that_means_nothing_is_refused_with_its_key(text, tmp_path):
    table = {"name": "x", "source": {"path": "a.csv"}, "approval": {"expires_after": text}}

    with pytest.raises(BadConfig, match=r"approval\.expires_after: got .*; expected a whole number"):
        parse_pipeline(table, folder=tmp_path, named="test")


@pytest.mark.parametrize("value", [1, "true", 0])
def test_wait_is_true_or_false_and_nothing_else(value, tmp_path):
    table = {"name": "x", "source": {"path": "a.csv"}, "approval": {"wait": value}}

    with pytest.raises(BadConfig, match=r"approval\.wait: "):
        parse_pipeline(table, folder=tmp_path, named="test")


def slow_loss(forecast, others, came, say):
    """The pooled loss in plain loops over series that every forecast has."""
    total = weight = 0.0
    for series in range(len(forecast)):
        made = all(np.isfinite(one[series]).all() for one in others)
        seen = [step for step in range(forecast.shape[1]) if came.observed[series, step]]
        if not made or not seen or not say.usable[series]:
            continue
        errors = [(forecast[series, step] - came.truth[series, step]) ** 2 for step in seen]
        total += say.weight[series] * sum(errors) / len(errors) / say.variance[series]
        weight += say.weight[series]
    return total / weight


def test_realised_losses_are_those_of_a_slow_loop_on_the_series_and_steps_of_both():
    rng = np.random.default_rng(3)
    forecasts = rng.normal(size=(2, 6, 4))
    forecasts[0, 1, 2] = NAN
    came = Came(truth=rng.normal(size=(6, 4)), observed=rng.random((6, 4)) < 0.7)
    came.observed[4] = False
    say = Say(variance=np.array([1.0, 2.0, 3.0, 0.0, 5.0, 6.0]), weight=np.array([1.0, 1, 2, 1, 1, 0.5]))

    losses, series = realised_losses(list(forecasts), came, say)

    assert losses == pytest.approx([slow_loss(one, forecasts, came, say) for one in forecasts])
    assert series == 3


def test_a_loss_of_nothing_observed_is_no_number():
    came = Came(truth=np.zeros((1, 2)), observed=np.zeros((1, 2), bool))

    losses, series = realised_losses([np.zeros((1, 2))], came, Say(variance=np.ones(1), weight=np.ones(1)))

    assert np.isnan(losses[0])
    assert series == 0
