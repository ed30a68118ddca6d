"""Live accuracy: what was published is scored step by step once it has come, beside a naive forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.registry import live_errors, open_registry
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.recipe import forecast_only
from tests.conftest import hourly, waves

VALUES = waves(200)
OTHER = waves(200, level=3.0, seed=4)


def feed(hours, *, other=True, changed=()):
    rows = hourly("a", VALUES[:hours]) + (hourly("b", OTHER[:hours]) if other else [])
    return [(name, when, dict(changed).get(at, value)) for at, (name, when, value) in enumerate(rows)]


def errors(line):
    return live_errors(open_registry(f"sqlite:///{line.folder / 'store' / 'registry.db'}").engine, "line")


def forecast(line, rows, **settings):
    return forecast_only(line.job(rows, **settings), PLAIN)


def test_a_forecast_is_scored_step_by_step_as_its_steps_come(line):
    line.run(feed(160))

    forecast(line, feed(161))
    one = [row.step for row in errors(line)]
    forecast(line, feed(162))
    both = [(row.cutoff, row.step) for row in errors(line)]

    assert one == [1]
    first = min(cutoff for cutoff, _ in both)
    assert [step for cutoff, step in both if cutoff == first] == [1, 2]


def test_the_error_is_the_squared_one_in_variances_averaged_over_series(line):
    line.run(feed(160))
    published = pd.read_parquet(line.folder / "store" / "forecasts" / "line" / "latest.parquet")
    forecast(line, feed(162))

    rows = {row.step: row for row in errors(line) if row.step and row.cutoff == errors(line)[0].cutoff}

    # the training part of the dataset that brought the actuals: 162 rows, of which 20 and 16 are held out
    scale = {"a": np.var(VALUES[:126]), "b": np.var(OTHER[:126])}
    truth = {"a": VALUES, "b": OTHER}
    for step in (1, 2):
        losses = []
        for name in ("a", "b"):
            made = published[published.unique_id == name].sort_values("ds")["LSTM"].iloc[step - 1]
            losses.append((made - truth[name][159 + step]) ** 2 / scale[name])
        assert rows[step].loss == pytest.approx(np.mean(losses))
        assert rows[step].series == 2


def test_beside_it_stands_the_naive_forecast_of_the_same_steps(line):
    line.run(feed(160))
    forecast(line, feed(162))
    rows = errors(line)

    fallback = line.store.require(rows[0].uri)["rules"]["fallback"]

    scale = {"a": np.var(VALUES[:126]), "b": np.var(OTHER[:126])}
    wanted = []
    for name, values in (("a", VALUES), ("b", OTHER)):
        past = np.array(values[:160])
        naive = {
            "seasonal_naive": past[-4],
            "seasonal_mean": past[-4::-4][:7].mean(),
            "last_value": past[-1],
            "mean": past.mean(),
        }[fallback]
        wanted.append((naive - values[160]) ** 2 / scale[name])
    assert rows[0].naive_loss == pytest.approx(np.mean(wanted))


def test_the_first_score_of_a_step_stands_when_its_actual_is_corrected_later(line):
    line.run(feed(160))
    forecast(line, feed(162))
    before = errors(line)

    forecast(line, feed(163, changed={160: 99.0}))

    assert [row for row in errors(line) if row.cutoff == before[0].cutoff] == list(before)


def test_who_forecast_and_how_old_the_model_was_is_kept(line):
    outcome = line.run(feed(160))
    forecast(line, feed(170))
    forecast(line, feed(172))

    rows = errors(line)

    assert {row.model for row in rows} == {outcome.champion}
    # the test part of twenty steps was held out of what the model learnt
    assert sorted({row.age for row in rows}) == [20, 30]


def test_without_a_champion_the_baseline_that_published_is_scored_and_has_no_age(line):
    line.run(feed(160), gate={"mode": "plain", "min_skill": 0.999})
    forecast(line, feed(162), gate={"mode": "plain", "min_skill": 0.999})

    rows = errors(line)

    assert {row.age for row in rows} == {None}
    assert all(row.loss == row.naive_loss for row in rows)


def test_a_series_that_has_no_value_at_a_step_has_no_part_in_it(line):
    line.run(feed(160))
    rows = hourly("a", VALUES[:162]) + hourly("b", OTHER[:161])

    forecast(line, rows)

    assert [(row.step, row.series) for row in errors(line)] == [(1, 2), (2, 1)]


def test_a_run_about_the_past_scores_nothing(line):
    line.run(feed(160))
    forecast(line, feed(165))
    before = errors(line)

    forecast(line, feed(170), as_of="2024-01-07T18:00")

    assert errors(line) == before


def test_a_damaged_forecast_is_left_out_and_the_others_are_scored(line):
    line.run(feed(160))
    forecast(line, feed(161))
    (first,) = {row.uri for row in errors(line)}
    (line.folder / "store" / first / "forecasts.parquet").write_bytes(b"damaged")

    forecast(line, feed(163))

    assert {row.uri for row in errors(line) if row.step == 2} == {
        row.uri for row in errors(line) if row.uri != first
    }


def test_what_has_not_come_within_ten_horizons_is_waited_for_no_longer(line, caplog):
    line.run(feed(120))
    (published,) = [key for key in line.store.list("forecasts") if key.endswith("manifest.json")]
    (line.folder / "store" / published.replace("manifest.json", "forecasts.parquet")).write_bytes(b"damaged")

    forecast(line, feed(160))

    assert "is not scored" not in caplog.text
