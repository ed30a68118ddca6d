"""The gate: one example per reason, then what must hold for all losses."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_pipeline.gate import Evidence, GatePolicy, OriginLosses, decide, gain, skill

NAN, INF = math.nan, math.inf

FIRST_WORDS = {
    "PROMOTE": "Promoted: ",
    "REJECT": "Rejected: ",
    "INCONCLUSIVE": "Inconclusive: ",
    "HOLD": "Held: ",
}

figures = st.one_of(
    st.floats(0, 10), st.sampled_from([0.0, -0.0, 1.0, 1.0 + 1e-15, 5e-324, 1e300, 1.7e308, INF, NAN])
)
sane = st.floats(0.01, 10)


def losses(candidate, baseline, champion=None, clean=None):
    known = None if champion is None else np.asarray(champion, dtype=float)
    seen = (
        None
        if champion is None
        else np.asarray([True] * len(champion) if clean is None else clean, dtype=bool)
    )
    return OriginLosses(
        candidate=np.asarray(candidate, dtype=float),
        baseline=np.asarray(baseline, dtype=float),
        champion=known,
        clean=seen,
    )


def evidence(**changes):
    usual = Evidence(
        losses=losses([0.5, 0.5], [1.0, 1.0], [0.8, 0.8]),
        intact=True,
        sound=True,
        finite=True,
        test_mse=3.0,
        leaky=False,
        stale=False,
        newest=True,
    )
    return dataclasses.replace(usual, **changes)


EXAMPLES = [
    ("HOLD", "too_short", {"losses": None}, {}),
    ("HOLD", "too_short", {"losses": losses([], [])}, {}),
    ("HOLD", "too_short", {"losses": losses([NAN], [NAN])}, {}),
    ("HOLD", "too_short", {"losses": None, "sound": False}, {}),
    ("REJECT", "integrity", {"intact": False, "leaky": True}, {}),
    ("REJECT", "integrity", {"intact": False, "sound": False}, {}),
    ("REJECT", "not_finite", {"sound": False, "leaky": True}, {}),
    ("REJECT", "not_finite", {"finite": False, "leaky": True}, {}),
    ("REJECT", "not_finite", {"losses": losses([0.5, INF], [1, 1])}, {}),
    ("REJECT", "not_finite", {"losses": losses([0.5, NAN], [1, 1], [1, 1], [True, False])}, {}),
    ("HOLD", "leaky_split", {"leaky": True}, {}),
    ("HOLD", "stale_data", {"stale": True}, {}),
    ("HOLD", "not_newest", {"newest": False}, {}),
    ("INCONCLUSIVE", "no_clean_windows", {"losses": losses([0.5], [1], [0.8], [False])}, {}),
    ("INCONCLUSIVE", "no_clean_windows", {"losses": losses([0.5], [1], [NAN])}, {}),
    ("REJECT", "below_floor", {"losses": losses([2.0], [1.0], [3.0])}, {}),
    ("REJECT", "below_floor", {"losses": losses([1.0], [1.0])}, {}),
    ("REJECT", "below_floor", {"losses": losses([0.0], [0.0])}, {}),
    ("REJECT", "below_floor", {"losses": losses([0.1], [0.0])}, {"min_skill": -9.0}),
    ("REJECT", "below_floor", {"losses": losses([0.1], [INF])}, {}),
    ("REJECT", "below_floor", {}, {"min_skill": 0.5}),
    ("REJECT", "below_floor", {"losses": losses([2.0], [1.0], [3.0]), "test_mse": 9.0}, {"cap": 2.9}),
    ("REJECT", "cap", {"test_mse": 3.0}, {"cap": 2.9}),
    ("REJECT", "cap", {"test_mse": NAN}, {"cap": 2.9}),
    ("PROMOTE", "first", {"losses": losses([0.5], [1.0])}, {"cap": 3.0}),
    ("PROMOTE", "first", {"losses": losses([0.5, NAN], [1.0, NAN])}, {}),
    ("PROMOTE", "superior", {}, {}),
    ("PROMOTE", "superior", {"losses": losses([0.5], [1], [INF])}, {}),
    ("PROMOTE", "superior", {"losses": losses([0.75], [2], [1])}, {"min_effect": 0.25}),
    ("REJECT", "worse", {"losses": losses([0.9], [1.0], [0.8])}, {}),
    ("REJECT", "worse", {"losses": losses([0.1], [1.0], [0.0])}, {}),
    ("INCONCLUSIVE", "inconclusive", {"losses": losses([0.8], [1.0], [0.8])}, {"min_effect": 0.0}),
    ("INCONCLUSIVE", "inconclusive", {"losses": losses([1.25], [2], [1])}, {"min_effect": 0.25}),
    ("INCONCLUSIVE", "inconclusive", {"losses": losses([0.0], [1.0], [-0.0])}, {}),
]


@pytest.mark.parametrize(("verdict", "reason", "changes", "knobs"), EXAMPLES)
def test_each_reason_has_its_example(verdict, reason, changes, knobs):
    seen, policy = evidence(**changes), GatePolicy(**knobs)

    decision = decide(seen, policy)

    assert (decision.verdict, decision.reasons) == (verdict, (reason,))
    assert decision.sentence.startswith(FIRST_WORDS[verdict])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sound": False}, "Rejected: training diverged"),
        ({"sound": False, "intact": False}, "Rejected: the candidate's package does not load"),
        ({"stranger": True, "losses": losses([0.5], [1.0])}, "Promoted: the champion knows none of these"),
        ({"losses": losses([0.5], [1.0])}, "Promoted: the first model of this pipeline"),
    ],
)
def test_the_sentence_says_what_the_reason_alone_does_not(changes, said):
    assert decide(evidence(**changes), GatePolicy()).sentence.startswith(said)


def test_all_reasons_to_hold_are_given_and_the_first_is_said():
    doubtful = evidence(leaky=True, stale=True, newest=False)

    decision = decide(doubtful, GatePolicy())

    assert decision.reasons == ("leaky_split", "stale_data", "not_newest")
    assert decision.sentence == (
        "Held: the random split lets test targets into training; a leaky score is never promoted."
    )


def test_only_clean_origins_count_for_every_rival():
    mixed = losses([0.5, 9.0, 0.7], [1.0, 0.1, 3.0], [2.0, 0.1, 4.0], [True, False, True])

    decision = decide(evidence(losses=mixed), GatePolicy())

    assert decision.origins == 2
    assert (decision.mse, decision.baseline_mse, decision.champion_mse) == (0.6, 2.0, 3.0)
    assert decision.effect == pytest.approx(0.8)


SENTENCES = [
    ([0.5], None, {}, "Promoted: the first model of this pipeline; its error is 50 % below the best naive "),
    ([0.5], [0.8], {}, "Promoted: its error is 37.5 % below the champion's on 1 origin that neither"),
    ([0.9], [0.8], {}, "Rejected: its error is 12.5 % above the champion's on 1 origin that neither has"),
    ([0.5], [INF], {}, "Promoted: its error is finite and the champion's is not, on 1 origin"),
    ([0.5], [0.0], {}, "Rejected: its error is above the champion's, which is 0, on 1 origin"),
    ([0.8], [0.8], {}, "Inconclusive: its error is equal to the champion's on 1 origin that neither has"),
    ([40.0], None, {}, "Rejected: its error is 3,900 % above the best naive baseline's on 1 origin; to pass"),
    ([0.5], None, {"min_skill": 0.6}, "Rejected: its error is 50 % below the best naive baseline's on 1 "
     "origin; to pass it must lie more than 60 % below it."),
    ([0.5], None, {"min_skill": 0.5}, "Rejected: its error is 50 % below the best naive baseline's on 1 "
     "origin; to pass it must lie more than 50 % below it."),
    ([1.0], None, {"min_skill": 0.0}, "Rejected: its error is equal to the best naive baseline's on 1 "
     "origin; to pass it must lie below that."),
    ([2.0], None, {"min_skill": -0.5}, "Rejected: its error is 100 % above the best naive baseline's on 1 "
     "origin; to pass it must lie less than 50 % above it."),
    ([0.8], [0.8], {"min_effect": 0.0}, "Inconclusive: its error is equal to the champion's on 1 origin that "
     "neither has learnt from, and a promotion takes less than that; the champion stays."),
    ([0.79], [0.8], {"min_effect": 0.1}, "Inconclusive: its error is 1.25 % below the champion's on 1 origin "
     "that neither has learnt from, and a promotion takes at least 10 % less; the champion stays."),
    ([0.5], None, {"cap": 2.5}, "Rejected: its test MSE of 3 does not lie within the cap of 2.5."),
]  # fmt: skip


@pytest.mark.parametrize(("candidate", "champion", "knobs", "expected"), SENTENCES)
def test_the_sentence_gives_verdict_reason_and_figures(candidate, champion, knobs, expected):
    seen = evidence(losses=losses(candidate, [1.0], champion))

    decision = decide(seen, GatePolicy(**knobs))

    assert decision.sentence.startswith(expected)


@settings(max_examples=1000)
@given(rows=st.lists(st.tuples(figures, figures, figures, st.booleans()), max_size=6), test_mse=figures)
def test_whatever_is_promoted_is_finite_and_strictly_better(rows, test_mse):
    columns = np.array(rows, dtype=float).reshape(-1, 4).T
    seen = evidence(losses=losses(*columns[:3], columns[3] == 1), test_mse=test_mse)

    decision = decide(seen, GatePolicy(cap=8.0))

    if decision.verdict == "PROMOTE":
        assert decision.mse < decision.champion_mse
        assert decision.mse < decision.baseline_mse < INF
        assert test_mse <= 8.0
        assert np.all(np.isfinite(columns[0][~np.isnan(columns[1])]))


@given(rows=st.lists(st.tuples(figures, figures), min_size=1, max_size=6))
def test_a_first_model_is_promoted_only_with_skill(rows):
    candidate, baseline = np.array(rows).T

    decision = decide(evidence(losses=losses(candidate, baseline)), GatePolicy())

    assert (decision.verdict == "PROMOTE") == (decision.reasons == ("first",))
    if decision.verdict == "PROMOTE":
        assert decision.mse < decision.baseline_mse
        assert math.isnan(decision.champion_mse)


@given(rows=st.lists(st.tuples(sane, sane, sane), min_size=1, max_size=8), power=st.integers(-60, 60))
def test_scaling_every_loss_changes_no_verdict(rows, power):
    rivals = np.array(rows).T

    here = decide(evidence(losses=losses(*rivals)), GatePolicy())
    there = decide(evidence(losses=losses(*(rivals * 2.0**power))), GatePolicy())

    assert (here.verdict, here.reasons, here.effect) == (there.verdict, there.reasons, there.effect)


@given(
    rows=st.lists(st.tuples(sane, sane), min_size=1, max_size=8), margin=st.sampled_from([0.0, 0.005, 0.3])
)
def test_of_two_rivals_at_most_one_can_displace_the_other(rows, margin):
    one, other = np.array(rows).T
    floor, policy = np.full(len(rows), 100.0), GatePolicy(min_effect=margin)

    forth = decide(evidence(losses=losses(one, floor, other)), policy)
    back = decide(evidence(losses=losses(other, floor, one)), policy)

    assert (forth.verdict, back.verdict).count("PROMOTE") <= 1


@given(candidate=sane, champion=sane, margin=st.floats(0, 0.9))
def test_the_verdict_over_a_champion_is_the_margin_rule(candidate, champion, margin):
    seen = evidence(losses=losses([candidate], [100.0], [champion]))

    decision = decide(seen, GatePolicy(min_effect=margin))

    effect = 1 - candidate / champion
    wins = effect >= margin and effect > 0
    expected = "PROMOTE" if wins else "REJECT" if effect < -margin else "INCONCLUSIVE"
    assert decision.verdict == expected


@given(faults=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans()))
def test_one_doubt_is_enough_to_keep_a_better_candidate_out(faults):
    broken, infinite, leaky, stale, late = faults
    seen = evidence(intact=not broken, finite=not infinite, leaky=leaky, stale=stale, newest=not late)

    decision = decide(seen, GatePolicy())

    assert (decision.verdict == "PROMOTE") == (not any(faults))


@pytest.mark.parametrize("mode", ["plain", "standard", "strict"])
def test_every_mode_is_decided_by_the_plain_rule_and_says_so(mode):
    policy = GatePolicy(mode=mode)

    decision = decide(evidence(), policy)

    assert (decision.mode, decision.used) == (mode, "plain")


@pytest.mark.parametrize(
    ("candidate", "baseline", "champion", "clean"),
    [
        ([1], [1, 1], None, None),
        ([1], [1], [1, 1], [True, True]),
        ([1], [1], [1], [True, True]),
        ([-1], [1], None, None),
    ],
)
def test_losses_that_do_not_describe_the_same_origins_are_refused(candidate, baseline, champion, clean):
    with pytest.raises(ValueError, match=r"origin|negative"):
        losses(candidate, baseline, champion, clean)


@given(mse=st.one_of(st.none(), figures), reference=st.one_of(st.none(), figures))
def test_a_gain_is_shown_only_where_it_is_a_finite_share_of_a_known_error(mse, reference):
    shown = skill(mse, reference)

    if shown is None:
        assert mse is None or reference is None or not math.isfinite(gain(mse, reference))
    else:
        assert shown == (0.0 if mse == reference == 0 else 1 - mse / reference)
        assert math.isfinite(shown)


@pytest.mark.parametrize(
    ("mse", "reference", "share"),
    [(1.0, 4.0, 0.75), (6.0, 4.0, -0.5), (0.0, 0.0, 0.0), (0.0, 2.0, 1.0), (2.0, 0.0, -INF), (2.0, INF, 1.0)],
)
def test_a_gain_is_the_share_by_which_an_error_lies_below_another(mse, reference, share):
    assert gain(mse, reference) == share
    assert math.isnan(gain(NAN, reference))
    assert math.isnan(gain(mse, NAN))
