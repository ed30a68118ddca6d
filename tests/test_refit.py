"""Refit: a promoted recipe is trained to the end of its data, and that model publishes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstm_pipeline import checkpoints
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.desk import open_desk
from lstm_pipeline.steps.succession import rollback
from tests.conftest import hourly, waves

ROWS = hourly("a", waves())
MORE = hourly("a", waves(200))
ALL = {"refit": "all"}


def log(line):
    return open_desk(line.job(ROWS)).registry.promotions("line")


def test_the_model_that_knows_all_data_publishes_and_the_report_says_which_was_tested(line):
    outcome = line.run(ROWS, gate=ALL)

    tested, refitted = log(line)
    assert (tested.kind, refitted.kind) == ("promote", "refit")
    assert outcome.model == line.store.uri(f"models/{tested.model}")
    assert outcome.champion == outcome.published_by == refitted.model != tested.model
    assert any(tested.model in note for note in outcome.notes)


def test_a_refitted_model_has_learnt_up_to_the_newest_row_and_names_its_parent(line):
    line.run(ROWS, gate=ALL)

    tested, refitted = (checkpoints.card(line.store, row.model) for row in log(line))

    assert refitted.recipe.parent == log(line)[0].model
    assert refitted.recipe.training.max_steps == max(1, tested.record.best_step)
    hour = 3_600_000_000
    assert (refitted.data_end - tested.data_end) // hour == 20


def test_without_being_asked_for_nothing_is_refitted(line):
    line.run(ROWS)

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
    assert any("was not let through" in note for note in outcome.notes)


def test_rolling_back_takes_the_refitted_model_and_its_parent_together(line):
    first = line.run(ROWS, gate=ALL)
    second = line.run(MORE, gate={**ALL, "min_effect": 0.0, "mode": "plain"}, training={"max_steps": 200})
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
