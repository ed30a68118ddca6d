"""The recipe: every run ends in a verdict; what was done is not done again; a lost race is run again."""

import datetime as dt
import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest

from lstm_pipeline import datasets, evaluations
from lstm_pipeline.baselines import BASELINES
from lstm_pipeline.errors import BadConfig, BadInput, BrokenArtifact, Conflict, UsageError
from lstm_pipeline.model.lstm import LastStateLSTM
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps import PLAIN, build_dataset, retrain, train
from lstm_pipeline.steps.desk import new_job, open_desk
from lstm_pipeline.steps.fitting import Shop
from lstm_pipeline.steps.gate_report import recorded
from lstm_pipeline.steps.outcome import STEPS
from lstm_pipeline.steps.summary import terminal
from tests.awkward import AWKWARD
from tests.conftest import NOW, START, hourly, waves

ROWS = hourly("a", waves())
STRICT = {"min_skill": 0.999}
"""A gate that lets nothing through."""


def files(line):
    """Every file of the store but what the database keeps beside itself, with its time and bytes."""
    paths = [path for path in Path(line.store.uri("x")).parent.rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in paths if "-" not in path.suffix}


def test_a_first_run_promotes_publishes_and_reports(line):
    outcome = line.run(ROWS)

    assert (outcome.verdict, outcome.reasons, outcome.promoted) == ("PROMOTE", ("first",), True)
    assert outcome.published_by == outcome.champion
    assert outcome.reused == ()
    assert list(outcome.seconds) == list(STEPS)
    assert outcome.rows_in == outcome.rows_kept + sum(outcome.rows_set_aside.values()) == 160
    for place in (outcome.dataset, outcome.model, outcome.forecasts, outcome.report):
        assert Path(place).exists()


def test_an_identical_rerun_returns_the_stored_outcome_and_writes_no_file(line):
    first = line.run(ROWS)
    before = files(line)

    second = line.run(ROWS, now=NOW + dt.timedelta(days=1))

    assert files(line) == before
    assert second.reused == STEPS
    assert replace(second, reused=(), seconds={}) == replace(first, reused=(), seconds={})


def test_a_rerun_after_a_crash_before_the_report_keeps_the_decision(line):
    line.conclude(ROWS)

    outcome = line.run(ROWS)

    assert (outcome.verdict, outcome.reasons, outcome.promoted) == ("PROMOTE", ("first",), True)
    assert {"build_dataset", "train", "decide", "promote", "publish"} <= set(outcome.reused)
    assert len(open_desk(line.job(ROWS)).registry.promotions("line")) == 1


def test_another_gate_judges_the_same_model_without_training_it_again(line):
    held = line.run(ROWS, gate=STRICT)

    outcome = line.run(ROWS)

    assert (held.verdict, outcome.verdict) == ("REJECT", "PROMOTE")
    assert outcome.weights_sha256 == held.weights_sha256
    assert {"build_dataset", "train"} <= set(outcome.reused)


def test_the_gate_s_losses_are_squared_errors_over_the_variance_of_the_training_part(line):
    values = [*waves(140), *(100 * np.array(waves(20, level=0.0))).tolist()]  # the test part moves far more

    made = line.conclude(hourly("a", values), training={"max_steps": 1})

    scores = evaluations.load(line.store, made.judged.trial.evaluation.id)
    training, tested = np.array(values[:124]), np.array(values[140:]).reshape(10, 2)
    last = np.array(values[139:159:2])
    by_hand = ((tested - last[:, None]) ** 2).mean(axis=1) / training.var()
    assert scores.origins.pooled["last_value"] == pytest.approx(by_hand)


def test_the_compared_windows_have_another_name_where_a_value_in_them_was_revised(line):
    revised = [*ROWS[:-1], (*ROWS[-1][:2], 11.0)]

    names = {
        evaluations.load(line.store, line.conclude(rows).judged.trial.evaluation.id).origins.windows_id
        for rows in (ROWS, revised)
    }

    assert len(names) == 2


