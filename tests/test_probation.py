"""A new champion is on probation: its forecasts are scored beside those of the one before."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lstm_pipeline.gate import ProbationPolicy, probation, spread_from_oldest
from lstm_pipeline.registry import Proposal, open_registry
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.desk import Line, this_moment
from lstm_pipeline.steps.probation import standing_of
from lstm_pipeline.steps.recipe import forecast_only
from lstm_pipeline.steps.succession import pin, rollback
from tests.conftest import START, hourly, waves
from tests.conftest import Line as TinyLine

LENGTH, HORIZON = 160, 2
A, B = waves(LENGTH + 40, seed=1), waves(LENGTH + 40, level=-300.0, seed=2)


def rows(came=0, *, until=None):
    """Both series with so many further steps."""
    return hourly("a", A[: LENGTH + came]) + hourly("b", B[: until or LENGTH + came])


def office(line):
    registry = open_registry(f"sqlite:///{line.folder / 'store' / 'registry.db'}")
    return Line(pipeline="line", store=line.store, registry=registry)


def model_of(outcome):
    return Path(outcome.model).name


def crown(line, model):
    """Let the gate have promoted a version, whatever it thinks of it."""
    registry = office(line).registry
    with registry.engine.connect() as connection:
        query = "SELECT id FROM gate_report WHERE candidate = ?"
        known = registry.gate_report(connection.exec_driver_sql(query, (model,)).scalar())
    passed = dataclasses.replace(known, verdict="PROMOTE", body=known.body + " ")
    registry.record_gate(passed)
    wish = Proposal(
        pipeline="line",
        model=model,
        gate_report=passed.id,
        actor="run",
        reason="superior",
        as_of=registry.champion("line").as_of,
        at=this_moment(),
    )
    registry.promote(wish, registry.champion("line").seq)


def forecast(line, came, **sections):
    return forecast_only(line.job(rows(came), **sections), PLAIN)


def scores(line, purpose):
    return office(line).registry.live_scores("line", purpose)


def published(line, purpose):
    return sorted(path.name for path in (line.folder / "store" / "forecasts" / "line" / purpose).glob("*"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A good champion and a poor version that nobody promoted: (folder, good model, poor model)."""
    line = TinyLine(tmp_path_factory.mktemp("probation"))
    good = line.run(rows(), training={"seed": 1, "max_steps": 60})
    poor = line.run(rows(), training={"seed": 0, "max_steps": 1}, gate={"min_skill": -1e9})
    assert (good.promoted, poor.promoted) == (True, False)
    return line.folder, good.champion, model_of(poor)


@pytest.fixture(scope="module")
def watched(trained, tmp_path_factory):
    """The poor model became champion, and eight forecasts of each went out, of which seven have come true."""
    folder, good, poor = trained
    shutil.copytree(folder, tmp_path_factory.mktemp("watched") / "line")
    line = TinyLine(tmp_path_factory.getbasetemp() / "watched0" / "line")
    crown(line, poor)
    for came in range(0, 8 * HORIZON, HORIZON):
        forecast(line, came)
    return line.folder, good, poor


@pytest.fixture
def promoted(trained, tmp_path):
    """The poor model has just become champion: (line, good model, poor model)."""
    folder, good, poor = trained
    shutil.copytree(folder, tmp_path / "line")
    line = TinyLine(tmp_path / "line")
    crown(line, poor)
    return line, good, poor


@pytest.fixture
def seven(watched, tmp_path):
    """`watched` in a folder of its own."""
    folder, good, poor = watched
    shutil.copytree(folder, tmp_path / "line")
    return TinyLine(tmp_path / "line"), good, poor


def test_a_new_champion_publishes_beside_a_shadow_of_the_one_before(promoted):
    line, good, poor = promoted

    made = forecast(line, 0)

    shadow = pd.read_parquet(
        line.folder / "store/forecasts/line/shadow" / published(line, "shadow")[0] / "forecasts.parquet"
    )
    live = pd.read_parquet(made.uri)
    assert made.published_by == poor
    assert list(shadow.columns) == list(live.columns)
    assert (shadow[["unique_id", "ds", "cutoff"]] == live[["unique_id", "ds", "cutoff"]]).all(axis=None)
    assert (set(shadow["model_version"]), set(shadow["purpose"])) == ({good}, {"shadow"})
    assert (line.folder / "store/forecasts/line/latest.parquet").read_bytes() == Path(made.uri).read_bytes()


def test_a_retraining_publishes_the_shadow_too(promoted):
    line, good, poor = promoted

    run = line.run(rows(HORIZON), training={"max_steps": 1}, gate={"min_skill": 0.999})

    assert run.published_by == poor
    assert len(published(line, "shadow")) == 1
    assert good[:16] in published(line, "shadow")[0]


