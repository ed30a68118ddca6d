"""How far the forecast of the same steps moved, and whether new rows or another model moved it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.registry import open_registry
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.desk import Line as Office
from lstm_pipeline.steps.recipe import forecast_only
from lstm_pipeline.steps.succession import pin
from tests.conftest import Line, hourly, waves

VALUES = waves(200)
LONG = {"windows": {"horizon": 4}}


def feed(hours):
    return hourly("a", VALUES[:hours])


def forecast(line, hours, **settings):
    return forecast_only(line.job(feed(hours), **LONG, **settings), PLAIN)


def frame(made):
    return pd.read_parquet(made.uri).sort_values("ds")["LSTM"].to_numpy()


def test_the_first_forecast_has_nothing_to_be_compared_with(line):
    assert forecast(line, 160).revision is None


def test_with_the_same_model_all_of_it_is_by_new_rows(line):
    line.run(feed(160), **LONG)

    before, now = forecast(line, 160), forecast(line, 161)

    moved = now.revision
    scale = np.std(VALUES[:125])
    assert moved.steps == 3
    assert moved.moved == pytest.approx(np.abs(frame(now)[:3] - frame(before)[1:]).mean() / scale)
    assert (moved.by_data, moved.by_model) == (moved.moved, 0.0)
    assert "the model is the same" in moved.sentence
    assert any("moved by" in note for note in now.notes)


def test_what_another_model_moved_is_told_apart_from_what_new_rows_did(line, tmp_path):
    line.run(feed(160), **LONG)
    other = line.run(feed(160), training={"seed": 5}, **LONG).model.rpartition("/")[2]
    before = forecast(line, 161)
    shutil.copytree(line.folder, tmp_path / "stays")
    stays = forecast(Line(tmp_path / "stays"), 162)
    registry = open_registry(f"sqlite:///{line.folder / 'store' / 'registry.db'}")
    pin(Office(pipeline="line", store=line.store, registry=registry), other, "me", "to see it move")

    now = forecast(line, 162)

    scale = np.std(VALUES[:126])
    assert now.published_by == other != before.published_by
    assert now.revision.moved == pytest.approx(np.abs(frame(now)[:3] - frame(before)[1:]).mean() / scale)
    assert now.revision.by_data == pytest.approx(stays.revision.moved)
    assert now.revision.by_model == pytest.approx(np.abs(frame(now)[:3] - frame(stays)[:3]).mean() / scale)
    assert "by the change of the model" in now.revision.sentence


def test_forecasts_that_share_no_step_are_not_compared(line):
    forecast(line, 160)

    assert forecast(line, 164).revision is None


def test_the_page_of_a_run_tells_how_far_its_forecast_moved(line):
    line.run(feed(160), **LONG)

    outcome = line.run(feed(161), **LONG)

    assert any(note.startswith("the published forecast: on the 3 steps") for note in outcome.notes)


def test_the_page_of_a_forecast_shows_series_live_error_and_reasons(line):
    line.run(feed(160), **LONG)
    forecast(line, 161)

    made = forecast(line, 163)

    page = Path(made.report).read_text()
    assert "4 steps of h after 2024-01-07T18:00:00, by the champion." in page
    assert "Live error at each step of the horizon" in page
    assert "Live error by the age of the model" in page
    assert made.notes[-1] in page


def test_a_baseline_s_page_says_that_there_is_no_champion(line):
    made = forecast(line, 160)

    page = Path(made.report).read_text()
    assert "there is no champion that can" in page
    assert "nothing has come true yet" in page


def test_the_same_forecast_again_has_the_same_page(line):
    first = forecast(line, 160)

    assert forecast(line, 160).report == first.report
