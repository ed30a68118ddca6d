"""What a pipeline file leaves open is settled from the data, and told."""

import numpy as np
import pytest

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.windows.config import SplitConfig, WindowsConfig
from lstm_pipeline.windows.defaults import settle
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