@pytest.mark.parametrize(("late", "stale"), [("05:59", False), ("06:00", True)])
def test_data_that_end_more_than_max_stale_steps_before_as_of_are_held(line, late, stale):
    newest = START + dt.timedelta(hours=159)
    hours, minutes = map(int, late.split(":"))
    as_of = newest + dt.timedelta(hours=hours, minutes=minutes)

    made = line.conclude(ROWS, as_of=as_of.isoformat(), series={"max_stale": 5})

    assert (made.judged.gate.verdict, made.judged.gate.reasons) == (
        ("HOLD", ("stale_data",)) if stale else ("PROMOTE", ("first",))
    )


@pytest.mark.parametrize("thing", ["dataset", "model", "forecasts", "report"])
def test_an_identical_rerun_does_not_hand_out_what_was_altered(line, thing):
    first = line.run(ROWS)
    place = Path(getattr(first, thing))
    place = next(iter(sorted(place.glob("[!m]*.*")))) if place.is_dir() else place
    place.write_bytes(place.read_bytes()[:-1] + b"?")

    with pytest.raises(BrokenArtifact, match=re.escape(place.name)):
        line.run(ROWS)


def test_a_version_is_registered_with_the_digest_of_its_manifest(line):
    outcome = line.run(ROWS)

    version = open_desk(line.job(ROWS)).registry.version("line", outcome.champion)

    manifest = Path(outcome.model, "manifest.json").read_bytes()
    assert version.manifest_sha256 == hashlib.sha256(manifest).hexdigest()


def test_a_candidate_is_compared_with_the_champion_on_the_same_later_windows(line):
    line.conclude(ROWS, training={"max_steps": 1})

    made = line.conclude(hourly("a", waves(200)), training={"max_steps": 150})

    scores = evaluations.load(line.store, made.judged.trial.evaluation.id)
    assert scores.origins.clean.all()
    assert set(scores.overall) >= {"candidate", "champion", "last_value"}
    assert made.judged.gate.reasons == ("superior",)


@pytest.mark.parametrize("length", [166, 167], ids=["none begins where it ends", "one begins there"])
def test_origins_that_the_champion_has_learnt_from_do_not_count(line, length):
    line.conclude(ROWS)

    made = line.conclude(hourly("a", waves(length)), split={"test": 40})

    scores = evaluations.load(line.store, made.judged.trial.evaluation.id)
    learnt_until = START + dt.timedelta(hours=139)
    ends = [
        dt.datetime.fromtimestamp(end / 1e6, dt.UTC).replace(tzinfo=None) for end in scores.origins.target_end
    ]
    assert [end - dt.timedelta(hours=1) > learnt_until for end in ends] == scores.origins.clean.tolist()
    assert 0 < np.count_nonzero(scores.origins.clean) < len(ends)


@pytest.mark.parametrize(("test", "told"), [(26, False), (40, True)])
def test_an_error_that_flatters_the_champion_is_told(line, test, told):
    line.run(ROWS)

    outcome = line.run(hourly("a", waves(166)), split={"test": test})

    flattered = [note for note in outcome.notes if note.startswith("champion_mse flatters the champion")]
    assert outcome.champion_mse is not None
    assert bool(flattered) == told


def test_what_one_series_taught_a_champion_counts_for_all_with_timestamps(line):
    line.conclude(ROWS + hourly("b", waves(120, seed=4)))

    made = line.conclude(ROWS[:125] + hourly("b", waves(160, seed=4)), split={"test": 30})

    scores = evaluations.load(line.store, made.judged.trial.evaluation.id)
    learnt = np.datetime64(START + dt.timedelta(hours=139), "us").astype(np.int64)
    begin = scores.origins.target_end - 3_600_000_000
    assert scores.origins.clean.tolist() == (begin > learnt).tolist()
    assert 0 < np.count_nonzero(scores.origins.clean) < len(begin)


def test_a_champion_that_knows_no_series_any_more_gives_way(line):
    line.conclude(ROWS)

    made = line.run(hourly("renamed", waves(200)))

    assert (made.verdict, made.reasons) == ("PROMOTE", ("first",))
    assert made.sentence.startswith("Promoted: the champion knows none of these series; its error is")
    assert (made.gate.effect, made.gate.champion_mse, made.champion_mse) == (None, None, None)
    assert set(pd.read_parquet(made.forecasts)["source"]) == {"champion"}


def test_a_stranger_to_the_champion_must_clear_the_floor_like_any_other(line):
    line.conclude(ROWS)

    made = line.conclude(hourly("renamed", waves(200)), gate=STRICT)

    assert made.judged.gate.reasons == ("below_floor",)