@pytest.mark.parametrize("action", ["alert", "rollback"])
def test_the_first_champion_and_one_that_was_rolled_back_to_have_no_shadow(promoted, action):
    line, good, _ = promoted
    rollback(office(line), actor="ana", reason="it drifts")

    made = forecast(line, 0, probation={"action": action})

    assert made.published_by == good
    assert published(line, "shadow") == []


def test_nobody_is_watched_where_the_probation_is_off(promoted):
    line, _, _ = promoted

    forecast(line, 0, probation={"action": "off"})

    assert published(line, "shadow") == []


def by_hand(line, frame, came):
    """Pooled loss of one published frame, in plain loops over what came."""
    pooled = []
    for name, values in {"a": A, "b": B}.items():
        own = frame[frame["unique_id"] == name]
        training = values[: LENGTH + came - 36]
        errors = []
        for _, row in own.iterrows():
            at = int((row["ds"] - pd.Timestamp(START)) / pd.Timedelta("1h"))
            errors.append((row["LSTM"] - values[at]) ** 2)
        pooled.append(np.mean(errors) / np.var(training))
    return np.mean(pooled)


def test_a_forecast_is_scored_once_all_its_steps_have_come(promoted):
    line, good, poor = promoted
    first = forecast(line, 0)
    forecast(line, HORIZON - 1)
    assert scores(line, "live") == scores(line, "shadow") == ()

    forecast(line, HORIZON)

    live, shadow = scores(line, "live")[0], scores(line, "shadow")[0]
    frame = pd.read_parquet(line.store.uri(shadow.uri) + "/forecasts.parquet")
    assert (live.model, shadow.model, live.cutoff, live.series) == (poor, good, shadow.cutoff, 2)
    assert live.loss == pytest.approx(by_hand(line, pd.read_parquet(first.uri), HORIZON), rel=1e-9)
    assert shadow.loss == pytest.approx(by_hand(line, frame, HORIZON), rel=1e-9)


def test_a_score_stands_whatever_is_said_of_the_same_steps_later(promoted):
    line, _, _ = promoted
    forecast(line, 0)
    forecast(line, HORIZON)
    first = scores(line, "live")[0]

    forecast(line, HORIZON + 1)

    assert scores(line, "live")[0] == first


def test_a_run_about_the_past_scores_nothing_and_has_no_shadow(promoted):
    line, _, _ = promoted
    forecast(line, 0)
    forecast(line, 2 * HORIZON, probation={"action": "off"})
    before = published(line, "shadow")

    old = forecast_only(line.job(rows(2 * HORIZON), as_of="2024-01-07T18:00:00"), PLAIN)

    assert "/backfill/" in old.uri
    assert scores(line, "live") == ()
    assert published(line, "shadow") == before


def test_seven_origins_are_too_few_to_say_anything(seven):
    found = standing_of(office(seven[0])).found

    assert (found.origins, found.of, found.worse, found.ended) == (7, 8, False, False)
    assert found.statistic is None
    assert found.loss > found.previous_loss


def test_a_champion_that_turns_out_worse_is_told_and_stays_where_the_policy_says_alert(seven):
    line, _, poor = seven

    made = forecast(line, 8 * HORIZON)

    assert made.published_by == poor
    assert made.notes[0].startswith(
        f"alert: champion {poor} (promotion 2): 8 of 8 origins scored: realised loss"
    )
    assert "significantly worse" in made.notes[0]
    assert made.notes[0].endswith("`lstm-pipeline models rollback line` brings the one before back")
    assert office(line).registry.champion("line").model == poor


def test_a_run_tells_it_in_its_outcome(seven):
    line, _, poor = seven

    run = line.run(rows(8 * HORIZON), training={"max_steps": 1}, gate={"min_skill": 0.999})

    assert run.champion == poor
    assert run.alerts == run.notes[:1] or run.alerts[0] in run.notes
    assert "significantly worse" in run.alerts[0]


def test_it_is_rolled_back_where_the_policy_says_so_and_the_one_before_publishes(seven):
    line, good, poor = seven

    made = forecast(line, 8 * HORIZON, probation={"action": "rollback"})

    row = office(line).registry.champion("line")
    assert (row.model, row.kind, row.actor, row.previous_model) == (good, "rollback", "probation", poor)
    assert row.reason.startswith("8 of 8 origins scored: realised loss")
    assert made.published_by == good
    assert made.notes[0].endswith(f"rolled back to {good} (promotion 3)")
    assert standing_of(office(line)) is None
    office(line).registry.verify_chain("line")


