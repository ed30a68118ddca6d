"""Generated series: the tutorial's sine to the digit, and equal bytes for equal seeds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_pipeline.errors import BadConfig
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import GeneratorSource
from lstm_pipeline.sources.door import ingest
from lstm_pipeline.sources.generated import generate
from lstm_pipeline.synthetic import autoregressive, seasonal, sine

processes = pytest.mark.parametrize("process", ["sine", "ar", "seasonal"])


def test_the_sine_is_the_tutorials():
    x = np.linspace(0, 1000, 1000)

    np.testing.assert_array_equal(sine(1000, 1000), np.sin(x))
    np.testing.assert_array_equal(generate(GeneratorSource()), [np.sin(x)])


@processes
def test_equal_seeds_give_equal_bytes_and_others_do_not(process):
    source = {"process": process, "series": 3, "length": 50}

    once, again, other = (generate(GeneratorSource(seed=seed, **source)).tobytes() for seed in (1, 1, 2))

    assert once == again != other


@processes
def test_several_series_differ_in_level(process):
    values = generate(GeneratorSource(process=process, series=20, length=500, noise=0.1))

    assert np.ptp(values.mean(axis=1)) > 5


@given(st.integers(1, 4), st.integers(2, 40), st.floats(-0.99, 0.99))
def test_each_autoregressive_value_is_phi_times_the_one_before_plus_noise(count, length, phi):
    rng = np.random.default_rng(3)
    noise = np.random.default_rng(3).standard_normal((count, length))

    values = autoregressive((count, length), phi, 1.0, rng)

    first = values[0]
    for step in range(1, length):
        assert first[step] == pytest.approx(phi * first[step - 1] + noise[0, step])


def test_the_first_autoregressive_value_varies_as_the_later_ones_do():
    values = autoregressive((4000, 3), -0.9, 1.0, np.random.default_rng(0))

    levels_removed = np.diff(values, axis=1)

    assert levels_removed[:, 0].std() == pytest.approx(levels_removed[:, 1].std(), rel=0.05)


def test_a_season_comes_back_after_its_period_but_for_the_trend():
    values = seasonal((3, 100), period=12, amplitude=2.0, trend=0.5, rng=np.random.default_rng(0))

    np.testing.assert_allclose(values[:, 12:] - values[:, :-12], 0.5 * 12)


def test_generated_series_pass_the_door_whole():
    arrived = ingest(GeneratorSource(series=12, length=40), SeriesRules(), None)

    assert arrived.table.ids[:2] == ("s000", "s001")
    assert (arrived.rows.rows_in, arrived.rows.rows_kept) == (480, 480)
    assert not arrived.set_aside.num_rows


def test_a_start_with_a_frequency_gives_times():
    arrived = ingest(GeneratorSource(length=5, start="2020-01-31"), SeriesRules(freq="ME"), None)

    labels = [arrived.table.grid.label(stamp) for stamp in arrived.table.grid.stamp(arrived.table.steps)]

    assert labels[:3] == ["2020-01-31T00:00:00", "2020-02-29T00:00:00", "2020-03-31T00:00:00"]


def test_a_start_without_a_frequency_is_refused():
    with pytest.raises(BadConfig, match="needs a frequency"):
        ingest(GeneratorSource(start="2020-01-01"), SeriesRules(), None)


def test_the_digest_is_that_of_the_configuration():
    first, same, other = (ingest(GeneratorSource(seed=seed), SeriesRules(), None) for seed in (1, 1, 2))

    assert first.digest == same.digest != other.digest