def test_a_series_that_the_champion_does_not_know_is_drawn_all_the_same(line):
    line.conclude(ROWS)

    made = line.conclude(hourly("a", waves(200)) + hourly("b", waves(200, seed=3)))

    scores = evaluations.load(line.store, made.judged.trial.evaluation.id)
    assert set(scores.trace.frame["unique_id"].to_pylist()) == {"a", "b"}
    assert set(
        scores.trace.frame.filter(pc.equal(scores.trace.frame["unique_id"], "b"))["champion"].to_pylist()
    )


def test_a_package_that_is_damaged_before_it_is_judged_is_rejected(line):
    def damaged(job, dataset):
        model = train(job, dataset)
        weights = Path(model.uri, "weights.safetensors")
        weights.write_bytes(weights.read_bytes()[:-1] + b"?")
        return model

    made = line.run(ROWS, steps=replace(PLAIN, train=damaged))

    assert (made.verdict, made.reasons, made.promoted) == ("REJECT", ("integrity",), False)
    assert made.published_by in BASELINES
    assert Path(made.report).is_file()


def test_the_page_of_a_run_cut_off_and_judged_again_tells_its_own_verdict(line):
    """The first attempt is cut off between its report and the registry; meanwhile another run is promoted."""

    class CutOff(Exception):
        pass

    def cut_off(job, *material):
        desk = open_desk(job)
        whole, row = PLAIN.report(job, *material), None
        with desk.registry.engine.begin() as connection:
            row = connection.exec_driver_sql("DELETE FROM run WHERE run = ?", (whole.run,))
        assert row.rowcount == 1
        raise CutOff

    with pytest.raises(CutOff):
        line.run(ROWS, gate=STRICT, steps=replace(PLAIN, report=cut_off))
    line.run(ROWS, training={"max_steps": 40})

    again = line.run(ROWS, gate=STRICT)

    page = json.loads(Path(again.report).with_name("report.json").read_text())
    assert (page["verdict"], page["sentence"]) == (again.verdict, again.sentence)
    assert page["champion"] == again.champion is not None


def test_a_run_that_was_interrupted_while_training_does_not_repeat_the_rounds_before(line):
    class Interrupted(Exception):
        pass

    seen = []

    def note(progress):
        seen.append(progress.step)
        if len(seen) == 4:
            raise Interrupted

    job = line.job(ROWS, training={"max_steps": 200, "patience": 0})
    dataset = build_dataset(job)
    with pytest.raises(Interrupted):
        train(job, dataset, Shop(show=note))

    train(job, dataset, Shop(show=note))

    assert seen[4] == seen[3]  # the round that was cut off before its state was kept, and none before it
    assert seen[4:] == sorted(set(seen[4:]))
    assert seen[-1] == 200


def test_a_promotion_bears_the_moment_at_which_it_happened(line):
    begun = dt.datetime.now(dt.UTC)

    line.run(ROWS, now=NOW)

    registry = open_desk(line.job(ROWS)).registry
    [promotion] = registry.promotions("line")
    assert begun <= promotion.at <= dt.datetime.now(dt.UTC)
    assert registry.champion("line", begun) is None


def test_a_horizon_that_was_inferred_stays_as_the_data_grow(line):
    days = [("a", START + dt.timedelta(days=at), value) for at, value in enumerate(waves(140))]
    open_sizes = {
        "series": {"freq": None, "season_length": 7},
        "windows": {"horizon": None, "input_size": None},
        "split": {"validation": None, "test": None},
    }
    first = line.conclude(days[:62], **open_sizes)

    grown = line.conclude(days, **open_sizes)

    horizons = [
        datasets.load(line.store, made.judged.trial.dataset.id).spec.size.horizon for made in (first, grown)
    ]
    assert horizons == [6, 6]


def test_another_spelling_of_the_same_step_is_no_other_step(line):
    weeks = [("a", START + dt.timedelta(days=6 + 7 * at), value) for at, value in enumerate(waves(160))]
    line.conclude(weeks, series={"freq": "W-SUN"})

    made = line.conclude(weeks, series={"freq": "W"})

    assert made.judged.gate.verdict in ("PROMOTE", "INCONCLUSIVE")


