"""The gate: one example per reason and per path to a verdict."""

from __future__ import annotations

import math

import pytest

from lstm_pipeline.gate import GatePolicy, OriginLosses, Pair, WideErrors, decide, gain, skill
from tests.gate_examples import INF, NAN, evidence, level, losses, restless, rivals

REASONS = [
    ("HOLD", "too_short", {"losses": None}, {}),
    ("HOLD", "too_short", {"losses": losses([], [])}, {}),
    ("HOLD", "too_short", {"losses": losses([NAN], [NAN])}, {}),
    ("HOLD", "too_short", {"losses": None, "sound": False}, {}),
    ("REJECT", "integrity", {"intact": False, "leaky": True}, {}),
    ("REJECT", "integrity", {"intact": False, "losses": None}, {}),
    ("REJECT", "not_finite", {"sound": False, "leaky": True}, {}),
    ("REJECT", "not_finite", {"finite": False, "leaky": True}, {}),
    ("REJECT", "not_finite", {"losses": losses([0.5, INF], [1, 1])}, {}),
    ("REJECT", "not_finite", {"losses": losses([0.5, NAN], [1, 1], [1, 1], [True, False])}, {}),
    ("HOLD", "leaky_split", {"leaky": True}, {}),
    ("HOLD", "stale_data", {"stale": True}, {}),
    ("HOLD", "stale_data", {"unfit": "half of the newest day is missing."}, {}),
    ("HOLD", "not_newest", {"newest": False}, {}),
    ("REJECT", "below_floor", {"losses": rivals(2.0, 3.0)}, {}),
    ("REJECT", "below_floor", {"losses": rivals(1.0, None)}, {}),
    ("REJECT", "below_floor", {"losses": rivals(0.0, None, baseline=0.0)}, {}),
    ("REJECT", "below_floor", {"losses": rivals(0.1, None, baseline=0.0)}, {"min_skill": -9.0}),
    ("REJECT", "below_floor", {"losses": rivals(0.1, 0.8, baseline=INF)}, {}),
    ("REJECT", "below_floor", {}, {"min_skill": 0.5}),
    ("REJECT", "below_floor", {"wide": WideErrors(mse=1.0, baseline_mse=1.0)}, {}),
    ("REJECT", "below_floor", {"wide": WideErrors(mse=NAN, baseline_mse=1.0)}, {}),
    ("REJECT", "below_floor", {"losses": rivals(2.0, 3.0), "test_mse": 9.0}, {"cap": 2.9}),
    ("REJECT", "cap", {"test_mse": 3.0}, {"cap": 2.9}),
    ("REJECT", "cap", {"test_mse": NAN}, {"cap": 2.9}),
    ("INCONCLUSIVE", "no_clean_windows", {"losses": losses([0.5], [1], [0.8], [False])}, {}),
    ("INCONCLUSIVE", "no_clean_windows", {"losses": losses([0.5], [1], [NAN])}, {}),
    ("INCONCLUSIVE", "no_clean_windows", {"losses": losses([0.5], [1], [NAN])}, {"mode": "plain"}),
    ("PROMOTE", "first", {"losses": rivals(0.5, None)}, {"cap": 3.0}),
    ("PROMOTE", "first", {"losses": losses([0.5, NAN], [1.0, NAN])}, {}),
    ("PROMOTE", "superior", {}, {}),
    ("PROMOTE", "superior", {"wide": WideErrors(mse=0.5, baseline_mse=1.0)}, {}),
    ("REJECT", "worse", {"losses": rivals(0.9, 0.8)}, {}),
    ("REJECT", "worse", {"losses": rivals(0.1, 0.0)}, {}),
    ("INCONCLUSIVE", "inconclusive", {"losses": rivals(0.8, 0.8)}, {"min_effect": 0.0}),
    ("INCONCLUSIVE", "inconclusive", {"losses": rivals(0.8, 0.8)}, {"min_effect": 0.0, "mode": "plain"}),
    ("INCONCLUSIVE", "inconclusive", {"losses": rivals(0.0, -0.0)}, {}),
]
FIRST_WORDS = {
    "PROMOTE": "Promoted: ",
    "REJECT": "Rejected: ",
    "INCONCLUSIVE": "Inconclusive: ",
    "HOLD": "Held: ",
}


