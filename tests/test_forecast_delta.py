"""How much a candidate's forecast differs from the champion's, from the same cutoff."""

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline import checkpoints, datasets
from lstm_pipeline.scaling import training_stats
from lstm_pipeline.steps.desk import open_desk
from lstm_pipeline.steps.forecast_delta import delta_of, forecast_delta
from lstm_pipeline.windows.dataset import boundaries
from tests.conftest import hourly, waves

ROWS = hourly("a", waves(200)) + hourly("b", waves(200, level=50.0, seed=3))
EARLIER = [row for at, row in enumerate(ROWS) if at % 200 < 160]


def delta_in(line, made):
    desk = open_desk(line.job(ROWS))
    trial = made.judged.trial
    dataset = datasets.load(line.store, trial.dataset.id)
    return forecast_delta(desk, made.judged, dataset, checkpoints.load(line.store, trial.model.id)), dataset


def test_a_first_model_has_nothing_to_differ_from(line):
    made = line.conclude(ROWS)

    delta, _ = delta_in(line, made)

    assert delta is None


def test_a_new_champion_is_held_against_what_the_one_before_says_at_the_same_cutoff(line):
    first = line.conclude(EARLIER, training={"max_steps": 3})
    plain = {"mode": "plain"}
    made = line.conclude(ROWS, training={"max_steps": 60, "patience": 0}, gate=plain)

    delta, dataset = delta_in(line, made)

    assert made.judged.promotion.promoted
    assert made.judged.trial.evaluation.champion == first.judged.trial.model.id
    end = boundaries(dataset.table, dataset.spec).validation
    deviation = np.sqrt(training_stats(dataset.table, end).variance)
    apart = {
        name: np.abs(_forecast(made.frame, name) - _said_by(line, first, dataset, name)).mean()
        / deviation[at]
        for at, name in enumerate(dataset.table.ids)
    }
    assert delta.mean == pytest.approx(np.mean(list(apart.values())))
    assert delta.worst == max(apart, key=lambda name: apart[name])
    assert delta.worst_mean == pytest.approx(apart[delta.worst])
    assert (delta.series, delta.published) == (2, True)


def test_a_candidate_that_was_not_promoted_is_held_against_what_was_published(line):
    line.conclude(EARLIER, training={"max_steps": 60, "patience": 0})
    made = line.conclude(ROWS, training={"max_steps": 3})

    delta, _ = delta_in(line, made)

    assert made.published.published_by == made.judged.trial.evaluation.champion
    assert delta is not None
    assert not delta.published
    assert delta.mean > 0


def test_series_that_only_one_can_forecast_or_that_never_moved_are_left_out():
    difference = np.array([[1.0, -3.0], [np.nan, 1.0], [5.0, 5.0], [0.5, 0.5]])

    delta = delta_of(("a", "b", "c", "d"), difference, np.array([2.0, 1.0, 0.0, 0.25]), published=True)

    assert delta is not None
    assert (delta.mean, delta.worst, delta.worst_mean, delta.series) == (1.5, "d", 2.0, 2)


def test_where_no_series_tells_there_is_no_difference():
    nothing = np.full((2, 3), np.nan)

    assert delta_of(("a", "b"), nothing, np.ones(2), published=False) is None


def _forecast(frame: pd.DataFrame, name: str):
    return frame.loc[frame["unique_id"] == name, "LSTM"].to_numpy()


def _said_by(line, run, dataset, name):
    """What the model of an earlier run forecasts after the newest row, by the door for rivals."""
    from lstm_pipeline.steps.rivals import seat

    chair = seat(checkpoints.load(line.store, run.judged.trial.model.id), dataset.table)
    at = dataset.table.ids.index(name)
    last = np.array([dataset.table.rows_of(at).stop - 1])
    return chair.after(last, np.array([at]))[0]
