"""Real series as their owners have them: from a pipeline file of a few lines to a verdict and forecasts."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_allclose

from lstm_pipeline import datasets, evaluations
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.steps import PLAIN, retrain
from lstm_pipeline.steps.desk import job_from_file
from lstm_pipeline.storage import open_store
from lstm_pipeline.windows.dataset import boundaries

DATA = Path(os.environ.get("LSTM_PIPELINE_DATA", Path(__file__).parents[2] / "shared/data")).absolute()
QUICK = "\n[model]\nhidden_size = 4\nnum_layers = 1\n[training]\nmax_steps = 5\n"

pytestmark = [
    pytest.mark.large_data,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="LSTM_PIPELINE_DATA names no folder with the public data sets"
    ),
]
large = pytest.mark.proof


def run(folder, name, text, *, as_of=None):
    """Run a pipeline file of these lines; returns the outcome and its store."""
    file = folder / f"{name}.toml"
    file.write_text(f'name = "{name}"\n{text.format(data=DATA)}{QUICK}')
    store = str(folder / "store")
    outcome = retrain(job_from_file(str(file), store=store, as_of=as_of), PLAIN)
    assert outcome.rows_in == outcome.rows_kept + sum(outcome.rows_set_aside.values())
    return outcome, open_store(store)


def source(path, **keys):
    """The lines of a [source] section."""
    return "\n".join(
        ["[source]", f'path = "{{data}}/{path}"', *(f'{key} = "{value}"' for key, value in keys.items()), ""]
    )


def published(outcome):
    return pd.read_parquet(outcome.forecasts)


def test_airline_passengers(tmp_path):
    text = source("airline_passengers/airline-passengers.csv", time="Month", value="Passengers")

    outcome, _ = run(tmp_path, "airline", text)

    assert outcome.rows_in == outcome.rows_kept == 144
    assert published(outcome)["ds"].dt.strftime("%Y-%m").tolist()[:2] == ["1961-01", "1961-02"]


def test_daily_minimum_temperatures_keep_their_two_missing_leap_days_missing(tmp_path):
    text = source("daily_min_temperatures/daily-min-temperatures.csv", time="Date", value="Temp")

    outcome, store = run(tmp_path, "temperatures", text)

    table = datasets.load(store, Path(outcome.dataset).name).table
    assert (outcome.rows_kept, outcome.rows_missing) == (3650, 2)
    assert len(table.y) == 3652
    assert (~table.observed).sum() == 2


def test_a_series_with_fifty_nine_missing_days_is_masked_not_filled(tmp_path):
    text = source("peyton_manning/example_wp_log_peyton_manning.csv", time="ds", value="y")

    outcome, _ = run(tmp_path, "peyton", text)

    assert (outcome.rows_kept, outcome.rows_missing, outcome.rows_filled) == (2905, 59, 0)


ETTH1 = """
[source]
path = "{data}/etth1/ETTh1.csv"
layout = "wide"
time = "date"
[windows]
input_size = 336
horizon = 96
[split]
validation = 2880
test = 2880
"""


@large
def test_etth1_by_the_published_protocol_gives_the_published_error_of_repeating_the_last_value(tmp_path):
    outcome, store = run(tmp_path, "etth1", ETTH1, as_of="2018-02-20T23:00")

    dataset = datasets.load(store, Path(outcome.dataset).name)
    variance = training_stats(dataset.table, boundaries(dataset.table, dataset.spec).validation).variance
    (key,) = {key.split("/")[1] for key in store.list("evaluations")}
    scores = evaluations.load(store, key).series.to_pandas()
    mse = scores[scores["rival"] == "last_value"].set_index("unique_id")["mse"]
    scaled = np.mean([mse[name] / variance[at] for at, name in enumerate(dataset.table.ids)])
    assert outcome.windows["test"] == 7 * (2880 - 96 + 1)
    assert_allclose(scaled, 1.294, atol=6e-4)


@large
def test_m4_hourly_reads_as_414_series_that_count_steps(tmp_path):
    text = '[source]\npath = "{data}/m4_hourly/Hourly-train.csv"\nlayout = "rows"\n[windows]\nhorizon = 48\n'

    outcome, store = run(tmp_path, "m4", text)

    forecasts = published(outcome)
    lengths = dict(zip(*datasets_lengths(store, outcome), strict=True))
    assert (outcome.rows_in, outcome.series.ok) == (353_500, 414)
    assert len(forecasts) == 414 * 48
    assert all(group["ds"].min() == lengths[name] for name, group in forecasts.groupby("unique_id"))


def datasets_lengths(store, outcome):
    table = datasets.load(store, Path(outcome.dataset).name).table
    return table.ids, table.lengths.tolist()


@large
def test_pjm_sets_both_rows_of_each_conflicting_autumn_hour_aside(tmp_path):
    text = source("pjm_aep/AEP_hourly.csv", time="Datetime", value="AEP_MW")

    outcome, _ = run(tmp_path, "pjm", text)

    aside = pq.read_table(Path(outcome.dataset) / "set_aside.parquet").to_pandas()
    assert outcome.rows_set_aside["conflict"] == len(aside) == 8
    assert aside["ds"].str.slice(5, 13).isin(["11-02 02", "11-01 02", "11-06 02", "11-05 02"]).all()
