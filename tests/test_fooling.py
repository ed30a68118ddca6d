"""Deceptions planted beside an honest champion: none reaches production, none touches what is there."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from lstm_pipeline.cli.fool import lines
from lstm_pipeline.cli.main import app
from lstm_pipeline.errors import PipelineError
from lstm_pipeline.settings.environment import Places
from lstm_pipeline.steps import PLAIN
from lstm_pipeline.steps.desk import open_desk
from lstm_pipeline.steps.fooling import DECEPTIONS, HONEST, Tally, attempt, demo_ground, without_page
from lstm_pipeline.steps.fooling.attempt import line_of
from lstm_pipeline.steps.fooling.deceptions import lucky_seed
from lstm_pipeline.steps.fooling.spoilt import from_the_future, spoil

NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
BARE = replace(PLAIN, report=without_page)
BY_NAME = {one.name: one for one in DECEPTIONS}


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """The demo's own pipeline, in a store that all tests here share: each has a line of its own."""
    folder = tmp_path_factory.mktemp("fooled")
    return demo_ground(Places(store=str(folder), registry=f"sqlite:///{folder / 'registry.db'}"), NOW)


@pytest.fixture(scope="module")
def control(ground):
    """The honest candidate, once."""
    return attempt(ground, HONEST, BARE)


def test_an_honest_candidate_that_is_better_is_promoted(control):
    assert (control.verdict, control.reasons) == ("PROMOTE", ("superior",))
    assert not control.fooled


SHIPPED = {
    "trained on the test block": ("INCONCLUSIVE", "no_clean_windows"),
    "NaN in one series": ("REJECT", "not_finite"),
    "wrong units by 1000": ("HOLD", "stale_data"),
    "frozen sensor": ("HOLD", "stale_data"),
    "one huge series in its favour": ("REJECT", "below_floor"),
    "damaged package": ("REJECT", "integrity"),
    "random split": ("HOLD", "leaky_split"),
    "champion's stored score": ("REJECT", "worse"),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_lower_mse_ships_the_gate_refuses_with_its_reason(ground, name):
    made = attempt(ground, BY_NAME[name], BARE)

    assert made.ships
    assert (made.verdict, made.reasons[0]) == SHIPPED[name]
    assert made.unchanged


def test_days_that_hold_the_days_after_them_are_held(ground):
    made = attempt(ground, BY_NAME["values of the future"], BARE)

    assert (made.verdict, made.reasons) == ("HOLD", ("stale_data",))
    assert made.unchanged


def test_the_luckiest_of_shaken_champions_stays_outside(ground):
    made = attempt(ground, replace(BY_NAME["lucky seed out of 20"], attack=lucky_seed(4)), BARE)

    assert made.verdict in ("INCONCLUSIVE", "REJECT")
    assert not made.fooled


def test_a_model_that_denies_what_it_has_learnt_is_told_to_be_beyond_the_gate(ground, control):
    made = attempt(ground, BY_NAME["hides what it has learnt"], BARE)

    assert made.promoted
    assert not Tally(control=control, attempts=(made,)).fooled


def test_a_gate_that_lets_a_deception_through_is_told_to_be_fooled(ground, control):
    through = attempt(ground, replace(HONEST, name="a fault unseen", honest=False), BARE)

    tally = Tally(control=control, attempts=(through,))

    assert tally.fooled
    assert tally.figures["caught"] == 0


def test_a_run_that_ends_with_an_error_counts_as_refused(ground):
    deception = replace(
        HONEST,
        name="another horizon",
        honest=False,
        attack=lambda line: line.challenge({"windows": {"horizon": 7}}),
    )

    made = attempt(ground, deception, BARE)

    assert (made.verdict, made.reasons) == ("REFUSED", ("bad_config",))
    assert not made.fooled


def test_the_command_tells_what_the_gate_said_and_what_lower_mse_would_have_done(ground, control):
    frozen = attempt(ground, replace(BY_NAME["frozen sensor"], name="frozen again"), BARE)

    told = list(lines(Tally(control=control, attempts=(frozen,))))

    assert "HOLD (stale_data); lower MSE ships it" in told[2]
    assert told[3].strip() == frozen.sentence
    assert told[-1].startswith("1 of 1 deceptions caught")


@pytest.mark.proof
def test_the_command_plants_them_all_and_ends_well(tmp_path):
    done = CliRunner().invoke(app, ["demo", "--fool-me", "--store", str(tmp_path), "--json"])

    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (told["planted"], told["caught"], told["unchanged"]) == (10, 10, True)
    assert len(told["attempts"]) == 1 + len(DECEPTIONS)


def test_without_an_honest_champion_nothing_is_planted(ground):
    hard = replace(ground, name="hard", sections={**ground.sections, "gate": {"min_skill": 0.99}})

    with pytest.raises(PipelineError, match="honest first model was not promoted"):
        attempt(hard, HONEST, BARE)


def test_one_changed_byte_of_the_champion_shows(ground):
    line = line_of(ground, replace(HONEST, name="touched"), BARE)
    # in a store that other tests share: a champion of its own
    line = replace(line, champion={"training": {"max_steps": 81}})
    model = line.crown().champion
    before = line.standing()

    desk = open_desk(ground.job(line.name, ground.table, {}))
    desk.store.delete(f"models/{model}/config.json")

    assert line.standing() != before


def test_a_filled_day_holds_the_day_after_it():
    fault = from_the_future(2)

    arrived = fault(np.arange(8.0), 0)

    assert arrived.tolist() == [2, 3, 2, 3, 6, 7, 6, 7]


def test_a_fault_is_planted_into_the_newest_rows_of_the_named_series_alone(ground):
    spoilt = spoil(ground.table, lambda values, begin: np.zeros(len(values) - begin), 5, ("mill",))

    changed = np.flatnonzero(spoilt.y != ground.table.y)

    rows = ground.table.rows_of(ground.table.ids.index("mill"))
    assert changed.tolist() == list(range(rows.stop - 5, rows.stop))
