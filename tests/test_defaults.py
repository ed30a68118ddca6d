"""What a pipeline file leaves open is settled from the data, and told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.season import oldest_rows
from lstm_pipeline.windows.config import SplitConfig, WindowsConfig
from lstm_pipeline.windows.defaults import known_rows, settle
from lstm_pipeline.windows.split import chronological
from tests.conftest import table_of


def settled(*lengths, season, windows=None, freq=1, **split):
    table = table_of(*(np.zeros(length) for length in lengths), freq=freq)
    return settle(table, season, WindowsConfig(**(windows or {})), SplitConfig(**split))


@pytest.mark.parametrize(("length", "season", "horizon"), [(10_000, 24, 24), (100, 24, 10), (8, 24, 1)])
def test_the_horizon_is_a_season_but_at_most_a_tenth_of_the_length_and_at_least_1(length, season, horizon):
    made = settled(length, season=season)

    assert made.size.horizon == horizon


def test_the_median_length_counts():
    made = settled(50, 100, 10_000, season=24)

    assert made.size.horizon == 10


@pytest.mark.parametrize(
    ("length", "season", "horizon", "held_out"),
    [(10_000, 24, 24, 720), (1000, 24, 24, 200), (100, 1, 30, 30)],
)
def test_validation_and_test_hold_30_horizons_at_most_a_fifth_and_never_under_one(
    length, season, horizon, held_out
):
    made = settled(length, season=season, windows={"horizon": horizon})

    assert (made.validation, made.test) == (held_out, held_out)


@pytest.mark.parametrize(
    ("season", "horizon", "input_size"), [(24, 24, 48), (24, 100, 200), (5000, 24, (10_000 - 2 * 720) // 3)]
)
def test_the_look_back_is_two_seasons_or_horizons_but_at_most_a_third_of_training(
    season, horizon, input_size
):
    made = settled(10_000, season=season, windows={"horizon": horizon})

    assert made.size.input_size == input_size


@pytest.mark.parametrize("test", [0.8, 800, "1970-07-20"])
def test_the_training_part_is_what_the_configured_split_leaves(test):
    made = settled(1000, season=100, freq="D", windows={"horizon": 10}, validation=50, test=test)

    assert made.size.input_size == 150 // 3


def test_what_is_configured_is_taken_as_it_is_and_needs_no_note():
    made = settled(
        500, season=7, windows={"input_size": 3, "horizon": 2, "stride": 5}, validation=0.1, test=40
    )

    assert (made.size.input_size, made.size.horizon, made.size.stride) == (3, 2, 5)
    assert (made.validation, made.test, made.notes) == (0.1, 40, ())


def test_each_value_that_was_inferred_is_told():
    notes = settled(500, season=7).notes

    keys = [note.split(" = ")[0] for note in notes]
    assert keys == ["windows.horizon", "split.validation", "split.test", "windows.input_size"]


def test_a_random_split_holds_out_the_tutorials_fifth():
    made = settled(1000, season=44, kind="random")

    assert (made.validation, made.test) == (0, 0.2)


def test_a_window_longer_than_every_series_is_no_fault_of_the_file():
    made = settled(10, season=1, windows={"input_size": 300, "horizon": 2})

    assert made.size.total == 302


def test_parts_that_hold_no_target_are_refused_together():
    with pytest.raises(BadConfig) as caught:
        settled(1000, season=24, windows={"horizon": 24}, validation=23, test=0)

    assert caught.value.faults == (
        "split.test: got 0; without test windows nothing can be judged",
        "split.validation: got 23 steps, expected at least one horizon (24)",
    )


EXTENTS = st.one_of(st.none(), st.integers(1, 40), st.floats(0.05, 0.7))


@given(
    lengths=st.lists(st.integers(1, 90), min_size=1, max_size=4),
    season=st.integers(1, 60),
    horizon=st.one_of(st.none(), st.integers(1, 8)),
    parts=st.tuples(EXTENTS, EXTENTS),
)
def test_a_season_is_read_from_rows_that_are_never_held_out_whatever_it_is(lengths, season, horizon, parts):
    table = table_of(*(np.zeros(length) for length in lengths))
    windows, split = WindowsConfig(horizon=horizon), SplitConfig(validation=parts[0], test=parts[1])

    known = known_rows(table, windows, split)

    try:
        made = settle(table, season, windows, split)
    except BadConfig:
        return
    assert np.all(known <= chronological(table, made.validation, made.test).validation)
    assert np.all(known <= oldest_rows(table))


def test_where_little_is_held_out_a_season_is_read_from_the_oldest_60_percent():
    table = table_of(np.zeros(100), np.zeros(40))

    known = known_rows(table, WindowsConfig(), SplitConfig(validation=5, test=0.1))

    assert known.tolist() == [60, 124]


HOURS = {"season": 24, "freq": "h", "windows": {"horizon": 24, "input_size": 48}}
"""Ten days from 1970-01-01 on, in hours."""


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        (
            {"test": "2030-01-01"},
            "split.test: got 2030-01-01, hence 0 steps up to 1970-01-10T23:00:00, expected at least one "
            "horizon (24); the data run from 1970-01-01T00:00:00 to 1970-01-10T23:00:00: name an earlier",
        ),
        (
            {"test": "1970-01-10T01:00"},
            "split.test: got 1970-01-10T01:00, hence 23 steps up to 1970-01-10T23",
        ),
        (
            {"validation": "1970-01-09", "test": "1970-01-08"},
            "split.validation: got 1970-01-09, hence 0 steps up to 1970-01-07T23:00:00, expected",
        ),
        (
            {"validation": "1970-01-08", "test": "1970-01-08"},
            "split.validation: got 1970-01-08, hence 0 steps",
        ),
        (
            {"test": 0.01},
            "split.test: got 0.01, hence 2 steps, expected at least one horizon (24); the data run",
        ),
        (
            {"validation": 0.05},
            "split.validation: got 0.05, hence 12 steps, expected at least one horizon (24)",
        ),
        ({"test": "1969-12-01"}, "split.test: got 1969-12-01, hence nothing to train on; the data run from"),
        (
            {"validation": 0.6, "test": 0.5},
            "split.validation: got 0.6, hence nothing to train on; the data run",
        ),
    ],
)
def test_a_split_that_the_data_do_not_bear_out_is_refused_by_its_key(parts, fault):
    with pytest.raises(BadConfig) as caught:
        settled(240, **HOURS, **parts)

    (found,) = caught.value.faults
    assert found.startswith(fault)


def test_a_fraction_of_counted_steps_is_of_the_longest_series():
    with pytest.raises(
        BadConfig, match=r"got 0.01, hence 5 steps, .*; the longest series has 500 steps: ask"
    ):
        settled(500, 100, season=24, windows={"horizon": 24}, test=0.01)

    assert settled(5000, 100, season=24, windows={"horizon": 24}, test=0.01).test == 0.01


@pytest.mark.parametrize(
    "parts",
    [{}, {"validation": 60, "test": 60}, {"test": 0.2}, {"test": "2030-01-01"}, {"test": "1960-01-01"}],
)
def test_data_too_short_for_any_split_are_no_fault_of_the_split(parts):
    made = settled(90, **HOURS, **parts)

    assert made.size.total == 72


def test_a_part_of_zero_for_validation_means_none():
    assert settled(240, **HOURS, validation=0).validation == 0


def test_what_was_inferred_is_told_with_its_value_and_its_rule():
    made = settled(500, season=60)

    assert made.notes == (
        "windows.horizon = 50: one season of 60, at most a tenth of 500 steps",
        "split.validation = 100",
        "split.test = 100",
        "windows.input_size = 100: two seasons or horizons, at most a third of training",
    )
