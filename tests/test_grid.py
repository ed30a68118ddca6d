"""The grid: steps and stamps, what a frequency means, how one is read from stamps, and the season."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.errors import BadConfig, BadInput
from lstm_pipeline.series.freq import infer_freq
from lstm_pipeline.series.grid import Grid
from lstm_pipeline.series.season import season_by_autocorrelation, season_of
from lstm_pipeline.series.table import SeriesTable
from tests.awkward import AWKWARD

ALIASES = ("s", "5s", "min", "15min", "h", "3h", "D", "W-SUN", "W-WED", "B", "MS", "ME", "2MS")
QUARTERS_AND_YEARS = ("QS", "QE", "QS-FEB", "QE-JAN", "YS", "YE", "YS-APR", "YE-JUN")
every_alias = pytest.mark.parametrize("alias", ALIASES + QUARTERS_AND_YEARS)


def stamps_of(alias, start="2019-03-05", periods=60):
    """What pandas says the stamps of a frequency are, in microseconds."""
    return pd.date_range(start, periods=periods, freq=alias).as_unit("us").asi8


def table_of(*series):
    """Series counted from 0, all observed."""
    return SeriesTable(
        grid=Grid(freq=1),
        ids=tuple(f"s{place:03d}" for place in range(len(series))),
        offsets=np.cumsum([0, *map(len, series)]),
        first=np.zeros(len(series), np.int64),
        y=np.concatenate(series),
        observed=np.ones(sum(map(len, series)), bool),
    )


@every_alias
def test_neighbouring_stamps_of_a_frequency_are_one_step_apart(alias):
    stamps = stamps_of(alias)

    steps, on_grid = Grid.of(stamps, alias).step(stamps)

    assert on_grid.all()
    assert (np.diff(steps) == 1).all()


@every_alias
def test_a_stamp_comes_back_from_its_step(alias):
    stamps = stamps_of(alias)
    grid = Grid.of(stamps, alias)

    again = grid.stamp(grid.step(stamps)[0])

    np.testing.assert_array_equal(again, stamps)


@every_alias
def test_steps_go_on_as_pandas_does_beyond_the_last_stamp(alias):
    stamps = stamps_of(alias, periods=80)
    grid = Grid.of(stamps[:60], alias)

    ahead = grid.stamp(grid.step(stamps[59:60])[0] + np.arange(1, 21))

    np.testing.assert_array_equal(ahead, stamps[60:])


@every_alias
def test_the_frequency_is_read_from_its_stamps(alias):
    stamps = stamps_of(alias)

    found = infer_freq(stamps)

    np.testing.assert_array_equal(
        pd.date_range("2019-03-05", periods=60, freq=found).as_unit("us").asi8, stamps
    )


@every_alias
def test_a_stamp_between_two_steps_is_off_the_grid(alias):
    stamps = stamps_of(alias)

    _, on_grid = Grid.of(stamps, alias).step(stamps + 1)

    assert not on_grid.any()


@given(
    st.sampled_from(("7min", "h", "MS", "2QS", "B", "D")), st.integers(0, 27), st.integers(-(2**50), 2**50)
)
def test_a_step_begins_at_or_before_each_of_its_stamps_and_the_next_one_after_it(alias, days, stamp):
    grid = Grid(freq=alias, phase=0 if alias == "B" else days * 86_400_000_000)

    step, _ = grid.step(np.array([stamp]))

    assert grid.stamp(step)[0] <= stamp < grid.stamp(step + 1)[0]


def test_a_day_within_a_quarter_belongs_to_the_end_of_that_quarter():
    grid = Grid(freq="QE")
    february, end = pd.DatetimeIndex(["2020-02-10", "2020-03-31"]).as_unit("us").asi8

    steps, _ = grid.step(np.array([february, end]))

    assert steps[0] == steps[1]


def test_a_day_within_a_month_belongs_to_the_end_of_that_month():
    grid = Grid(freq="ME")
    tenth, end = pd.DatetimeIndex(["2020-03-10", "2020-03-31"]).as_unit("us").asi8

    steps, on_grid = grid.step(np.array([tenth, end]))

    assert steps[0] == steps[1]
    assert on_grid.tolist() == [False, True]


def test_the_phase_is_that_of_most_stamps():
    stamps = np.sort(np.append(stamps_of("h", "2020-01-01 00:25"), stamps_of("h", "2020-02-01", 5)))

    grid = Grid.of(stamps, "h")

    assert grid.label(int(grid.stamp(np.array([0]))[0])).endswith(":25:00")
    assert (~grid.step(stamps)[1]).sum() == 5


def test_a_month_may_have_its_stamp_in_the_middle():
    stamps = stamps_of("MS") + 14 * 86_400_000_000

    grid = Grid.of(stamps)

    assert grid.freq == "MS"
    assert grid.step(stamps)[1].all()


def test_series_end_to_end_do_not_disturb_the_frequency():
    stamps = np.concatenate(
        [stamps_of("30min", start, 4) for start in ("2020-01-01", "2021-01-01", "2019-01-01")]
    )

    found = infer_freq(stamps)

    assert found == "30min"


def test_days_without_weekends_are_business_days():
    days = stamps_of("D", periods=400)
    weekdays = days[pd.DatetimeIndex(days.astype("M8[us]")).day_of_week < 5]

    assert infer_freq(weekdays) == "B"
    assert infer_freq(days) == "D"


def test_counted_steps_have_the_most_frequent_difference():
    grid = Grid.of(np.array([3, 8, 13, 23, 28]), timed=False)

    steps, on_grid = grid.step(np.array([3, 8, 13, 23, 28, 29]))

    assert (grid.freq, steps.tolist()[:5]) == (5, [0, 1, 2, 4, 5])
    assert on_grid.tolist() == [True] * 5 + [False]


def test_a_single_counted_step_has_frequency_one():
    assert Grid.of(np.array([0, 0]), timed=False).freq == 1


def test_no_frequency_is_read_from_a_single_time():
    with pytest.raises(BadInput, match="no series has two different times"):
        Grid.of(stamps_of("h", periods=1))


@pytest.mark.parametrize("alias", ["fortnight", "H", "0h", "MS-FEB", "W-XXX", "", "1h30min", "-1h"])
def test_an_unknown_frequency_is_refused_with_examples(alias):
    with pytest.raises(BadConfig) as caught:
        Grid(freq=alias)

    assert alias in str(caught.value)
    assert all(example in str(caught.value) for example in ('"h"', '"30min"', '"MS"'))


def test_a_frequency_must_fit_what_the_stamps_are():
    with pytest.raises(BadConfig, match="counts steps, but the data have times"):
        Grid.of(stamps_of("h"), 1)
    with pytest.raises(BadConfig, match="needs times"):
        Grid.of(np.arange(5), "h", timed=False)


def test_a_label_is_iso_text_or_the_integer():
    noon = int(stamps_of("h", "2020-01-01 12:00", 1)[0])

    assert Grid(freq="h").label(noon) == "2020-01-01T12:00:00"
    assert Grid(freq="h").label(noon + 5) == "2020-01-01T12:00:00.000005"
    assert Grid(freq=1).label(17) == "17"


@pytest.mark.parametrize(
    ("freq", "season"),
    [
        ("h", 24), ("30min", 48), ("2h", 12), ("5h", 24), ("min", 1440), ("s", 3600), ("10s", 360),
        ("D", 7), ("2D", 7), ("B", 5), ("W", 52), ("W-MON", 52), ("2W", 26), ("MS", 12), ("ME", 12),
        ("2MS", 6), ("QS", 4), ("QE-JAN", 4), ("YS", 1), (1, None),
    ],
)  # fmt: skip
def test_the_season_follows_from_the_frequency(freq, season):
    assert season_of(freq) == season


@given(st.integers(3, 60), st.integers(0, 10))
def test_a_noisy_wave_on_a_trend_shows_its_season(period, seed):
    time = np.arange(20 * period)
    noise = np.random.default_rng(seed).standard_normal(len(time))

    found = season_by_autocorrelation(table_of(5 * np.sin(2 * np.pi * time / period) + noise + 0.1 * time))

    assert abs(found - period) <= max(1, 0.05 * period)


def season_slowly(values):
    """The obvious loops: what a straight line leaves over is laid on itself, the first clear peak is it."""
    known = values[: int(0.6 * len(values))]
    time = np.arange(len(known))
    rest = known - np.polyval(np.polyfit(time, known, 1), time)
    products = [np.mean(rest[lag:] * rest[: len(rest) - lag]) for lag in range(len(rest) // 3 + 1)]
    alike = np.array(products) / products[0]
    tops = [p for p in range(1, len(alike) - 1) if alike[p - 1] < alike[p] >= alike[p + 1]]
    clear = [p for p in tops if alike[p] >= 0.3 and alike[p] - alike[: p + 1].min() >= 0.1]
    return next((p for p in clear if alike[p] >= 0.8 * max(alike[clear])), 1)


@given(st.integers(2, 30), st.integers(20, 300), st.floats(0.1, 3), st.integers(0, 100))
def test_the_season_is_the_one_that_the_obvious_loop_finds(period, length, loud, seed):
    time = np.arange(length)
    noise = loud * np.random.default_rng(seed).standard_normal(length)
    values = np.sin(2 * np.pi * time / period) + 0.4 * np.sin(6 * np.pi * time / period) + noise + 0.02 * time

    found = season_by_autocorrelation(table_of(values))

    assert found == season_slowly(values)


def test_series_that_never_change_have_no_say_in_the_season():
    wave = np.sin(2 * np.pi * np.arange(200) / 12)

    found = season_by_autocorrelation(table_of(wave, *[np.full(200, 5.0)] * 9))

    assert found == 12


def test_noise_has_no_season():
    rng = np.random.default_rng(1)

    found = {season_by_autocorrelation(table_of(rng.standard_normal(300))) for _ in range(20)}

    assert found == {1}


def test_what_comes_after_the_oldest_part_does_not_change_the_season():
    time = np.arange(500)
    old = np.sin(2 * np.pi * time / 12)
    changed = np.where(time < 300, old, 100 * np.sin(2 * np.pi * time / 7))

    assert season_by_autocorrelation(table_of(changed)) == season_by_autocorrelation(table_of(old)) == 12


@pytest.mark.parametrize("name", [name for name, values in AWKWARD.items() if np.isfinite(values).all()])
def test_an_awkward_series_has_a_season_of_one_step_or_more(name):
    assert season_by_autocorrelation(table_of(AWKWARD[name])) >= 1