@pytest.mark.parametrize(("verdict", "reason", "changes", "knobs"), REASONS)
def test_each_reason_has_its_example(verdict, reason, changes, knobs):
    decision = decide(evidence(**changes), GatePolicy(**knobs))

    assert (decision.verdict, decision.reasons) == (verdict, (reason,))
    assert decision.sentence.startswith(FIRST_WORDS[verdict])


def test_all_reasons_to_hold_are_given_and_the_first_is_said():
    decision = decide(evidence(leaky=True, stale=True, newest=False), GatePolicy())

    assert decision.reasons == ("leaky_split", "stale_data", "not_newest")
    assert decision.sentence.startswith("Held: the random split")


def test_only_clean_origins_count_for_every_rival():
    mixed = losses([0.5, 9.0, 0.7], [1.0, 0.1, 3.0], [2.0, 0.1, 4.0], [True, False, True])

    figures = decide(evidence(losses=mixed), GatePolicy()).figures

    assert figures.origins == 2
    assert (figures.mse, figures.baseline_mse, figures.champion_mse) == (0.6, 2.0, 3.0)
    assert figures.effect == pytest.approx(0.8)
    assert figures.skill == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("candidate", "baseline", "champion", "clean"),
    [
        ([1], [1, 1], None, None),
        ([1], [1], [1, 1], [True, True]),
        ([1], [1], [1], [True, True]),
        ([-1], [1], None, None),
        ([1], [1], [-1e-9], None),
    ],
)
def test_losses_that_do_not_describe_the_same_origins_are_refused(candidate, baseline, champion, clean):
    with pytest.raises(ValueError, match=r"origin|negative"):
        losses(candidate, baseline, champion, clean)


def test_a_champion_comes_with_its_clean_origins():
    with pytest.raises(ValueError, match="come together"):
        OriginLosses(candidate=level(1), baseline=level(1), champion=level(1))


@pytest.mark.parametrize(
    ("mse", "reference", "share"),
    [(1.0, 4.0, 0.75), (6.0, 4.0, -0.5), (0.0, 0.0, 0.0), (0.0, 2.0, 1.0), (2.0, 0.0, -INF), (2.0, INF, 1.0)],
)
def test_a_gain_is_the_share_by_which_an_error_lies_below_another(mse, reference, share):
    assert gain(mse, reference) == share
    assert math.isnan(gain(NAN, reference))
    assert math.isnan(gain(mse, NAN))


@pytest.mark.parametrize(
    ("mse", "baseline", "shown"), [(1.0, 4.0, 0.75), (None, 4.0, None), (1.0, None, None), (1.0, 0.0, None)]
)
def test_a_skill_is_shown_where_it_is_a_finite_share_of_a_known_error(mse, baseline, shown):
    assert skill(mse, baseline) == shown


def test_the_figures_tell_what_the_verdict_rests_on():
    seen = evidence(
        losses=losses(restless(1.5), level(4.0), level(2.0)),
        wide=WideErrors(mse=1.0, baseline_mse=4.0, beside=Pair(candidate=1.0, champion=2.0)),
        windows_id="w", baseline="naive", source="published", looks=2,
    )  # fmt: skip

    figures = decide(seen, GatePolicy()).figures

    told = {
        name: getattr(figures, name)
        for name in ("windows_id", "baseline", "source", "looks", "alpha", "mode")
    }
    assert told == {
        "windows_id": "w", "baseline": "naive", "source": "published", "looks": 2, "alpha": 0.05,
        "mode": "standard",
    }  # fmt: skip
    assert (figures.mse, figures.champion_mse, figures.baseline_mse) == pytest.approx((1.5, 2.0, 4.0))
    assert (figures.skill, figures.wide_skill, figures.effect) == pytest.approx((0.625, 0.75, 0.25))
    assert figures.low < 0.25 < figures.high
    assert figures.high - 0.25 == pytest.approx(0.25 - figures.low)
    assert (figures.skill_low, figures.skill_high) == (None, None)
    assert figures.statistic > figures.critical
