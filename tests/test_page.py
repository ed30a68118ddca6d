"""The page of a run shows what the store holds: no figure is another one's."""

import datetime as dt
import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline import checkpoints, datasets, evaluations
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.metrics import ErrorSums
from lstm_pipeline.report.content import EMBEDDED
from lstm_pipeline.steps import PLAIN, retrain
from lstm_pipeline.steps.desk import open_desk
from lstm_pipeline.steps.page.changes import changes_since
from lstm_pipeline.steps.page.parts import parts_of
from lstm_pipeline.steps.traces import choose_series
from tests.conftest import hourly, waves

ROWS = hourly("a", waves(200)) + hourly("b", waves(200, level=50.0, seed=3))
EARLIER = [row for at, row in enumerate(ROWS) if at % 200 < 160]


@pytest.fixture(scope="module")
def second_run(tmp_path_factory):
    """The outcome of a run with a champion, its store, and the data of its page."""
    from tests.conftest import Line

    line = Line(tmp_path_factory.mktemp("page"))
    line.run(EARLIER, training={"max_steps": 3})
    outcome = line.run(ROWS, training={"max_steps": 60, "patience": 0})
    page = Path(outcome.report).read_text()
    found = re.search(r'id="page-data">(.*?)</script>', page, flags=re.DOTALL)
    return outcome, line.store, json.loads(found[1])


def lines(chart):
    return {label: np.array(values, float) for _, label, _, values in chart["lines"]}


def scores(outcome, store):
    model = Path(outcome.model).name
    found = [evaluations.load(store, Path(path).parent.name) for path in store.list("evaluations")]
    return next(e for e in found if e.overall.get("champion")), checkpoints.load(store, model)


def test_the_test_part_is_drawn_from_each_rivals_own_forecasts(second_run):
    outcome, store, data = second_run
    trace = scores(outcome, store)[0].trace.frame.to_pandas()

    for picture in data["series"]:
        own, drawn = trace[trace["unique_id"] == picture["id"]], lines(picture["test"])
        for rival, label in (("candidate", "candidate"), ("champion", "champion"), ("actual", "actual")):
            assert drawn[label] == pytest.approx(own[rival].to_numpy(), rel=1e-4)
        assert not np.allclose(drawn["candidate"], drawn["champion"])


def test_of_many_series_the_page_draws_as_many_of_the_worst_as_of_the_best():
    count = EMBEDDED + 100
    better = np.arange(count, dtype=float)[:, None]  # the candidate's error falls from series to series
    one = np.ones((count, 1))
    zero = np.zeros((count, 1))

    def sums(squared):
        return ErrorSums(squared=squared, absolute=zero, symmetric=zero, count=one)

    chosen = choose_series(
        {"candidate": sums(1 + count - better)} | {name: sums(count * one) for name in BASELINES}
    )

    half = EMBEDDED // 2
    assert sorted(chosen.tolist()) == [*range(half), *range(count - half, count)]
    assert EMBEDDED == 500


def test_of_the_series_the_worst_comes_first_and_the_untested_last(line):
    # noise is as good as its mean, while so short a training stays far behind the season of the calm one
    calm, wild = waves(200, seed=1), np.random.default_rng(5).normal(size=200).tolist()
    rows = hourly("b", wild) + hourly("short", waves(9), begin=191) + hourly("z", calm)

    outcome = line.run(rows, training={"max_steps": 60})

    page = Path(outcome.report).read_text()
    data = json.loads(re.search(r'id="page-data">(.*?)</script>', page, flags=re.DOTALL)[1])
    assert [picture["id"] for picture in data["series"]] == ["z", "b", "short"]
    [stored] = [evaluations.load(line.store, Path(p).parent.name) for p in line.store.list("evaluations")[:1]]
    assert stored.gates.series == "z"


