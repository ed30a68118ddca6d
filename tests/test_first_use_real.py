"""What `init` guesses for each of the public data sets; training on them is left to people."""

import os
from pathlib import Path

import pytest

from lstm_pipeline.first_use import write_pipeline
from lstm_pipeline.settings.config import read_pipeline
from lstm_pipeline.sources.door import ingest

DATA = Path(os.environ.get("LSTM_PIPELINE_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))

pytestmark = [
    pytest.mark.large_data,
    pytest.mark.proof,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"LSTM_PIPELINE_DATA: there is no folder {DATA}"),
]

COLUMNS = {
    "airline_passengers/airline-passengers.csv": ("long", "Month", None, ("Passengers",)),
    "beijing_pm25/pollution.csv": ("long", ("year", "month", "day", "hour"), None, ("pm2.5",)),
    "daily_min_temperatures/daily-min-temperatures.csv": ("long", "Date", None, ("Temp",)),
    "etth1/ETTh1.csv": ("wide", "date", None, ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")),
    "m4_hourly/Hourly-train.csv": ("rows", None, "V1", ()),
    "monthly_sunspots/monthly-sunspots.csv": ("long", "Month", None, ("Sunspots",)),
    "nab_irregular": ("long", "timestamp", None, ("value",)),
    "nab_irregular/ec2_request_latency_system_failure.csv": ("long", "timestamp", None, ("value",)),
    "nab_irregular/rogue_agent_key_hold.csv": ("long", "timestamp", None, ("value",)),
    "nab_irregular/speed_6005.csv": ("long", "timestamp", None, ("value",)),
    "nyc_taxi/nyc_taxi.csv": ("long", "timestamp", None, ("value",)),
    "peyton_manning/example_wp_log_peyton_manning.csv": ("long", "ds", None, ("y",)),
    "pjm_aep/AEP_hourly.csv": ("long", "Datetime", None, ("AEP_MW",)),
}
"""Layout, time, id, columns of values."""
SIZES = {
    "airline_passengers/airline-passengers.csv": ("MS", 12, 12, 24, 28),
    "beijing_pm25/pollution.csv": ("h", 24, 24, 48, 720),
    "daily_min_temperatures/daily-min-temperatures.csv": ("D", 7, 7, 14, 210),
    "etth1/ETTh1.csv": ("h", 24, 24, 48, 720),
    "m4_hourly/Hourly-train.csv": (1, 24, 24, 48, 192),
    "monthly_sunspots/monthly-sunspots.csv": ("MS", 12, 12, 24, 360),
    "nab_irregular": ("5min", 288, 288, 576, 974),
    "nab_irregular/ec2_request_latency_system_failure.csv": ("5min", 288, 288, 576, 806),
    "nab_irregular/rogue_agent_key_hold.csv": ("5min", 288, 144, 288, 1067),
    "nab_irregular/speed_6005.csv": ("5min", 288, 288, 576, 974),
    "nyc_taxi/nyc_taxi.csv": ("30min", 48, 48, 96, 1440),
    "peyton_manning/example_wp_log_peyton_manning.csv": ("D", 7, 7, 14, 210),
    "pjm_aep/AEP_hourly.csv": ("h", 24, 24, 48, 720),
}
"""freq, season_length, horizon, input_size, test."""
REGULARISED = ("nab_irregular", "nab_irregular/speed_6005.csv")


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    """The pipeline file of each data set, read back."""
    folder = tmp_path_factory.mktemp("pipelines")
    made = {
        name: write_pipeline(DATA / name, folder / f"{place}.toml", overwrite=False)
        for place, name in enumerate(COLUMNS)
    }
    return {name: read_pipeline(written.path) for name, written in made.items()}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_columns_are_guessed(configs, name):
    source = configs[name].source

    values = source.values or ((source.value,) if source.value else ())

    assert (source.layout, source.time, source.id, values) == COLUMNS[name]


@pytest.mark.parametrize("name", SIZES)
def test_the_sizes_are_those_a_forecaster_would_begin_with(configs, name):
    config = configs[name]

    windows, series = config.windows, config.series

    guessed = (series.freq, series.season_length, windows.horizon, windows.input_size, config.split.test)
    assert guessed == SIZES[name]


@pytest.mark.parametrize("name", COLUMNS)
def test_only_files_off_the_grid_are_regularised(configs, name):
    assert configs[name].series.regularise == ("mean" if name in REGULARISED else None)


@pytest.mark.parametrize("name", COLUMNS)
def test_no_series_is_refused_at_the_door(configs, name):
    config = configs[name]

    arrived = ingest(config.source, config.series)

    assert not arrived.failed
