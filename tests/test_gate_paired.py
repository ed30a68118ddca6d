"""The paired test against the obvious slow loop, its critical values, and how often it errs."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import fixed_b
from lstm_pipeline.gate import paired_test
from lstm_pipeline.gate.critical import chance, critical_value
from lstm_pipeline.gate.paired import bandwidth
from lstm_pipeline.gate.size import LONGEST, Size, simulated_size

SHARES = [0.0, 0.02, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5]
LEVELS = [0.5, 0.4, 0.2, 0.15, 0.1, 0.05, 0.03, 0.025, 0.01, 0.005, 0.0025, 0.001, 0.0005]


def slow_error(differences, width):
    """The standard error of a mean by the formula: autocovariances, weighted by Bartlett's kernel."""
    n = len(differences)
    centred = [value - sum(differences) / n for value in differences]
    variance = sum(value * value for value in centred) / n
    for lag in range(1, min(width, n)):
        covariance = sum(centred[at] * centred[at - lag] for at in range(lag, n)) / n
        variance += 2 * (1 - lag / width) * covariance
    return math.sqrt(max(variance, 0.0) / n)


@settings(max_examples=300)
@given(values=st.lists(st.floats(-10, 10), min_size=1, max_size=70))
def test_mean_and_error_are_those_of_the_slow_loop_over_autocovariances(values):
    found = paired_test(np.array(values))

    assert found.mean == pytest.approx(sum(values) / len(values), rel=1e-9, abs=1e-12)
    expected = slow_error(values, bandwidth(len(values)))
    assert found.error == pytest.approx(expected, rel=1e-6, abs=1e-7)
    assert found.origins == len(values)


@pytest.mark.parametrize(("origins", "width"), [(1, 2), (8, 4), (30, 8), (60, 11), (100, 13), (156, 17)])
def test_the_bandwidth_is_the_root_of_the_origins_times_one_point_three_rounded_up(origins, width):
    assert bandwidth(origins) == width


def test_the_statistic_is_the_mean_in_standard_errors():
    found = paired_test(np.array([1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0, 2.5]))

    assert found.statistic == found.mean / found.error
    assert found.critical(0.05) == critical_value(0.5, 0.05)
    assert found.chance == chance(0.5, found.statistic)
    reach = found.critical(0.05) * found.error
    assert found.bounds(0.05) == (found.mean - reach, found.mean + reach)


def test_a_statistic_passes_only_above_its_critical_value():
    limit = critical_value(0.5, 0.05)
    pattern = np.resize([1.0, -1.0], 8)
    error = paired_test(pattern).error

    assert paired_test(pattern + 1.001 * limit * error).passes(0.05)
    assert not paired_test(pattern + 0.999 * limit * error).passes(0.05)


@pytest.mark.parametrize(
    ("value", "statistic"), [(0.1, math.inf), (-0.3, -math.inf), (0.0, 0.0), (-0.0, 0.0)]
)
def test_equal_differences_leave_no_doubt(value, statistic):
    found = paired_test(np.full(37, value))

    assert found.error == 0
    assert found.statistic == statistic
    assert found.bounds(0.05) == (found.mean, found.mean)
    assert found.passes(0.05) == (value > 0)


@pytest.mark.parametrize("value", [0.1, 0.3, 1 / 3, 1e300, 1e-300])
def test_what_rounding_leaves_of_equal_differences_is_no_doubt(value):
    assert all(paired_test(np.full(origins, value)).error == 0 for origins in range(1, 400))


@pytest.mark.parametrize("size", [1e-300, 1e-10, 1e300])
def test_a_small_doubt_beside_a_large_mean_is_one(size):
    found = paired_test(size * (1.0 + 1e-9 * np.resize([1.0, -2.0, 1.0, 0.5], 40)))

    assert found.error > 0
    assert math.isfinite(found.statistic)


def test_a_doubt_too_small_for_a_float_is_not_certainty():
    found = paired_test(5e-324 * np.resize([1.0, 1.0, 1.0, 0.0], 12))

    assert found.error > 0
    assert not found.passes(0.05)


def test_what_no_test_bears_has_no_bounds_and_passes_nowhere():
    certain = paired_test(np.full(40, 1.0))

    assert not certain.passes(1e-9)
    assert certain.bounds(1e-9) == (-math.inf, math.inf)


