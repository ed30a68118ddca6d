"""The split: one boundary for all series by time, or each from its own end; and the tutorial's by chance."""

import dataclasses
import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.windows.split import chronological, random_parts
from tests.conftest import table_of

HOURS_TO_2024 = 473_352
"""From 1970 to 2024-01-01."""


def first_steps(table, cut):
    """The steps on which each series' parts begin."""
    rows = np.stack([cut.validation, cut.test])
    return (rows - table.offsets[:-1] + table.first).tolist()


def two_hourly_series():
    """a has the hours 0 to 99 of 2024, b only 40 to 89."""
    first = [HOURS_TO_2024, HOURS_TO_2024 + 40]
    return table_of(range(100), range(50), freq="h", first=first)


def test_with_timestamps_one_boundary_serves_all_series():
    table = two_hourly_series()

    cut = chronological(table, 10, 20)

    validation, test = HOURS_TO_2024 + 70, HOURS_TO_2024 + 80
    assert first_steps(table, cut) == [[validation] * 2, [test] * 2]


def test_a_boundary_outside_a_series_leaves_the_part_empty():
    table = two_hourly_series()

    cut = chronological(table, 45, 50)

    assert first_steps(table, cut)[0] == [HOURS_TO_2024 + 5, HOURS_TO_2024 + 40]
    assert chronological(table, 0, 5).test.tolist() == [95, 150]


def test_where_steps_are_counted_each_series_is_cut_from_its_own_end():
    table = table_of(range(100), range(50), first=[0, 7])

    cut = chronological(table, 10, 20)

    assert first_steps(table, cut) == [[70, 27], [80, 37]]


def test_a_fraction_is_of_the_median_length_with_timestamps_and_of_each_length_without():
    timed, counted = two_hourly_series(), table_of(range(100), range(50))

    assert (timed.last.max() + 1 - first_steps(timed, chronological(timed, 0, 0.2))[1][0]) == 15
    assert chronological(counted, 0, 0.2).test.tolist() == [80, 140]


@pytest.mark.parametrize(
    "stamp", ["2024-01-02", "2024-01-02T00:30:00", dt.date(2024, 1, 2), dt.datetime(2024, 1, 2)]
)
def test_a_part_begins_with_the_step_whose_period_holds_its_timestamp(stamp):
    table = two_hourly_series()

    cut = chronological(table, 0, stamp)

    assert first_steps(table, cut)[1] == [HOURS_TO_2024 + 24, HOURS_TO_2024 + 40]


@pytest.mark.parametrize(("share", "steps"), [(0.29, 29), (0.57, 57), (0.255, 25), (0.999, 99)])
def test_a_fraction_gives_whole_steps_rounded_down_but_not_by_its_binary_digits(share, steps):
    table = table_of(range(100))

    assert chronological(table, 0, share).test.tolist() == [100 - steps]


def test_the_boundary_is_counted_from_the_newest_step_of_the_series_that_are_trusted():
    table = dataclasses.replace(two_hourly_series(), until=HOURS_TO_2024 + 89)

    cut = chronological(table, 0, 20)

    assert first_steps(table, cut)[1] == [HOURS_TO_2024 + 70] * 2


def test_a_boundary_before_1970_is_found_too():
    table = table_of(range(48), freq="MS", first=[-252])

    cut = chronological(table, "1950-01-01", "1951-01-01")

    assert first_steps(table, cut) == [[-240], [-228]]


def test_a_validation_part_that_begins_after_the_test_part_is_empty():
    table = two_hourly_series()

    cut = chronological(table, "2024-01-04", "2024-01-03")

    assert cut.validation.tolist() == cut.test.tolist()


@settings(max_examples=50, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4), held=st.tuples(*[st.integers(0, 60)] * 2)
)
def test_parts_never_overlap_and_never_leave_their_series(lengths, held):
    table = table_of(*(range(length) for length in lengths), freq="D")

    cut = chronological(table, *held)

    assert np.all(table.offsets[:-1] <= cut.validation)
    assert np.all(cut.validation <= cut.test)
    assert np.all(cut.test <= table.offsets[1:])


@pytest.mark.parametrize(
    ("extent", "words"),
    [
        (-1, "got -1, expected a whole number"),
        (1.5, "got 1.5, expected a whole number"),
        (float("nan"), "got nan, expected a whole number"),
        ("soon", "got 'soon', expected steps"),
        ("", "got '', expected steps"),
        ("now", "got 'now', expected steps"),
        ("2024-01-02T00:00:00+02:00", "with an offset, expected a time on the clock of ds"),
    ],
)
def test_an_extent_that_cannot_be_is_refused_with_its_key(extent, words):
    with pytest.raises(BadConfig, match=r"split\.test: ") as caught:
        chronological(two_hourly_series(), 0, extent)

    assert words in str(caught.value)


def test_a_timestamp_is_refused_where_steps_are_counted():
    with pytest.raises(
        BadConfig, match=r"split\.validation: got the timestamp 2024-01-02, but .* count steps"
    ):
        chronological(table_of(range(50)), "2024-01-02", 5)


def test_the_random_split_deals_as_the_tutorial_does():
    expected_train, expected_test = train_test_split(np.arange(950), test_size=0.2, random_state=42)

    parts = random_parts(950, 0, 0.2, seed=42)

    assert len(expected_test) == 190
    assert set(np.flatnonzero(parts == 2)) == set(expected_test)
    assert set(np.flatnonzero(parts == 0)) == set(expected_train)


def test_the_random_split_deals_validation_from_what_is_left():
    parts = random_parts(950, 0.1, 190, seed=42)

    assert np.bincount(parts).tolist() == [665, 95, 190]
    assert np.array_equal(parts == 2, random_parts(950, 0, 190, seed=42) == 2)


def test_a_random_split_of_no_windows_is_empty():
    assert len(random_parts(0, 5, 0.2, seed=1)) == 0


@pytest.mark.parametrize(
    ("validation", "test", "words"),
    [
        (0, "2024-01-01", "split.test: got 2024-01-01; a random split takes a number"),
        (50, 50, "50 test and 50 validation windows of 100 leave none to train on"),
        (120, -40, "split.test: got -40, expected a whole number"),
    ],
)
def test_a_random_split_that_cannot_be_dealt_is_refused(validation, test, words):
    with pytest.raises(BadConfig) as caught:
        random_parts(100, validation, test, seed=0)

    assert words in str(caught.value)