def test_a_time_for_series_that_count_steps_is_refused(line):
    steps = [(name, at, y) for at, (name, _, y) in enumerate(ROWS)]

    with pytest.raises(UsageError, match="these series count steps; give a step such as 159"):
        line.conclude(steps, series={"freq": 1}, as_of="2024-01-31")


def test_a_changed_integer_step_is_told_how_to_be_written(line):
    steps = [(name, 2 * at, y) for at, (name, _, y) in enumerate(ROWS)]
    line.conclude(steps, series={"freq": 2})

    with pytest.raises(BadConfig, match=r"series\.freq = 2$"):
        line.conclude(steps, series={"freq": 1})


def test_the_lineage_names_the_file_that_was_read_this_time(line):
    line.run(ROWS)

    again = line.run([*ROWS, ROWS[3]])

    digest = hashlib.sha256((line.folder / "rows.csv").read_bytes()).hexdigest()
    assert digest in Path(again.report).read_text()


def test_series_that_only_one_model_knows_are_left_out_of_the_comparison(line):
    line.conclude(ROWS)

    made = line.conclude(hourly("a", waves(200)) + hourly("b", waves(200, seed=3)))

    scores = evaluations.load(line.store, made.judged.trial.evaluation.id)
    assert scores.origins.left_out == ("b",)
    assert np.isfinite(scores.origins.pooled["champion"]).all()
    assert scores.overall["champion"].mse is None


def overtaken(line, rivals):
    """Steps in which other runs promote their models after this one was scored."""

    def promote(job, trial, gate):
        if rivals:
            line.conclude(ROWS, training={"seed": rivals.pop()}, gate={"min_effect": 0.0})
        return PLAIN.promote(job, trial, gate)

    return replace(PLAIN, promote=promote)


def test_a_candidate_that_lost_a_race_is_judged_again_against_the_winner(line):
    made = line.conclude(ROWS, steps=overtaken(line, [7]))

    registry = open_desk(line.job(ROWS)).registry
    winner = registry.promotions("line")[0]
    assert made.judged.trial.evaluation.champion == winner.model
    assert made.judged.gate.reasons != ("first",)
    registry.verify_chain("line")


def test_a_candidate_that_loses_every_race_gives_up_with_a_conflict(line):
    def promote(job, trial, gate):
        raise Conflict("always someone else")

    with pytest.raises(Conflict):
        line.conclude(ROWS, steps=replace(PLAIN, promote=promote))


@pytest.mark.parametrize("rate", [1e6, 1e30])
def test_a_learning_rate_that_makes_the_loss_explode_ends_in_a_verdict(line, rate):
    outcome = line.run(ROWS, training={"learning_rate": rate, "clip": 1e30}, gate={"min_skill": 0.0})

    assert outcome.verdict == "REJECT"
    assert outcome.reasons[0] in ("not_finite", "below_floor")
    assert outcome.published_by == "seasonal_mean"


def test_a_candidate_with_forecasts_that_are_not_finite_is_rejected(line, monkeypatch):
    from lstm_pipeline.steps.rivals import Seat

    monkeypatch.setattr(Seat, "after", lambda seat, cutoff, series: np.full((len(cutoff), 2), np.nan))

    outcome = line.run(ROWS)

    assert (outcome.verdict, outcome.reasons) == ("REJECT", ("not_finite",))
    assert outcome.mse is None
    assert json.loads(outcome.to_json())["gate"]["mse"] is None


@pytest.mark.parametrize("length", [3, 40])
@pytest.mark.parametrize("freq", ["h", 1])
def test_without_a_trainable_series_the_run_is_held_and_baselines_publish(line, length, freq):
    rows = [(name, stamp if freq == "h" else at, y) for at, (name, stamp, y) in enumerate(ROWS[:length])]

    outcome = line.run(rows, series={"freq": freq}, windows={"input_size": 50})

    assert (outcome.verdict, outcome.reasons, outcome.model) == ("HOLD", ("too_short",), None)
    assert outcome.partial
    assert "nothing trained, 1 failed, the first a: too_short" in terminal(outcome)
    assert outcome.series.failed["a"].startswith("too_short")
    assert line.store.read("forecasts/line/latest.parquet") is not None


