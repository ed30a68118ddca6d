"""Who speaks for the champion: it itself, what its recipe had published, or a stand-in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from lstm_pipeline import datasets
from lstm_pipeline.steps.desk import open_desk
from lstm_pipeline.steps.gate_report import recorded
from lstm_pipeline.steps.refs import Judged
from tests.conftest import Line, hourly, waves

VALUES = waves(220)
DAYS = range(154, 178, 2)
"""Rows that each of twelve runs knows, a horizon of two steps apart."""
DAILY = {
    **{"mode": "standard", "min_skill": -1e6, "refit": "all", "refresh": "noninferior"},
    **{"margin": 0.9, "min_effect": 0.9, "slice_margin": 9.0, "tail_cap": 99.0, "bias_cap": 99.0},
}
"""A gate that lets the same recipe on newer data through, once eight origins are clean."""
OPEN = {"mode": "plain", "min_skill": -1e6, "min_effect": 0.0, "refit": "all"}


def rows(many):
    return hourly("a", VALUES[:many])


@dataclass(frozen=True)
class Published(Line):
    """The pipeline, and how its challenger was judged."""

    challenged: Judged


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A pipeline whose refitted recipe has published after nine cutoffs, and a challenger."""
    line = Line(tmp_path_factory.mktemp("published"))
    for many in DAYS:
        line.conclude(rows(many), gate=DAILY, split={"test": 16})
    # another seed is another recipe; sent again with fewer rows: of these also the tested champion knows most
    return Published(folder=line.folder, challenged=line.conclude(rows(174), training={"seed": 1}).judged)


def test_windows_that_neither_has_learnt_from_come_first(line):
    line.run(rows(160))

    outcome = line.run(rows(200), training={"seed": 1})

    assert (outcome.gate.source, outcome.gate.origins) == ("clean", 10)


def test_only_the_origins_later_than_the_champion_count_while_there_are_eight(line):
    line.run(rows(160), gate=OPEN)

    # it has learnt up to row 159: of the test rows 156 to 175 the last 16 are new to it
    outcome = line.run(rows(176), training={"seed": 1})

    assert (outcome.gate.source, outcome.gate.origins) == ("clean", 8)


def test_what_the_champions_recipe_had_published_speaks_for_it_where_it_has_learnt_too_much(published):
    figures = recorded(open_desk(published.job(rows(174))), published.challenged.gate.id).decision.figures

    assert (figures.source, figures.origins) == ("published", 10)


def test_the_published_losses_are_those_of_the_frames_that_were_published(published):
    desk = open_desk(published.job(rows(174)))
    report = recorded(desk, published.challenged.gate.id)
    table = datasets.load(published.store, published.challenged.trial.dataset.id).table
    start, hour = int(table.grid.stamp(table.first)[0]), 3_600_000_000

    live = desk.registry.publications_since("line", "live", 0)

    made = {(row.cutoff - start) // hour: published.frame_of(row) for row in reversed(live)}
    variance = np.var(VALUES[:138])
    for place, end in enumerate(report.target_end):
        cutoff = (end - start) // hour - 2
        error = np.array(made[cutoff]) - np.array(VALUES[cutoff + 1 : cutoff + 3])
        assert report.judged.losses.champion[place] == pytest.approx((error**2).mean() / variance)


@pytest.mark.parametrize("many", [170, 176])
def test_a_refitted_champion_is_met_as_it_was_tested_where_that_leaves_origins(tmp_path, many):
    refitted, plain = Line(tmp_path / "refitted"), Line(tmp_path / "plain")
    refitted.run(rows(160), gate=OPEN)
    plain.run(rows(160), gate={**OPEN, "refit": "none"})

    met, usual = (one.run(rows(many), training={"seed": 1}).gate for one in (refitted, plain))

    # at 176 rows the refitted model itself has eight clean origins left
    assert (met.source, met.origins) == (("tested", 10) if many == 170 else ("clean", 8))
    assert (usual.source, usual.origins) == ("clean", 10)
    assert ((met.champion_mse, met.effect) == (usual.champion_mse, usual.effect)) == (many == 170)


def test_a_refreshed_recipe_can_pass_while_its_refitted_champion_knows_the_test_part(line):
    line.run(rows(160), gate=OPEN)

    outcome = line.run(rows(170), gate={**DAILY, "refit": "none"})

    assert (outcome.gate.source, outcome.reasons) == ("tested", ("fresh",))
    assert "champion as it was tested" in outcome.sentence


def test_the_same_with_a_smaller_budget_is_no_refresh(line):
    line.run(rows(160), gate=OPEN)

    outcome = line.run(rows(170), gate={**DAILY, "refit": "none"}, training={"max_steps": 19})

    assert (outcome.gate.source, outcome.reasons) == ("tested", ("inconclusive",))


def test_where_nothing_else_is_left_the_champions_recipe_stands_in_for_it(line):
    line.run(rows(160), gate=OPEN, split={"test": 4})

    outcome = line.run(rows(170), training={"seed": 1})

    assert (outcome.gate.source, outcome.gate.origins) == ("refit", 10)
    assert "against the champion's recipe trained on the same data" in outcome.sentence


def test_the_same_recipe_on_the_same_data_is_no_better_than_itself(line):
    line.run(rows(160), gate=OPEN, split={"test": 4})

    outcome = line.run(rows(170), gate={"mode": "standard", "refresh": "noninferior"})

    assert (outcome.gate.source, outcome.gate.effect) == ("refit", 0.0)
    assert (outcome.verdict, outcome.reasons) == ("INCONCLUSIVE", ("inconclusive",))


def test_a_test_part_too_short_for_a_test_is_judged_plainly_and_says_so(line):
    first = line.run(rows(160), split={"test": 8}, gate={"mode": "standard", "min_skill": -1e6})

    assert (first.gate.mode, first.gate.used, first.gate.origins) == ("standard", "plain", 4)
    assert "judged by the plain rule" in first.sentence
