"""Refit: a promoted recipe is trained to the end of its data, and that model publishes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm_pipeline import checkpoints, datasets
from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.registry import open_registry
from lstm_pipeline.settings.config import parse_pipeline
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps import PLAIN, retrain, showing
from lstm_pipeline.steps.asking import distance
from lstm_pipeline.steps.desk import new_job, open_desk
from lstm_pipeline.steps.forecast_delta import forecast_delta
from lstm_pipeline.steps.outcome import STEPS
from lstm_pipeline.steps.succession import rollback
from tests.conftest import NOW, hourly, waves
from tests.test_recall import edit, flip_a_byte

ROWS = hourly("a", waves())
MORE = hourly("a", waves(200))
ALL = {"refit": "all"}
EAGER = {**ALL, "min_effect": 0.0, "mode": "plain"}
BETTER = {"training": {"max_steps": 200}, "gate": EAGER}
"""A second candidate that displaces the first."""


def log(line):
    return open_desk(line.job(ROWS)).registry.promotions("line")


def test_it_is_what_happens_unless_the_file_says_otherwise(tmp_path):
    source = {"path": "rows.csv", "time": "ds"}

    def refits(**sections):
        table = {"name": "line", "source": source, **sections}
        return parse_pipeline(table, folder=tmp_path, named="test").refits

    assert refits()
    assert refits(gate={"mode": "strict"})
    assert not refits(gate={"refit": "none"})
    # a command trains by its own rules
    assert not refits(model={"kind": "external", "command": ["true"]})


def test_the_model_that_knows_all_data_publishes_and_the_report_says_which_was_tested(line):
    outcome = line.run(ROWS, gate=ALL)

    tested, refitted = log(line)
    assert (tested.kind, refitted.kind) == ("promote", "refit")
    assert outcome.model == line.store.uri(f"models/{tested.model}")
    assert outcome.champion == outcome.published_by == refitted.model != tested.model
    assert any(tested.model in note for note in outcome.notes)
    page = Path(outcome.report).read_text()
    assert f"champion {refitted.model[:12]}, the tested recipe trained to the end of its data" in page
    assert page.count(refitted.model) > 1  # in the lineage, beside the tested one


def test_a_refitted_model_has_learnt_up_to_the_newest_row_and_names_its_parent(line):
    line.run(ROWS, gate=ALL)

    tested, refitted = (checkpoints.card(line.store, row.model) for row in log(line))

    assert refitted.recipe.parent == log(line)[0].model
    assert refitted.recipe.training.max_steps == max(1, tested.record.best_step)
    hour = 3_600_000_000
    assert (refitted.data_end - tested.data_end) // hour == 20


def test_where_the_file_says_none_what_was_tested_publishes(line):
    line.run(ROWS, gate={"refit": "none"})

    assert [row.kind for row in log(line)] == ["promote"]


def test_a_rejected_candidate_is_not_refitted(line):
    line.run(ROWS, gate={"min_skill": 0.999, **ALL})

    assert log(line) == ()


def test_an_identical_rerun_refits_nothing_again(line):
    first = line.run(ROWS, gate=ALL)

    second = line.run(ROWS, gate=ALL)

    assert (second.champion, second.promoted) == (first.champion, True)
    assert len(log(line)) == 2


@pytest.mark.parametrize("step", ["refit", "publish", "report"])
def test_a_run_cut_off_around_the_refit_ends_as_if_it_had_not_been(line, tmp_path, step):
    def dead(*_):
        raise SystemExit

    with pytest.raises(SystemExit):
        line.run(ROWS, gate=ALL, steps=replace(PLAIN, **{step: dead}))

    outcome = line.run(ROWS, gate=ALL)

    undisturbed = type(line)(tmp_path / "other").run(ROWS, gate=ALL)
    assert (outcome.champion, outcome.verdict, outcome.gate) == (
        undisturbed.champion,
        undisturbed.verdict,
        undisturbed.gate,
    )
    assert [row.kind for row in log(line)] == ["promote", "refit"]


def test_a_refitted_model_that_is_off_where_the_tested_one_was_not_does_not_publish(line, monkeypatch):
    monkeypatch.setattr("lstm_pipeline.steps.refitting.PARITY", 1e-9)

    outcome = line.run(ROWS, gate=ALL)

    assert [row.kind for row in log(line)] == ["promote"]
    assert outcome.published_by == log(line)[0].model
    assert any("the tested model publishes, and not its recipe" in note for note in outcome.notes)


def test_rolling_back_takes_the_refitted_model_and_its_parent_together(line):
    first = line.run(ROWS, gate=ALL)
    second = line.run(MORE, **BETTER)
    assert second.promoted

    row = rollback(open_desk(line.job(ROWS)), actor="test", reason="why not")

    assert row.model == first.champion


def test_the_next_candidate_is_judged_against_the_model_that_was_tested(line):
    line.run(ROWS, gate=ALL)

    outcome = line.run(hourly("a", waves(170)), gate={"mode": "standard"}, training={"seed": 1})

    # of the 10 test origins the champion has learnt from 5, its parent from none
    assert outcome.gate.source == "tested"
    assert outcome.gate.origins == 10
    assert np.isfinite(outcome.gate.champion_mse)


def test_what_it_forecasts_is_held_to_the_cap_on_moves_as_the_tested_model_is(line, tmp_path):
    rows = hourly("a", waves(170))
    line.conclude(ROWS, gate=ALL, training={"max_steps": 2})
    before = log(line)[-1].model
    shutil.copytree(line.folder, tmp_path / "capped")
    free = line.conclude(rows, **BETTER).judged
    models = (free.trial.model.id, free.promotion.id)
    job = line.job(rows, **BETTER)
    apart = [distance(job, open_desk(job), free.trial.dataset, (model, before)) for model in models]
    assert apart[0] < apart[1]  # as these rows have it: the cap below lies between
    capped = type(line)(tmp_path / "capped")

    held = capped.conclude(rows, **BETTER, approval={"policy": "moved", "move_cap": sum(apart) / 2}).judged

    assert (held.promotion.promoted, held.promotion.id) == (True, models[0])
    assert held.promotion.refit.startswith("the tested model publishes")
    assert f"its forecasts lie {apart[1]:.3g} deviations from the champion's" in held.promotion.refit


def test_the_page_tells_how_far_the_published_forecast_lies_from_the_one_before(line):
    line.conclude(ROWS, gate=ALL, training={"max_steps": 2})
    before = log(line)[-1].model
    made = line.conclude(MORE, **BETTER)
    job, judged = line.job(MORE, **BETTER), made.judged
    desk, dataset = open_desk(job), datasets.load(line.store, judged.trial.dataset.id)

    delta = forecast_delta(desk, judged, dataset, checkpoints.load(line.store, judged.trial.model.id))

    assert judged.promotion.id == made.published.published_by != judged.trial.model.id
    assert delta.mean == pytest.approx(
        distance(job, desk, judged.trial.dataset, (judged.promotion.id, before))
    )


def test_whoever_watches_is_shown_both_trainings(line):
    seen = []

    line.run(ROWS, gate=ALL, steps=showing(seen.append))

    assert [one.refit for one in seen] == sorted(one.refit for one in seen)
    assert {one.refit for one in seen} == {False, True}
    assert seen[-1].step == seen[-1].of


def test_an_identical_rerun_checks_the_refitted_model_too(line):
    champion = line.run(ROWS, gate=ALL).champion
    weights = Path(line.store.uri(f"models/{champion}")) / "weights.safetensors"
    whole = weights.read_bytes()
    flip_a_byte(weights)

    with pytest.raises(BrokenArtifact, match=weights.name):
        line.run(ROWS, gate=ALL)

    weights.write_bytes(whole)
    assert line.run(ROWS, gate=ALL).reused == STEPS


def test_its_row_cannot_vanish_from_the_log_unseen(line):
    champion = line.run(ROWS, gate=ALL).champion
    registry = open_registry(line.job(ROWS).registry)
    registry.verify_chain("line")
    edit(line, "DELETE FROM promotion WHERE kind = 'refit'")

    with pytest.raises(BrokenArtifact) as caught:
        registry.verify_chain("line")

    assert champion in caught.value.faults[0]
    assert "no row made it one: it was removed" in caught.value.faults[0]


def test_a_second_store_on_the_same_registry_trains_it_there_too(line, tmp_path):
    first = line.run(ROWS, gate=ALL)
    job = line.job(ROWS, gate=ALL)
    places = Places(store=str(tmp_path / "second"), registry=job.registry)

    again = retrain(new_job(open_desk(job).config, places, now=NOW, as_of=None), PLAIN)

    assert (again.champion, again.published_by) == (first.champion, first.published_by)
    assert (tmp_path / "second" / "models" / first.champion).is_dir()
    assert len(log(line)) == 2


@pytest.mark.parametrize("way", ["rollback", "twice"])
def test_the_run_of_a_recipe_that_came_back_by_a_rollback_is_judged_as_it_was_the_first_time(line, way):
    first = line.run(ROWS, gate=ALL)
    second = line.run(ROWS, **BETTER)
    desk = open_desk(line.job(ROWS))
    rollback(desk, actor="test", reason="why not")
    if way == "twice":
        rollback(desk, to=second.champion, actor="test", reason="it was better")
        rollback(desk, to=first.champion, actor="test", reason="it was not")
    shutil.rmtree(line.folder / "store" / "reports")

    again = line.run(ROWS, gate=ALL)

    assert (again.verdict, again.reasons, again.champion) == ("PROMOTE", ("first",), first.champion)
    assert (again.mse, again.promoted) == (first.mse, True)


def test_a_recipe_brought_back_after_its_own_rollback_is_judged_as_it_was(line):
    line.run(ROWS, gate=ALL)
    second = line.run(ROWS, **BETTER)
    desk = open_desk(line.job(ROWS))
    rollback(desk, actor="test", reason="why not")
    rollback(desk, to=second.champion, actor="test", reason="it was better")
    shutil.rmtree(line.folder / "store" / "reports")

    again = line.run(ROWS, **BETTER)

    assert (again.verdict, again.reasons, again.champion) == ("PROMOTE", second.reasons, second.champion)
    assert again.mse == second.mse
