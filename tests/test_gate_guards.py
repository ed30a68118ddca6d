"""What stands watch over a promotion: better on the whole must not be bought with a part that gets worse."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_pipeline.gate import GatePolicy, Pair, SliceLosses, WideErrors, decide
from lstm_pipeline.gate.guards import NEWEST
from tests.gate_examples import INF, NAN, evidence, level, losses, part, restless, rivals

UNEVEN = SliceLosses(candidate=restless(2.3, deviation=0.3), champion=level(2.0))
"""15 % worse, and 10 % beyond the standard margin: t = 5.96; 13 % beyond the strict one."""


def beside(candidate, champion):
    return {
        "wide": WideErrors(mse=0.1, baseline_mse=1.0, beside=Pair(candidate=candidate, champion=champion))
    }


def found(decision, guard):
    return next(finding for finding in decision.guards if finding.guard == guard)


LIMITS = [
    (True, {"tail": Pair(candidate=2.5, champion=2.0)}, {}),
    (False, {"tail": Pair(candidate=2.51, champion=2.0)}, {}),
    (False, {"tail": Pair(candidate=2.3, champion=2.0)}, {"mode": "strict"}),
    (True, {"tail": Pair(candidate=3.0, champion=2.0)}, {"tail_cap": 1.5}),
    (False, {"tail": Pair(candidate=NAN, champion=2.0)}, {}),
    (True, {"tail": Pair(candidate=9.0, champion=INF)}, {}),
    (True, {"tail": Pair(candidate=9.0, champion=NAN)}, {}),
    (False, {"tail": Pair(candidate=INF, champion=INF)}, {}),
    (True, {"bias": Pair(candidate=0.75, champion=0.5)}, {}),
    (True, {"bias": Pair(candidate=-0.75, champion=0.5)}, {}),
    (True, {"bias": Pair(candidate=0.75, champion=-0.5)}, {}),
    (False, {"bias": Pair(candidate=0.76, champion=0.5)}, {}),
    (False, {"bias": Pair(candidate=-0.76, champion=-0.5)}, {}),
    (False, {"bias": Pair(candidate=0.65, champion=0.5)}, {"mode": "strict"}),
    (True, {"bias": Pair(candidate=1.5, champion=0.5)}, {"bias_cap": 1.0}),
    (False, {"bias": Pair(candidate=NAN, champion=0.5)}, {}),
    (True, {"bias": Pair(candidate=9.0, champion=NAN)}, {}),
    (True, beside(0.808, 0.8), {}),
    (False, beside(0.809, 0.8), {}),
    (False, beside(0.801, 0.8), {"margin": 0.0}),
    (False, beside(NAN, 0.8), {}),
    (True, {"slices": {"step 1": part(1.05, 1.0)}}, {}),
    (False, {"slices": {"step 1": part(1.06, 1.0)}}, {}),
    (False, {"slices": {"step 1": part(1.03, 1.0)}}, {"mode": "strict"}),
    (True, {"slices": {"step 1": part(1.2, 1.0)}}, {"slice_margin": 0.2}),
    (True, {"slices": {"step 1": part(INF, INF)}}, {}),
    (True, {"slices": {"step 1": part(1.0, INF)}}, {}),
    (False, {"slices": {"step 1": part(INF, 1.0)}}, {}),
    (True, {"slices": {"step 1": part(1.0, 1.7e308)}}, {}),
]


@pytest.mark.parametrize(("passed", "changes", "knobs"), LIMITS)
def test_a_guard_lets_through_what_keeps_its_limit(passed, changes, knobs):
    decision = decide(evidence(**changes), GatePolicy(**knobs))

    assert decision.reasons == (("superior",) if passed else ("slice",))
    assert decision.verdict == ("PROMOTE" if passed else "REJECT")
    assert all(finding.passed for finding in decision.guards) == passed


@pytest.mark.parametrize(("reason", "changes", "knobs"), [
    ("first", {"losses": rivals(0.5, None)}, {}),
    ("superior", {}, {"mode": "plain"}),
    ("superior", {"losses": rivals(0.5, 0.8, 7)}, {}),
    ("worse", {"losses": rivals(0.9, 0.8)}, {}),
])  # fmt: skip
def test_nothing_watches_where_nothing_was_tested_or_nobody_is_displaced(reason, changes, knobs):
    bad = {"tail": Pair(candidate=9.0, champion=1.0), "slices": {"step 1": part(9.0, 1.0)}}

    decision = decide(evidence(**bad | changes), GatePolicy(**knobs))

    assert decision.reasons == (reason,)
    assert decision.guards == ()


@pytest.mark.parametrize(("origins", "passed"), [(7, True), (8, False)])
def test_a_slice_of_fewer_than_eight_origins_is_shown_and_stops_nobody(origins, passed):
    seen = np.arange(40) < origins
    bad = SliceLosses(candidate=np.where(seen, 9.0, NAN), champion=level(1.0))

    decision = decide(evidence(slices={"night": bad}), GatePolicy())

    finding = found(decision, "night")
    assert (finding.passed, finding.origins) == (passed, origins)
    assert (finding.candidate, finding.champion) == (9.0, 1.0)
    assert finding.chance == (None if passed else 0.0)


def test_only_compared_origins_with_both_losses_count_in_a_slice():
    clean, everywhere = np.arange(40) >= 10, losses(level(0.5), level(1.0), level(0.8), np.arange(40) >= 10)
    one, other = np.where(np.arange(40) == 39, NAN, 0.5), np.where(np.arange(40) == 38, NAN, 0.8)
    bad = SliceLosses(candidate=np.where(clean, one, 9.0), champion=other)

    decision = decide(evidence(losses=everywhere, slices={"night": bad}), GatePolicy())

    finding = found(decision, "night")
    assert (finding.origins, finding.candidate, finding.passed) == (28, 0.5, True)


def test_a_part_that_may_be_worse_by_chance_stops_nobody():
    restive = SliceLosses(candidate=restless(2.15, deviation=0.3), champion=level(2.0))

    decision = decide(evidence(slices={"night": restive}), GatePolicy())

    assert decision.verdict == "PROMOTE"
    assert found(decision, "night").chance == pytest.approx(0.11, abs=0.03)


def test_the_more_parts_are_watched_the_surer_a_loss_must_be():
    close = SliceLosses(candidate=restless(2.18, deviation=0.3), champion=level(2.0))
    alone, among = {"a": close}, {"a": close} | {str(n): part(0.5, 1.0) for n in range(4)}

    assert decide(evidence(slices=alone), GatePolicy()).verdict == "REJECT"
    assert decide(evidence(slices=among), GatePolicy()).verdict == "PROMOTE"


def test_a_loss_just_as_sure_as_is_asked_for_stops_a_promotion():
    close = SliceLosses(candidate=restless(2.15, 16, deviation=0.3), champion=level(2.0, 16))
    seen = evidence(losses=rivals(0.5, 0.8, 16), slices={"night": close})
    chance = found(decide(seen, GatePolicy()), "night").chance

    assert decide(seen, GatePolicy(alpha=chance)).verdict == "REJECT"
    assert decide(seen, GatePolicy(alpha=0.99 * chance)).verdict == "PROMOTE"


@pytest.mark.parametrize(("candidate", "champion", "chance"), [(INF, 1.0, 0.0), (1.0, INF, 1.0)])
def test_whoever_is_not_finite_in_a_part_has_lost_it_for_certain(candidate, champion, chance):
    decision = decide(evidence(slices={"night": part(candidate, champion)}), GatePolicy())

    assert found(decision, "night").chance == chance


def test_a_guard_over_all_windows_counts_no_origins():
    decision = decide(evidence(tail=Pair(candidate=1.0, champion=1.0)), GatePolicy())

    assert (found(decision, "tail").origins, found(decision, "tail").chance) == (0, None)


def test_once_the_worst_part_is_told_the_next_is_held_to_a_looser_level():
    close = SliceLosses(candidate=restless(2.18, deviation=0.3), champion=level(2.0))
    both = {"a": close, "b": part(1.5, 1.0), "c": part(1.5, 1.0)}

    decision = decide(evidence(slices=both), GatePolicy())

    failed = [finding.guard for finding in decision.guards if not finding.passed]
    assert failed == ["a", "b", "c"]
    assert [finding.guard for finding in decision.guards] == ["a", "b", "c", NEWEST]


def test_a_loss_that_is_sure_is_told_among_a_thousand_parts():
    many = {str(n): part(0.5, 1.0) for n in range(1000)} | {"a": part(1.5, 1.0), "b": UNEVEN}

    decision = decide(evidence(slices=many), GatePolicy())

    assert decision.verdict == "REJECT"
    assert [finding.guard for finding in decision.guards if not finding.passed] == ["a"]


@pytest.mark.parametrize(("origins", "watched"), [(31, None), (32, 8), (40, 10)])
def test_the_newest_quarter_is_a_part_of_its_own(origins, watched):
    worsening = np.where(np.arange(origins) >= origins - origins // 4, 0.9, 0.1)
    decision = decide(
        evidence(losses=losses(worsening, level(1.0, origins), level(0.8, origins))), GatePolicy()
    )

    finding = found(decision, NEWEST)
    assert decision.verdict == ("PROMOTE" if watched is None else "REJECT")
    assert finding.origins == (watched or 7)
    assert (finding.candidate, finding.champion) == pytest.approx((0.9, 0.8))


def test_fewer_than_four_origins_have_no_newest_quarter():
    decision = decide(
        evidence(losses=losses(level(0.5, 9), level(1.0, 9), [NAN] * 6 + [INF] * 3)), GatePolicy()
    )

    assert decision.verdict == "PROMOTE"
    assert decision.guards == ()
