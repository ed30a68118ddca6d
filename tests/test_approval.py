"""A promotion that the gate lets through waits for a person where the pipeline wants one."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pandas as pd
import pytest

from lstm_pipeline.errors import BrokenArtifact, Conflict, UsageError
from lstm_pipeline.registry import open_registry
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.answers import Word, approve, pending, refuse
from lstm_pipeline.steps.desk import Line, open_desk
from lstm_pipeline.steps.outcome import STEPS
from lstm_pipeline.steps.recipe import forecast_only
from lstm_pipeline.steps.succession import pin, rollback
from tests.conftest import Line as TinyLine
from tests.conftest import hourly, waves
from tests.registries import race

ROWS = hourly("a", waves(seed=1)) + hourly("b", waves(level=-300.0, seed=2))
EAGER = {"min_skill": -1e7, "min_effect": 0.0}
ALWAYS = {"policy": "always"}
POOR = {"seed": 0, "max_steps": 2}
GOOD = {"seed": 1, "max_steps": 40}
ANA = Word(actor="ana", reason="looks right")


def poor(line, **sections):
    return line.run(ROWS, training=POOR, **sections)


def good(line, *, policy=ALWAYS):
    return line.run(ROWS, training=GOOD, gate=EAGER, approval=policy)


def office(line):
    registry = open_registry(places(line).registry)
    return Line(pipeline="line", store=line.store, registry=registry)


def places(line):
    store = line.folder / "store"
    return Places(store=str(store), registry=f"sqlite:///{store / 'registry.db'}")


def say_yes(line, word=ANA):
    return approve(office(line), places(line), word, PLAIN)[-1]


def events(line):
    """What happened to each request, oldest first: (model, event, actor)."""
    rows = office(line).registry.petitions("line")
    return [(row.model, row.event, row.actor) for row in rows]


def champion(line):
    row = office(line).registry.champion("line")
    return None if row is None else row.model


def model_of(outcome):
    return Path(outcome.model).name


def at_an_end(line):
    """Let all requests have expired a while ago."""
    with office(line).registry.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE petition SET expires_at = '2020-01-01T00:00:00.000000+00:00'")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """A line whose better candidate waits: (folder, champion's run, candidate's run)."""
    line = TinyLine(tmp_path_factory.mktemp("approval"))
    return line.folder, poor(line), good(line)


@pytest.fixture
def asked(waiting, tmp_path):
    """The same in a folder of its own: (line, champion, candidate)."""
    folder, first, second = waiting
    shutil.copytree(folder, tmp_path / "line")
    return TinyLine(tmp_path / "line"), first.champion, model_of(second)


def test_a_promotion_that_waits_leaves_the_champion_and_says_how_to_approve_it(waiting):
    _, first, second = waiting

    assert (second.verdict, second.reasons, second.promoted) == ("PROMOTE", ("superior",), False)
    assert (second.champion, second.published_by) == (first.champion, first.champion)
    note = (
        f"waits for approval until {second.awaits}: `lstm-pipeline models approve line`, or refuse; what "
        "became of it is told by `models log line` and by the next run"
    )
    assert note in second.notes
    assert second.sentence.startswith("Passed the gate, and waits for approval: its error is ")


def test_an_identical_rerun_of_a_run_that_waits_returns_what_is_stored(asked):
    line, old, new = asked

    again = good(line)

    assert (again.reused, again.champion, again.promoted) == (STEPS, old, False)
    assert again.awaits is not None
    assert events(line) == [(new, "requested", "run")]


def test_an_approval_promotes_the_candidate_in_the_name_of_who_approved_it(asked):
    line, old, new = asked

    row = say_yes(line)

    assert (row.model, row.previous_model, row.kind, row.actor) == (new, old, "promote", "ana")
    assert row.reason == "superior; approved: looks right"
    assert events(line)[1:] == [(new, "approved", "ana")]
    assert pending(office(line)) == ()
    office(line).registry.verify_chain("line")


def test_an_approved_champion_publishes_with_the_next_run_which_then_is_told_as_promoted(asked):
    line, _, new = asked
    say_yes(line)

    published = good(line)
    again = good(line)

    assert (published.promoted, published.published_by, published.champion) == (True, new, new)
    assert pd.read_parquet(line.folder / "store" / "forecasts" / "line" / "latest.parquet")[
        "model_version"
    ].unique() == [new]
    assert (again.reused, again.promoted, again.champion, again.awaits) == (STEPS, True, new, None)
    assert again.notes[-1].startswith("its promotion was approved by ana at ")
    assert again.sentence.startswith("Passed the gate: ")


def test_an_approved_champion_publishes_with_forecast_too(asked):
    line, _, new = asked
    say_yes(line)

    assert forecast_only(line.job(ROWS), PLAIN).published_by == new


def test_the_page_of_a_run_may_be_drawn_anew_after_its_approval(asked):
    line, _, new = asked
    say_yes(line)
    shutil.rmtree(line.folder / "store" / "reports")

    anew, again = good(line), good(line)

    assert (anew.promoted, again.promoted, again.champion, again.reused) == (True, True, new, STEPS)


def test_a_refusal_leaves_the_champion_and_its_reason_is_told_by_the_rerun(asked):
    line, old, new = asked

    refuse(office(line), Word(actor="ben", reason="audit first"))
    again = good(line)

    assert events(line)[1:] == [(new, "refused", "ben")]
    assert (champion(line), again.champion, again.promoted, again.awaits) == (old, old, False, None)
    assert again.notes[-1].endswith("(audit first)")
    with pytest.raises(Conflict, match=r"was refused by ben at .* \(audit first\): that answer stands"):
        say_yes(line)


def test_a_refusal_needs_a_reason(asked):
    with pytest.raises(UsageError, match="--reason: got nothing, expected why"):
        refuse(office(asked[0]), Word(actor="ben"))


def test_an_expired_request_cannot_be_approved_and_the_next_run_asks_anew(asked):
    line, _, new = asked
    at_an_end(line)

    with pytest.raises(UsageError, match=r"expired at 2020-01-01T00:00:00Z: run the pipeline again"):
        say_yes(line)
    again = good(line)
    row = say_yes(line)

    assert (again.verdict, again.promoted, again.awaits is None) == ("PROMOTE", False, False)
    assert row.model == new
    assert [event for _, event, _ in events(line)] == ["requested", "requested", "expired", "approved"]


def test_a_newer_candidate_s_request_takes_the_place_of_the_older_one(asked):
    line, _, old = asked

    newer = line.run(ROWS, training=GOOD | {"seed": 2}, gate=EAGER, approval=ALWAYS)

    assert events(line)[1:] == [(model_of(newer), "requested", "run"), (old, "superseded", "run")]
    assert [one.asked.model for one in pending(office(line))] == [model_of(newer)]
    with pytest.raises(Conflict, match="was superseded by run"):
        say_yes(line, dataclasses.replace(ANA, model=old[:8]))


def test_nothing_waits_where_nobody_was_asked(line):
    poor(line)

    with pytest.raises(UsageError, match="line: no promotion waits for approval"):
        say_yes(line)


def test_a_package_that_was_altered_meanwhile_is_not_promoted(asked):
    line, old, new = asked
    weights = line.folder / "store" / "models" / new / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")

    with pytest.raises(BrokenArtifact, match=new):
        say_yes(line)

    assert champion(line) == old
    assert len(pending(office(line))) == 1


def bystander(line, training):
    """A version that nobody promoted."""
    return model_of(line.run(ROWS, training=training, gate={"min_skill": 0.999}))


def test_a_candidate_is_gated_again_where_the_champion_changed_and_promoted_if_it_still_passes(asked):
    line, _, new = asked
    worst = bystander(line, {"seed": 3, "max_steps": 1})
    pin(office(line), worst, "ben", "a try")

    row = say_yes(line)

    assert (row.model, row.previous_model, row.actor) == (new, worst, "ana")
    assert events(line)[1:] == [
        (new, "requested", "ana"),
        (new, "superseded", "ana"),
        (new, "approved", "ana"),
    ]
    again = good(line)
    assert (again.promoted, again.published_by) == (True, new)
    assert good(line).reused == STEPS
    office(line).registry.verify_chain("line")


def test_it_is_refused_for_the_gate_s_reason_where_it_no_longer_passes(asked):
    line, _, new = asked
    better = bystander(line, {"seed": 1, "max_steps": 160, "learning_rate": 0.03})
    pin(office(line), better, "ben", "a try")

    with pytest.raises(
        Conflict, match=f"{new} was not promoted; it was gated again, as the champion changed: "
    ):
        say_yes(line)

    assert champion(line) == better
    assert events(line)[1:] == [(new, "refused", "ana")]
    again = good(line)
    assert (again.champion, again.promoted, again.awaits) == (better, False, None)


def test_a_candidate_that_was_pinned_meanwhile_is_champion_already(asked):
    line, _, new = asked
    pin(office(line), new, "ben", "I know it")

    with pytest.raises(UsageError, match=f"{new} is champion already"):
        say_yes(line)

    again = good(line)
    assert (again.champion, again.awaits) == (new, None)


def test_an_approved_champion_that_was_rolled_back_does_not_come_back_by_a_rerun(asked):
    line, old, _ = asked
    say_yes(line)
    good(line)
    rollback(office(line), actor="ben", reason="it drifts")

    again = good(line)

    assert (again.champion, champion(line)) == (old, old)
    assert len(office(line).registry.promotions("line")) == 3


def one_approval(folder, actor):
    line = TinyLine(Path(folder))
    try:
        return say_yes(line, Word(actor=actor)).actor
    except (Conflict, UsageError) as error:
        return str(error)


def test_of_two_who_approve_at_once_one_wins_and_the_other_is_told(asked):
    line, _, new = asked

    told = race(one_approval, [(str(line.folder), "ana"), (str(line.folder), "ben")])

    winner = office(line).registry.champion("line")
    assert (winner.model, winner.seq) == (new, 2)
    assert winner.actor in told
    # told by the request that was answered, or, where that came later still, by who is champion
    assert f"by {winner.actor}" in next(text for text in told if text != winner.actor)


def test_first_asks_for_a_pipeline_s_first_model_alone(line):
    first = line.run(ROWS, training=POOR, approval={"policy": "first"})
    say_yes(line)

    second = line.conclude(ROWS, training=GOOD, gate=EAGER, approval={"policy": "first"})

    assert (first.verdict, first.promoted, first.champion) == ("PROMOTE", False, None)
    assert first.published_by != model_of(first)
    assert second.judged.promotion.promoted


def test_moved_asks_only_where_the_forecasts_leave_the_champion_s_by_more_than_the_cap(line):
    moved = {"training": GOOD, "gate": EAGER}
    first = line.conclude(ROWS, training=POOR, approval={"policy": "moved", "move_cap": 0.0})

    far = line.conclude(ROWS, **moved, approval={"policy": "moved", "move_cap": 0.01})
    reason = pending(office(line))[0].asked.reason
    near = line.conclude(ROWS, **moved, approval={"policy": "moved", "move_cap": 100.0})

    assert first.judged.promotion.promoted
    assert (far.judged.promotion.promoted, near.judged.promotion.promoted) == (False, True)
    assert reason.startswith("its forecasts lie ")
    assert reason.endswith(" deviations from the champion's, more than 0.01")


def test_what_the_gate_does_not_let_through_is_asked_of_nobody(line):
    run = line.conclude(ROWS, gate={"min_skill": 0.999}, approval=ALWAYS)

    assert run.judged.gate.verdict == "REJECT"
    assert events(line) == []


def test_a_request_expires_after_the_time_that_the_policy_gives(line):
    line.conclude(ROWS, training=POOR, approval={"policy": "always", "expires_after": "12h"})

    asked = pending(office(line))[0].asked

    assert (asked.expires_at - asked.at).total_seconds() == 12 * 3600
    assert open_desk(line.job(ROWS)).registry.pending("line", asked.at) == asked


def test_an_approved_recipe_is_trained_to_the_end_of_its_data_where_the_gate_asks_for_it(line):
    gate = EAGER | {"refit": "all"}
    line.run(ROWS, training=POOR)
    tested = line.run(ROWS, training=GOOD, gate=gate, approval=ALWAYS)

    row = say_yes(line)
    again = line.run(ROWS, training=GOOD, gate=gate, approval=ALWAYS)

    assert (row.kind, row.previous_model, row.actor) == ("refit", model_of(tested), "ana")
    assert (again.promoted, again.champion, again.published_by) == (True, row.model, row.model)