def test_a_champion_that_is_over_its_probation_has_no_shadow_any_more(seven):
    line, _, _ = seven
    forecast(line, 8 * HORIZON)
    before = published(line, "shadow")

    forecast(line, 9 * HORIZON)

    assert published(line, "shadow") == before
    assert len(scores(line, "live")) == 8


def test_a_person_s_word_is_not_taken_back_by_a_rule(trained, tmp_path):
    folder, _, poor = trained
    shutil.copytree(folder, tmp_path / "line")
    line = TinyLine(tmp_path / "line")
    pin(office(line), poor, "ana", "I know it")
    for came in range(0, 9 * HORIZON, HORIZON):
        made = forecast(line, came, probation={"action": "rollback"})

    assert "significantly worse" in made.notes[0]
    assert office(line).registry.champion("line").model == poor


RNG = np.random.default_rng(0)


def test_an_equal_champion_is_taken_for_a_worse_one_about_as_seldom_as_alpha_says():
    policy = ProbationPolicy(origins=16, alpha=0.05)
    losses = RNG.normal(loc=10.0, size=(2, 1000, 16))

    alarms = [probation(mine, theirs, policy).worse for mine, theirs in zip(*losses, strict=True)]

    assert np.mean(alarms) <= 0.08


def test_a_much_worse_champion_is_found_before_its_probation_is_over():
    theirs = RNG.normal(loc=1.0, scale=0.1, size=10)

    found = probation(theirs + 1 + RNG.normal(scale=0.1, size=10), theirs, ProbationPolicy(origins=20))

    assert (found.origins, found.worse, found.ended) == (10, True, False)


def test_the_sentence_tells_how_often_an_equal_champion_passes_for_a_worse_one():
    theirs = RNG.normal(loc=1.0, scale=0.1, size=8)

    found = probation(theirs + RNG.normal(scale=0.1, size=8), theirs, ProbationPolicy(alpha=0.05))

    assert 0.04 < found.size < 0.08 < found.size_persistent
    assert f"simulated, {100 * found.size:.1f} % of equal champions pass it" in found.sentence


def test_what_was_found_worse_stays_so_whatever_follows():
    theirs = np.ones(20)
    mine = np.r_[np.full(8, 2.0) + 0.01 * np.arange(8), np.full(12, 0.5)]

    assert probation(mine, theirs, ProbationPolicy(origins=20)).worse


def test_a_better_champion_raises_no_alarm():
    theirs = RNG.normal(loc=1.0, scale=0.1, size=8)

    found = probation(theirs / 2, theirs, ProbationPolicy())

    assert (found.worse, found.ended) == (False, True)
    assert found.effect == pytest.approx(0.5)


def test_nothing_is_said_without_a_score():
    none = np.array([])

    found = probation(none, none, ProbationPolicy())

    assert (found.origins, found.loss, found.statistic, found.worse) == (0, None, None, False)
    assert found.sentence == "no forecast of 8 has been scored yet"


def test_origins_are_a_horizon_apart_and_later_ones_change_no_choice():
    steps = np.array([3, 4, 5, 6, 9, 10])

    kept = spread_from_oldest(steps, 3)

    assert steps[kept].tolist() == [3, 6, 9]
    assert spread_from_oldest(steps[:4], 3).tolist() == kept[:2].tolist()


def test_a_damaged_package_of_the_one_before_costs_the_shadow_alone(promoted):
    line, good, poor = promoted
    weights = line.folder / "store" / "models" / good / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")

    made = forecast(line, 0)

    assert made.published_by == poor
    assert published(line, "shadow") == []


def test_where_steps_are_counted_a_champion_is_watched_as_well(tmp_path):
    line, steps = TinyLine(tmp_path / "line"), {"series": {"freq": 1, "season_length": 4}}

    def counted(came=0):
        return [("a", at, value) for at, value in enumerate(A[: LENGTH + came])]

    good = line.run(counted(), training={"seed": 1, "max_steps": 60}, **steps).champion
    poor = model_of(
        line.run(counted(), training={"seed": 0, "max_steps": 1}, gate={"min_skill": -1e9}, **steps)
    )
    crown(line, poor)
    for came in range(0, 8 * HORIZON, HORIZON):
        forecast_only(line.job(counted(came), **steps), PLAIN)

    made = forecast_only(line.job(counted(8 * HORIZON), probation={"action": "rollback"}, **steps), PLAIN)

    row = office(line).registry.champion("line")
    assert (row.kind, row.model, row.previous_model) == ("rollback", good, poor)
    assert "8 of 8 origins scored" in made.notes[0]
