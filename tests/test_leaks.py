"""No leak: nothing after a boundary reaches what must not know it. Checked on the real steps."""

import csv
import datetime as dt
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstm_pipeline import checkpoints
from lstm_pipeline.model.config import ModelConfig
from lstm_pipeline.scaling import fit_scaler
from lstm_pipeline.series.rules import SeriesRules
from lstm_pipeline.sources.config import FilesSource
from lstm_pipeline.sources.door import ingest
from lstm_pipeline.steps import build_dataset, fitting, train
from lstm_pipeline.training.config import TrainingConfig
from lstm_pipeline.training.data import TrainingSet
from lstm_pipeline.training.fit import fit
from lstm_pipeline.training.loop import FitHooks
from lstm_pipeline.windows.config import WindowSize
from lstm_pipeline.windows.index import COMPLETENESS, index_by_time
from lstm_pipeline.windows.split import chronological
from tests.conftest import START, Line, hourly, waves

BOUNDARY = START + dt.timedelta(hours=130)
"""The first hour of the test part."""
SPLIT = {"validation": (START + dt.timedelta(hours=110)).isoformat(), "test": BOUNDARY.isoformat()}
QUICK = {"max_steps": 10}
ROWS = hourly("a", waves(seed=1)) + hourly("b", waves(140, level=-300.0, seed=2))


def changed(rows, boundary, rng):
    """Other values after the boundary, of any size."""
    scale = 10.0 ** rng.integers(-3, 9)
    return [row if row[1] < boundary else (*row[:2], scale * rng.normal()) for row in rows]


def blanked(rows, boundary, rng):
    return [row if row[1] < boundary or rng.random() < 0.5 else (*row[:2], None) for row in rows]


def deleted(rows, boundary, rng):
    return [row for row in rows if row[1] < boundary]


def shortened(rows, boundary, rng):
    """One target is left: without any the split would be refused."""
    return [row for row in rows if row[1] < boundary + dt.timedelta(hours=2)]


def thinned(rows, boundary, rng):
    return [row for row in rows if row[1] < boundary or rng.random() < 0.5]


def prolonged(rows, boundary, rng):
    """More rows, and a series that begins after the boundary."""
    begin = int((boundary - START).total_seconds()) // 3600 + 10
    late = hourly("late", rng.normal(size=60).tolist(), begin=begin)
    return rows + hourly("a", rng.normal(size=60).tolist(), begin=160) + late


MEDDLING = [changed, blanked, shortened, thinned, prolonged]


def learnt(line, rows, **sections):
    """What training leaves behind: digest of the weights, and the scaler as it is stored."""
    job = line.job(rows, split=SPLIT, training=QUICK, **sections)
    model = train(job, build_dataset(job))
    scaler = line.store.read_part(f"models/{model.id}", "scaler.json")
    return model.id, checkpoints.card(line.store, model.id).weights_sha256, scaler


@pytest.mark.parametrize("meddle", MEDDLING)
@pytest.mark.parametrize("missing", ["mask", "gap", "fill"])
def test_nothing_after_the_test_boundary_reaches_weights_or_scaler(line, meddle, missing):
    series = {"missing": missing}
    other = meddle(ROWS, BOUNDARY, np.random.default_rng(0))

    whole, meddled = learnt(line, ROWS, series=series), learnt(line, other, series=series)

    assert meddled[0] != whole[0]
    assert meddled[1:] == whole[1:]


def weights_of_the_pieces(rows, missing):
    """Door, split, index, scaler and loop by hand: a pipeline refuses a split that leaves no test part."""
    folder = Path(tempfile.mkdtemp())
    with (folder / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("unique_id", "ds", "y"), *rows])
    source = FilesSource(path=str(folder / "rows.csv"))
    table = ingest(source, SeriesRules(freq="h", season_length=4, missing=missing)).table
    shutil.rmtree(folder)
    cut, size = chronological(table, SPLIT["validation"], SPLIT["test"]), WindowSize(input_size=8, horizon=2)
    runs = index_by_time(table, size, cut, COMPLETENESS[missing])
    scaler = fit_scaler(table, cut.validation, "standard")
    part = {name: runs.windows(number) for number, name in enumerate(("train", "validation"))}
    data = TrainingSet(
        values=scaler.scaled(table.y, table.series_of_row),
        observed=table.observed,
        size=size,
        **{name: windows.start for name, windows in part.items()},
        **{f"{name}_series": windows.series for name, windows in part.items()},
    )
    training = TrainingConfig(max_steps=10, batch_size=32, device="cpu")
    weights = fit(ModelConfig(hidden_size=4, num_layers=1), training, data, FitHooks()).weights
    return {name: weight.tobytes() for name, weight in weights.items()}