def test_the_table_counts_observed_steps_of_which_several_rows_may_make_one(line):
    rows = [(name, stamp + dt.timedelta(minutes=m), y) for name, stamp, y in ROWS[:200] for m in (0, 20)]
    rows = [row for at, row in enumerate(rows) if at // 2 % 10 or at < 2]

    outcome = line.run(rows, series={"regularise": "mean"})

    page = Path(outcome.report).read_text()
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
    assert outcome.rows_kept == 362
    assert ">Observed" in page
    assert "181" in cells
    assert "200" not in cells


def test_what_changed_is_told_of_the_run_before_this_one(line):
    for length in (160, 165):
        line.run(hourly("a", waves(length)))
    outcome = line.run(hourly("a", waves(180)))

    changes = {change.what: change for change in changes_since(open_desk(line.job(ROWS)), outcome)}

    assert (changes["rows in"].before, changes["rows in"].now) == ("165", "180")


def test_a_run_about_an_earlier_day_is_compared_with_the_days_before_it(line):
    for day in ("2024-01-05", "2024-01-09"):
        line.run(hourly("a", waves(220)), as_of=day)

    outcome = line.run(hourly("a", waves(220)), as_of="2024-01-07")

    changes = {change.what: change for change in changes_since(open_desk(line.job(ROWS)), outcome)}
    assert changes["as of"].before == "2024-01-05T00:00:00"


def test_the_command_of_a_page_names_a_registry_elsewhere_without_its_password(line, tmp_path):
    job = replace(line.job(ROWS), registry=f"sqlite:///{tmp_path}/else where.db")

    outcome = retrain(job, PLAIN)

    page = unescape(Path(outcome.report).read_text())
    assert f"LSTM_PIPELINE_REGISTRY='sqlite:///{tmp_path}/else where.db' lstm-pipeline run " in page


def test_of_failed_series_those_that_came_and_went_are_named_and_the_rest_counted(line):
    short = {name: hourly(name, waves(9), begin=190) for name in ("old", "stays", *"pqrstuv")}
    line.run(ROWS + short["old"] + short["stays"])
    outcome = line.run(ROWS + [row for name in ("stays", *"pqrstuv") for row in short[name]])

    changes = {change.what: change for change in changes_since(open_desk(line.job(ROWS)), outcome)}

    assert changes["series failed"].before == "2"
    assert changes["series failed"].now == "8; new: p, q, r, s, t and 2 more; gone: old"


def test_the_forecast_is_drawn_as_it_was_published(second_run):
    outcome, _, data = second_run
    frame = pd.read_parquet(outcome.forecasts)

    for picture in data["series"]:
        published = frame.loc[frame["unique_id"] == picture["id"], "LSTM"].to_numpy()
        [drawn] = [values for label, values in lines(picture["forecast"]).items() if label != "actual"]
        assert drawn == pytest.approx(published, rel=1e-4)


def test_the_error_by_step_is_that_of_the_scores(second_run):
    outcome, store, data = second_run
    evaluation, _ = scores(outcome, store)

    drawn = lines(data["steps"])

    for rival in ("candidate", "champion"):
        assert drawn[rival] == pytest.approx(np.array(evaluation.steps[rival]), rel=1e-4)


def test_the_loss_curve_marks_the_round_whose_weights_are_kept(second_run):
    outcome, store, data = second_run
    record = scores(outcome, store)[1].record

    assert lines(data["loss"])["validation"] == pytest.approx(
        np.array([r.validation_loss for r in record.rounds]), rel=1e-4
    )
    assert record.rounds[data["loss"]["mark"]].step == record.best_step


def dataset_of(outcome, store):
    return datasets.load(store, Path(outcome.dataset).name)


def scaled_errors(evaluation, rival):
    """By series, those that the gate weighs."""
    frame = evaluation.series.to_pandas()
    return frame[frame["rival"] == rival].set_index("unique_id")["scaled_mse"].dropna().to_dict()


def test_the_scaled_errors_of_the_series_make_up_what_the_gate_compared(second_run):
    outcome, store, _ = second_run
    evaluation, _ = scores(outcome, store)

    found = {rival: scaled_errors(evaluation, rival) for rival in ("candidate", "champion", *BASELINES)}

    together = {rival: np.mean(list(own.values())) for rival, own in found.items()}
    assert set(found["candidate"]) == {"a", "b"}
    assert together["candidate"] == pytest.approx(outcome.gate.mse)
    assert together["champion"] == pytest.approx(outcome.gate.champion_mse)
    assert min(together[name] for name in BASELINES) == pytest.approx(outcome.gate.baseline_mse)


def test_scaled_errors_count_observed_steps_alone_and_leave_out_what_the_gate_does(line):
    holes = [row if at % 7 else (*row[:2], None) for at, row in enumerate(hourly("b", waves(200, seed=3)))]
    flat = hourly("flat", [5.0] * 200)
    outcome = line.run(hourly("a", waves(200)) + holes + flat, training={"max_steps": 3})
    [stored] = [evaluations.load(line.store, Path(p).parent.name) for p in line.store.list("evaluations")[:1]]
    dataset, trace = dataset_of(outcome, line.store), stored.trace.frame.to_pandas()

    found = scaled_errors(stored, "candidate")

    by_hand = {}
    for place, name in enumerate(dataset.table.ids):
        rows = dataset.table.rows_of(place)
        training = dataset.table.y[rows][:-36][dataset.table.observed[rows][:-36]]
        own = trace[trace["unique_id"] == name]
        squared = ((own["actual"] - own["candidate"]) ** 2).to_numpy().reshape(-1, 2)
        if np.var(training) > 0 and len(own):
            by_hand[name] = np.nanmean(np.nanmean(squared, axis=1)) / np.var(training)
    assert found == pytest.approx(by_hand)
    assert set(found) == {"a", "b"}


def test_scaled_errors_go_by_the_origins_and_the_series_that_the_gate_goes_by(line):
    line.conclude(hourly("a", waves(160)))
    made = line.conclude(hourly("a", waves(166)) + hourly("new", waves(166, seed=5)), split={"test": 40})
    evaluation = evaluations.load(line.store, made.judged.trial.evaluation.id)
    dataset = datasets.load(line.store, made.judged.trial.dataset.id)
    trace = evaluation.trace.frame.to_pandas().query("unique_id == 'a'")

    found = scaled_errors(evaluation, "champion")

    squared = ((trace["actual"] - trace["champion"]) ** 2).to_numpy().reshape(-1, 2).mean(axis=1)
    training = dataset.table.y[dataset.table.rows_of(0)][:-56]
    clean = evaluation.origins.clean
    assert evaluation.origins.left_out == ("new",)
    assert 0 < clean.sum() < len(clean)
    assert found == {"a": pytest.approx(squared[clean].mean() / np.var(training))}
    assert set(scaled_errors(evaluation, "candidate")) == {"a"}


def test_series_beyond_those_drawn_have_their_scaled_errors_too(line, monkeypatch):
    monkeypatch.setattr("lstm_pipeline.steps.traces.EMBEDDED", 2)
    rows = [row for at, name in enumerate("abcd") for row in hourly(name, waves(seed=at))]

    made = line.conclude(rows, training={"max_steps": 3})

    evaluation = evaluations.load(line.store, made.judged.trial.evaluation.id)
    assert evaluation.trace.frame["unique_id"].unique().to_pylist() != ["a", "b", "c", "d"]
    assert set(scaled_errors(evaluation, "candidate")) == {"a", "b", "c", "d"}


def test_the_parts_lie_end_to_end_and_the_last_one_ends_with_the_data(second_run):
    outcome, store, _ = second_run

    training, validation, test = parts_of(dataset_of(outcome, store))

    assert training.reach == ("2024-01-01T00:00:00", "2024-01-07T19:00:00")
    assert validation.reach == ("2024-01-07T20:00:00", "2024-01-08T11:00:00")
    assert test.reach == ("2024-01-08T12:00:00", "2024-01-09T07:00:00")
    assert test.windows == outcome.windows["test"]


def test_the_page_names_the_files_and_what_the_gate_asked_for(second_run):
    outcome, store, _ = second_run

    page = Path(outcome.report).read_text()

    assert outcome.forecasts in page
    assert store.uri("forecasts/line/latest.parquet") in page
    assert all(f"<code>{reason}</code>" in page for reason in outcome.reasons)
    assert "less than 100,000,000\u202f% above the best naive" in page


def test_a_run_that_is_too_short_draws_its_fallbacks_and_names_no_change(line):
    outcome = line.run(hourly("a", waves(12)) + hourly("b", waves(9)))

    page = Path(outcome.report).read_text()

    data = json.loads(re.search(r'id="page-data">(.*?)</script>', page, flags=re.DOTALL)[1])
    assert outcome.verdict == "HOLD"
    assert [picture["id"] for picture in data["series"]] == ["a", "b"]
    assert not {"held-out", "by-step", "changes"} & set(re.findall(r'<h2 id="([^"]*)"', page))