@pytest.mark.parametrize("level, terms", [  # noqa: PT006 - one name for four numbers
    (0.05, (1.6449, 2.1859, 0.3142, -0.3427)),
    (0.10, (1.2816, 1.3040, 0.5135, -0.3386)),
])  # fmt: skip
def test_critical_values_are_those_that_kiefer_and_vogelsang_print(level, terms):
    for share in np.linspace(0, 0.5, 101):
        printed = sum(term * share**power for power, term in enumerate(terms))
        assert critical_value(share, level) == pytest.approx(printed, abs=0.04)


def test_the_table_is_read_at_its_own_bandwidths_and_between_them():
    printed = {0.0: 1.645, 0.02: 1.682, 0.05: 1.740, 0.1: 1.840, 0.15: 1.944, 0.2: 2.055, 0.25: 2.168}
    printed |= {0.3: 2.283, 0.35: 2.399, 0.4: 2.515, 0.45: 2.635, 0.5: 2.750, 0.01: (1.645 + 1.682) / 2}

    for share, value in printed.items():
        assert critical_value(share, 0.05) == pytest.approx(value, abs=1e-9)


def test_critical_values_are_what_a_fresh_simulation_draws():
    rng = np.random.default_rng(3)
    drawn = np.concatenate([fixed_b.statistics(rng, 2000) for _ in range(6)], axis=1)
    both = np.concatenate([drawn, -drawn], axis=1)

    for share, row in zip(fixed_b.SHARES, both, strict=True):
        for level in fixed_b.LEVELS:
            # a quantile of 24,000 draws is the less sure the fewer lie beyond it
            within = 0.02 + 0.4 / math.sqrt(level * 24_000)
            assert critical_value(share, level) == pytest.approx(np.quantile(row, 1 - level), rel=within)


def test_critical_values_rise_with_the_bandwidth_and_with_the_demand():
    table = np.array([[critical_value(share, level) for level in LEVELS[1:]] for share in SHARES])

    assert np.all(np.diff(table, axis=0) > 0)
    assert np.all(np.diff(table, axis=1) > 0)
    assert all(critical_value(share, 0.5) == 0 for share in SHARES)


@pytest.mark.parametrize("level", LEVELS)
def test_without_a_bandwidth_they_are_the_normal_ones(level):
    assert critical_value(0.0, level) == pytest.approx(-NormalDist().inv_cdf(level), abs=0.001)


@pytest.mark.parametrize("level", [0.51, 0.00049, 0.0, 1.0, math.nan])
def test_a_level_outside_the_table_is_never_passed(level):
    assert critical_value(0.3, level) == math.inf


@pytest.mark.parametrize("share", SHARES)
def test_a_chance_is_the_level_at_which_its_statistic_would_just_pass(share):
    for level in LEVELS:
        assert chance(share, critical_value(share, level)) == pytest.approx(level)
        assert chance(share, -critical_value(share, level)) == pytest.approx(1 - level)
    assert chance(share, math.nan) == 1


def test_the_larger_a_statistic_the_smaller_its_chance_beyond_the_table_too():
    found = [chance(0.3, statistic) for statistic in (-math.inf, -9, -1, 0, 1, 5, 6.0, 6.01, 7, 9, math.inf)]

    assert all(one > other for one, other in pairwise(found))
    assert (found[0], found[-1]) == (1, 0)
    assert chance(0.3, 7) == pytest.approx(0.0001308, abs=1e-7)


@pytest.mark.parametrize(("origins", "level", "size", "persistent"), [
    (8, 0.1, 0.107, 0.185), (30, 0.1, 0.098, 0.134), (60, 0.1, 0.1, 0.12), (8, 0.05, 0.06, 0.12),
])  # fmt: skip
def test_equal_models_pass_about_as_often_as_the_level_says(origins, level, size, persistent):
    found = simulated_size(origins, level)

    assert found.independent == pytest.approx(size, abs=0.01)
    assert found.persistent == pytest.approx(persistent, abs=0.01)


def test_the_simulated_size_is_that_of_the_paired_test_itself():
    draws = np.random.default_rng(1).normal(size=(3000, 12))

    passed = np.mean([paired_test(row).passes(0.05) for row in draws])

    assert simulated_size(12, 0.05).independent == pytest.approx(passed, abs=0.012)


def test_a_long_history_takes_no_longer_to_tell_of():
    assert simulated_size(10**9, 0.1) == simulated_size(LONGEST, 0.1)
    assert simulated_size(30, 1e-9) == Size(independent=0.0, persistent=0.0)
