"""The arena: weights and groups by pattern, each series' best baseline, and floors over all windows."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_pipeline import evaluations
from lstm_pipeline.steps.arena import EACH_BEST, members
from lstm_pipeline.steps.desk import open_desk
from lstm_pipeline.steps.gate_report import recorded
from tests.conftest import hourly, waves

RISING = [float(step) for step in range(160)]
PAIR = [*hourly("a", waves()), *hourly("b", RISING)]
"""One series that its season foretells, one that a line foretells."""


def scores_of(line, rows, **settings):
    made = line.conclude(rows, **settings)
    return evaluations.load(line.store, made.judged.trial.evaluation.id)


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (("shop-1",), ["shop-1"]),
        (("shop-*",), ["shop-1", "shop-2"]),
        (("shop-[2-9]", "depot"), ["shop-2", "depot"]),
        (("SHOP-1",), []),
        ((), []),
    ],
)
def test_series_belong_by_id_or_pattern(patterns, chosen):
    ids = ("shop-1", "shop-2", "depot")

    assert [name for name, is_in in zip(ids, members(ids, patterns), strict=True) if is_in] == chosen


def test_an_id_that_looks_like_a_pattern_is_meant_as_it_stands():
    assert members(("a[1]", "a1"), ("a[1]",)).tolist() == [True, True]
    assert members(("a[1]",), ("b[1]",)).tolist() == [False]


def test_each_series_best_baseline_is_a_rival_and_no_worse_than_any_for_all(line):
    pooled = scores_of(line, PAIR).origins.pooled

    means = {name: float(np.mean(loss)) for name, loss in pooled.items() if name != "candidate"}
    assert means[EACH_BEST] < min(mean for name, mean in means.items() if name != EACH_BEST)


def test_a_single_series_has_no_rival_of_its_own_best(line):
    assert EACH_BEST not in scores_of(line, hourly("a", waves())).origins.pooled


def test_a_series_without_weight_has_no_say(line):
    alone = scores_of(line, PAIR, gate={"weights": {"b": 0.0}}).origins.pooled
    both = scores_of(line, PAIR).origins.pooled

    single = scores_of(type(line)(line.folder / "alone"), hourly("a", waves())).origins.pooled
    assert alone["last_value"] == pytest.approx(single["last_value"])
    assert alone["last_value"] != pytest.approx(both["last_value"])


@pytest.mark.parametrize("weights", [{"b": 1.0, "*": 0.0}, {"*": 0.0, "b": 1.0}, {"b*": 1.0, "*": 0.0}])
def test_an_id_counts_before_a_pattern_and_a_longer_pattern_before_a_shorter_one(line, weights):
    weighed = scores_of(line, PAIR, gate={"weights": weights}).origins.pooled

    single = scores_of(type(line)(line.folder / "alone"), hourly("b", RISING)).origins.pooled
    assert weighed["drift"] == pytest.approx(single["drift"])


def test_the_wide_error_is_over_every_test_window_scaled_by_series(line):
    scores = scores_of(line, PAIR)

    frame = scores.series.to_pandas()
    mine = frame[frame["rival"] == "candidate"].set_index("unique_id")["mse"]
    variance = {"a": np.var(waves()[:124]), "b": np.var(RISING[:124])}
    assert scores.wide.mse == pytest.approx(np.mean([mine[name] / variance[name] for name in "ab"]))
    assert scores.wide.beside is None


def test_slices_of_groups_and_steps_reach_the_gate_report(line):
    line.run(PAIR)

    more = [*hourly("a", waves(180)), *hourly("b", [float(step) for step in range(180)])]
    outcome = line.run(more, gate={"groups": {"lines": ["b"]}}, training={"seed": 1})

    desk = open_desk(line.job(PAIR))
    slices = recorded(desk, desk.registry.run(outcome.run).gate_report).judged.slices
    assert set(slices) == {"group lines", "step 1", "step 2"}