def test_a_series_that_cannot_be_trained_fails_alone(line):
    rows = ROWS + hourly("flat", [3.0] * 160) + hourly("short", waves(10), begin=150)

    outcome = line.run(rows)

    assert (outcome.verdict, outcome.series.ok) == ("PROMOTE", 1)
    assert outcome.series.failed["flat"] == "constant: every value of its training part is 3"
    assert outcome.series.failed["short"] == (
        "too_short: 0 observed steps in its training part hold no window of 8 + 2 steps; "
        "lower windows.input_size or windows.horizon, or hold out less in [split]"
    )


def test_a_series_that_seems_short_because_its_step_does_not_fit_is_told_so(line):
    rows = [(name, START + 40 * (stamp - START), y) for name, stamp, y in ROWS[:160]]

    outcome = line.run(rows)

    assert outcome.reasons == ("too_short",)
    assert outcome.series.failed["a"].endswith("steps of h have no row: does series.freq fit?")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"windows": {"horizon": 3}}, "forecast 2 steps of h, this file asks for 3 steps of h"),
        ({"series": {"freq": "30min", "missing": "mask"}}, "this file asks for 2 steps of 30min"),
    ],
)
def test_a_changed_horizon_or_freq_under_an_old_name_is_refused(line, settings, words):
    line.conclude(ROWS)

    with pytest.raises(BadConfig, match="give the pipeline a new name") as caught:
        line.conclude(ROWS, **settings)

    assert words in str(caught.value)


LEAKY = {"kind": "random", "validation": 0, "test": 0.2}


def test_a_random_split_is_held_and_shows_what_the_honest_split_gives(line):
    outcome = line.run(ROWS, split=LEAKY)

    scores = [
        evaluations.load(line.store, path.name) for path in Path(line.store.uri("evaluations")).iterdir()
    ]
    assert (outcome.verdict, outcome.reasons, outcome.promoted) == ("HOLD", ("leaky_split",), False)
    assert np.isfinite([score.twin for score in scores]).all()


def test_a_random_split_of_a_series_too_short_for_the_honest_one_is_held_all_the_same(line):
    made = line.conclude(ROWS[:11], split=LEAKY)

    assert made.judged.gate.reasons == ("leaky_split",)
    assert evaluations.load(line.store, made.judged.trial.evaluation.id).twin is None


def test_a_wider_step_under_an_old_name_is_refused_before_its_rows_are_called_off_the_grid(line):
    line.conclude(ROWS)

    with pytest.raises(BadConfig, match="give the pipeline a new name"):
        line.conclude(ROWS, series={"freq": "W"})


@pytest.mark.parametrize("freq", ["h", 1])
def test_a_stride_that_does_not_fit_the_horizon_still_leaves_origins(line, freq):
    rows = [(name, stamp if freq == "h" else at, y) for at, (name, stamp, y) in enumerate(ROWS)]

    made = line.conclude(rows, series={"freq": freq}, windows={"stride": 5}, split={"test": 21})

    assert made.judged.gate.reasons == ("first",)


def test_the_rows_that_were_trained_on_are_those_of_the_stored_dataset(line):
    job = line.job(ROWS)
    ref = build_dataset(job)

    stored = datasets.load(line.store, ref.id)

    assert stored.table.y.tolist() == [value for _, _, value in ROWS]
    assert {name: stored.runs.total(part) for part, name in enumerate(ref.windows)} == ref.windows
    assert train(job, ref).id == train(job, ref).id


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_series_ends_in_a_verdict_beside_a_good_one(line, name):
    awkward = [None if np.isnan(value) else value for value in np.tile(AWKWARD[name], 3)[:160].tolist()]

    made = line.conclude(ROWS + hourly("b", awkward), training={"max_steps": 2})

    assert made.judged.gate.verdict in ("PROMOTE", "REJECT", "INCONCLUSIVE")
    known = made.frame[made.frame["source"] != "none"]["LSTM"]
    assert np.isfinite(known).all()


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_series_alone_ends_in_a_verdict_or_is_refused_at_the_door(line, name):
    awkward = [None if np.isnan(value) else value for value in AWKWARD[name].tolist()]

    try:
        made = line.conclude(
            hourly("a", awkward), training={"max_steps": 2}, split={"validation": 4, "test": 8}
        )
    except BadInput:
        assert name in ("only NaN",)
    else:
        assert made.judged.gate.verdict in ("PROMOTE", "REJECT", "HOLD")
        assert np.isfinite(made.frame["LSTM"]).all()