@pytest.mark.parametrize("missing", ["mask", "gap", "fill"])
@pytest.mark.parametrize("meddle", [deleted, changed, blanked])
def test_weights_are_the_same_where_everything_after_the_test_boundary_is_gone(meddle, missing):
    other = meddle(ROWS, BOUNDARY, np.random.default_rng(0))

    assert weights_of_the_pieces(other, missing) == weights_of_the_pieces(ROWS, missing)


def shifted(rows, minutes):
    return [(name, ds + dt.timedelta(minutes=minutes), y) for name, ds, y in rows]


@pytest.mark.parametrize("how", ["mean", "last"])
def test_rows_after_a_boundary_between_two_steps_do_not_leak_through_the_step_they_are_regularised_onto(
    line, how
):
    rows = ROWS + shifted(ROWS, 10) + shifted(ROWS, 40)
    boundary = BOUNDARY + dt.timedelta(minutes=30)
    split = {
        "validation": (START + dt.timedelta(hours=110, minutes=30)).isoformat(),
        "test": boundary.isoformat(),
    }
    other = changed(rows, boundary, np.random.default_rng(0))

    def learnt_from(rows):
        job = line.job(rows, split=split, training=QUICK, series={"regularise": how})
        model = train(job, build_dataset(job))
        return checkpoints.card(line.store, model.id).weights_sha256

    assert learnt_from(other) == learnt_from(rows)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000), meddle=st.sampled_from(MEDDLING), season=st.sampled_from([None, 4]))
def test_no_way_of_meddling_with_the_test_part_changes_the_weights(line, seed, meddle, season):
    series = {"season_length": season, "missing": "fill", "fill": "seasonal"}
    other = meddle(ROWS, BOUNDARY, np.random.default_rng(seed))

    assert learnt(line, other, series=series)[1:] == learnt(line, ROWS, series=series)[1:]


def test_rows_of_the_validation_part_reach_the_weights_by_early_stopping_alone_and_never_the_scaler(line):
    begin = START + dt.timedelta(hours=110)
    other = changed(ROWS, begin, np.random.default_rng(1))

    whole, meddled = learnt(line, ROWS), learnt(line, other)

    assert meddled[2] == whole[2]


def fit_on_every_row(table, training_end, kind, fit=fitting.fit_scaler):
    """The classic mistake."""
    return fit(table, table.offsets[1:], kind)


def test_a_scaler_that_is_fitted_on_every_row_is_caught(line, monkeypatch):
    other = changed(ROWS, BOUNDARY, np.random.default_rng(0))
    monkeypatch.setattr(fitting, "fit_scaler", fit_on_every_row)

    whole, meddled = learnt(line, ROWS), learnt(line, other)

    assert meddled[1] != whole[1]
    assert meddled[2] != whole[2]


AS_OF = START + dt.timedelta(hours=142)
AFTER = START + dt.timedelta(hours=143)


@pytest.mark.parametrize("meddle", [*MEDDLING, deleted])
def test_nothing_after_as_of_reaches_dataset_or_model(line, meddle):
    other = meddle(ROWS, AFTER, np.random.default_rng(0))
    settings = {"as_of": AS_OF.isoformat(), "training": QUICK}

    whole = build_dataset(line.job(ROWS, **settings))
    meddled = build_dataset(job := line.job(other, **settings))

    assert (meddled.id, meddled.counts) == (whole.id, whole.counts)
    assert train(job, meddled).id == train(job, whole).id


@pytest.mark.parametrize("meddle", [changed, deleted, prolonged])
def test_the_champions_forecasts_do_not_depend_on_rows_after_as_of(line, meddle):
    other = meddle(ROWS, AFTER, np.random.default_rng(0))
    settings = {"as_of": AS_OF.isoformat(), "training": QUICK}

    whole = Line(line.folder / "one").conclude(ROWS, **settings).frame
    meddled = Line(line.folder / "two").conclude(other, **settings).frame

    assert whole["source"].tolist() == ["champion"] * 4
    pd.testing.assert_frame_equal(whole, meddled)