def test_a_fit_that_diverged_at_once_is_rejected_and_says_so(line):
    made = line.run(ROWS, training={"learning_rate": 1e30, "clip": 0.0})

    assert (made.verdict, made.reasons) == ("REJECT", ("not_finite",))
    assert "diverged" in made.sentence


def test_a_series_refused_at_the_door_moves_neither_split_nor_cutoff(line):
    astray = [*hourly("z", ["many"] * 5), *hourly("z", [1.0], begin=9000)]

    made = line.run(ROWS + astray)

    alone = line.run(ROWS)
    assert made.series.failed["z"].startswith("broken")
    assert made.windows == alone.windows


def test_a_source_that_lost_its_newest_rows_moves_neither_champion_nor_latest(line):
    whole = line.run(ROWS)
    latest = line.store.read("forecasts/line/latest.parquet")

    cut_off = line.run(ROWS[:-20])

    assert cut_off.reasons == ("not_newest",)
    assert (
        "a live forecast follows on 2024-01-07T15:00:00, and these data end on 2024-01-06T19:00:00"
        in (cut_off.notes[-1])
    )
    assert cut_off.champion == whole.champion
    assert line.store.read("forecasts/line/latest.parquet") == latest


def test_the_same_rows_with_other_faulty_ones_around_them_keep_their_own_account(line):
    line.run(ROWS)

    again = line.conclude([*ROWS, ROWS[3], ROWS[4]])

    dataset = again.judged.trial.dataset
    assert dataset.counts.rows_set_aside["duplicate"] == 2
    assert datasets.load_set_aside(line.store, dataset.set_aside).num_rows == 2
    assert dataset.reused


def test_a_run_whose_report_is_gone_is_reported_anew(line):
    first = line.run(ROWS)
    shutil.rmtree(Path(first.report).parent)

    again = line.run(ROWS)

    assert "report" not in again.reused
    assert Path(again.report).is_file()


def test_a_second_store_on_the_same_registry_gets_artifacts_of_its_own(line, tmp_path):
    first = line.run(ROWS)
    job = line.job(ROWS)
    places = Places(store=str(tmp_path / "second"), registry=job.registry)

    again = retrain(new_job(open_desk(job).config, places, now=NOW, as_of=None), PLAIN)

    assert again.weights_sha256 == first.weights_sha256
    assert all(uri.startswith(places.store) for uri in (again.report, again.forecasts, again.dataset))
    assert Path(again.report).is_file()


@pytest.mark.parametrize("seed", range(4))
def test_white_noise_is_never_promoted(line, seed):
    noise = np.random.default_rng(seed).normal(size=500).tolist()
    sizes = {"windows": {"input_size": 14, "horizon": 7}, "split": {"validation": 70, "test": 140}}

    made = line.conclude(
        hourly("a", noise),
        **sizes,
        gate={"min_skill": 0.005},
        series={"season_length": 7},
        training={"max_steps": 150},
    )

    assert made.judged.gate.reasons == ("below_floor",)


def test_a_series_refused_at_the_door_and_the_same_one_too_short_make_two_datasets(line):
    few = hourly("z", [1.0, 2.0, 4.0], begin=180)

    broken, short = (line.conclude(ROWS + rows) for rows in ([*few, *hourly("z", ["many"], begin=179)], few))

    assert broken.judged.trial.dataset.failed["z"].startswith("broken")
    assert short.judged.trial.dataset.failed["z"].startswith("too_short")
    assert broken.judged.trial.dataset.id != short.judged.trial.dataset.id
    assert broken.judged.trial.dataset.windows != short.judged.trial.dataset.windows


def test_a_configuration_that_was_altered_in_the_store_is_refused(line):
    job = line.job(ROWS)
    path = Path(line.store.uri(job.config))
    path.write_text(path.read_text().replace('"min_skill":-1000000.0', '"min_skill":0.5'))

    with pytest.raises(BrokenArtifact, match="it was altered"):
        retrain(job, PLAIN)


def test_every_manifest_of_a_run_says_what_it_came_from(line):
    line.run([*ROWS, ROWS[3]])
    line.run([*ROWS, ROWS[3], ROWS[4]])  # the same dataset, with other rows set aside beside it

    manifests = [
        json.loads(line.store.read(key)) for key in line.store.list() if key.endswith("manifest.json")
    ]

    named = {"source", "config", "seed", "threads", "device", "lstm_pipeline", "python", "torch"}
    assert {made["kind"] for made in manifests} == {
        "dataset", "model", "evaluation", "forecast", "report", "set_aside"
    }  # fmt: skip
    assert all(named <= made["lineage"].keys() for made in manifests)


def test_series_that_the_champion_does_not_know_are_told(line):
    line.run(ROWS)

    outcome = line.run(ROWS + hourly("new", waves(seed=9)), training={"seed": 3})

    assert outcome.champion_mse is None
    assert any("the champion does not know 1 series, such as new" in note for note in outcome.notes)


def test_the_floor_is_the_baseline_that_is_best_on_the_origins_that_count(line):
    line.conclude(ROWS, split={"test": 4})
    rising = ROWS + hourly("a", [10 + 0.6 * at for at in range(40)], begin=len(ROWS))

    judged = line.conclude(rising, split={"test": 56}).judged

    chosen = recorded(open_desk(line.job(rising)), judged.gate.id).decision.figures.baseline
    origins = evaluations.load(line.store, judged.trial.evaluation.id).origins
    losses = {name: origins.pooled[name] for name in BASELINES}
    assert chosen == min(losses, key=lambda name: losses[name][origins.clean].sum())
    assert chosen != min(losses, key=lambda name: losses[name].sum())


def test_a_candidate_is_not_promoted_once_a_forecast_from_later_data_has_gone_live(line):
    newer, overtaken = hourly("a", waves(200)), []

    def promote(job, trial, gate):
        if not overtaken:
            overtaken.append(line.conclude(newer, gate={"min_skill": 0.999}))
            line.job(ROWS)
        return PLAIN.promote(job, trial, gate)

    made = line.conclude(ROWS, steps=replace(PLAIN, promote=promote))

    assert not overtaken[0].judged.promotion.promoted
    assert made.judged.gate.reasons == ("not_newest",)
    assert made.judged.promotion.id == ""


def test_a_champion_that_was_exchanged_whole_is_refused(line):
    champion = line.run(ROWS).champion
    key, stranger = f"models/{champion}", line.folder / "stranger"
    line.run(hourly("a", waves(level=5.0)), gate={"min_skill": 0.999})
    (other,) = {name for name in line.store.list("models") if champion not in name and "manifest" in name}
    shutil.copytree(line.store.uri(other.rpartition("/")[0]), stranger)
    shutil.rmtree(line.store.uri(key))
    shutil.move(stranger, line.store.uri(key))

    with pytest.raises(BrokenArtifact, match="it has changed since it was registered"):
        line.run(hourly("a", waves(170)))


def test_a_network_is_told_the_same_number_of_a_series_when_it_learns_and_when_it_forecasts(line):
    flat = hourly("a", [5.0] * 160)  # first by name, and in no package: it cannot be trained
    told = {"training": [], "forecasting": []}
    learns = LastStateLSTM.forward

    def forward(net, batch):
        told["training" if net.training else "forecasting"].append(set(batch.series.tolist()))
        return learns(net, batch)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(LastStateLSTM, "forward", forward)
        line.conclude(flat + [("b", stamp, y) for _, stamp, y in ROWS[:160]], training={"max_steps": 2})

    assert set().union(*told["training"]) == set().union(*told["forecasting"]) == {0}


@pytest.mark.parametrize("missing", ["mask", "fill"])
def test_the_floor_of_a_gappy_series_is_forecast_from_what_was_observed(line, missing):
    drawn = np.random.default_rng(8).random(400) < 0.4
    gappy = [
        y if at == 0 or not gone else None for at, (y, gone) in enumerate(zip(waves(400), drawn, strict=True))
    ]

    outcome = line.run(hourly("a", gappy), series={"missing": missing}, gate={"min_skill": 0.005})

    # the noise of `waves` has a variance of 0.04; a carried value is off by up to twice the amplitude of 3
    assert outcome.baseline in {"seasonal_naive", "seasonal_mean"}
    assert outcome.baseline_mse < 0.1
    assert outcome.reasons == ("below_floor",)
