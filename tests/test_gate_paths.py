"""How the gate judges: by a test or plainly, on few origins, after other candidates, for newer data."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_pipeline.gate import GatePolicy, alternatives, decide, paired_test, settled
from tests.gate_examples import INF, NAN, evidence, level, losses, restless, rivals


def ruled(decision):
    return decision.verdict, decision.reasons[0]


def test_a_difference_that_may_be_chance_promotes_nobody():
    seen = evidence(losses=losses(restless(1.95, deviation=0.3), level(4.0), level(2.0)))

    tested = decide(seen, GatePolicy())
    plain = decide(seen, GatePolicy(mode="plain"))

    assert ruled(tested) == ("INCONCLUSIVE", "inconclusive")
    assert ruled(plain) == ("PROMOTE", "superior")
    assert (tested.figures.used, plain.figures.used) == ("standard", "plain")
    assert (tested.figures.alpha, plain.figures.alpha, plain.figures.statistic) == (0.1, None, None)


def test_a_loss_that_may_be_chance_rejects_nobody():
    seen = evidence(losses=losses(restless(2.05, deviation=0.3), level(4.0), level(2.0)))

    assert ruled(decide(seen, GatePolicy())) == ("INCONCLUSIVE", "inconclusive")
    assert ruled(decide(seen, GatePolicy(mode="plain"))) == ("REJECT", "worse")


@pytest.mark.parametrize("mode", ["plain", "standard"])
@pytest.mark.parametrize(
    ("candidate", "verdict"),
    [(0.75, "PROMOTE"), (0.76, "INCONCLUSIVE"), (1.25, "INCONCLUSIVE"), (1.26, "REJECT")],
)
def test_a_certain_difference_counts_from_the_minimal_effect_on(mode, candidate, verdict):
    seen = evidence(losses=rivals(candidate, 1.0, baseline=2.0))

    assert decide(seen, GatePolicy(mode=mode, min_effect=0.25)).verdict == verdict


@pytest.mark.parametrize(("origins", "used"), [(7, "plain"), (8, "standard")])
def test_only_a_test_part_of_fewer_than_eight_origins_is_judged_plainly(origins, used):
    first = decide(evidence(losses=rivals(0.5, None, origins)), GatePolicy())
    later = decide(evidence(losses=rivals(0.5, 0.8, origins)), GatePolicy())

    assert (first.figures.used, later.figures.used) == (used, used)
    assert ruled(first) == ("PROMOTE", "first")
    assert ruled(later) == ("PROMOTE", "superior")
    assert ("plain rule" in first.sentence) == ("plain rule" in later.sentence) == (used == "plain")


@pytest.mark.parametrize(("clean", "ruling"), [
    (7, ("INCONCLUSIVE", "no_clean_windows")),
    (8, ("PROMOTE", "superior")),
])  # fmt: skip
def test_fewer_than_eight_clean_origins_of_many_are_too_few(clean, ruling):
    seen = losses(level(0.5), level(1.0), level(0.8), np.arange(40) >= 40 - clean)

    decision = decide(evidence(losses=seen), GatePolicy())

    assert ruled(decision) == ruling
    assert decision.figures.used == "standard"
    assert decision.figures.origins == clean


@pytest.mark.parametrize(("origins", "held"), [(8, 0.05), (29, 0.05), (30, 0.1), (40, 0.1)])
def test_fewer_than_thirty_origins_are_tested_at_five_per_cent(origins, held):
    decision = decide(evidence(losses=rivals(0.5, 0.8, origins)), GatePolicy())

    assert decision.figures.alpha == held


def test_a_level_below_five_per_cent_holds_on_few_origins_too():
    rules = settled(GatePolicy(alpha=0.01))

    assert rules.level(origins=8, looks=1) == rules.level(origins=60, looks=1) == 0.01
    assert rules.level(origins=60, looks=4) == 0.0025


@pytest.mark.parametrize(("mode", "knobs"), [
    ("plain", (0.1, 0.005, "noninferior", True, 0.05, 1.25, 0.25)),
    ("standard", (0.1, 0.005, "noninferior", True, 0.05, 1.25, 0.25)),
    ("strict", (0.05, 0.01, "superior", False, 0.02, 1.1, 0.1)),
])  # fmt: skip
def test_a_mode_is_a_preset_and_a_knob_that_is_set_stands(mode, knobs):
    names = ("alpha", "min_effect", "refresh", "lane", "slice_margin", "tail_cap", "bias_cap")

    rules = settled(GatePolicy(mode=mode))

    assert tuple(getattr(rules, name) for name in names) == knobs
    assert (rules.min_skill, rules.margin, rules.cap, rules.max_age) == (0.005, 0.01, None, None)
    assert settled(GatePolicy(mode=mode, refresh="superior")).refresh == "superior"
    assert settled(GatePolicy(mode=mode, min_effect=0.0, bias_cap=0.0)).min_effect == 0
    assert settled(GatePolicy(mode=mode, alpha=0.2)).alpha == 0.2


@pytest.mark.parametrize("said", [{"refresh": True}, {"age": 9}])
def test_neither_newer_data_nor_the_same_recipe_opens_the_lane_alone(said):
    decision = decide(evidence(losses=rivals(0.8, 0.8), **said), GatePolicy(refresh="noninferior"))

    assert decision.reasons == ("inconclusive",)


@pytest.mark.parametrize("champion", [None, level(2.0)])
def test_an_interval_reaches_as_far_as_the_test_at_five_per_cent_on_each_side(champion):
    own = restless(1.5, deviation=0.3)

    figures = decide(evidence(losses=losses(own, level(2.0), champion)), GatePolicy()).figures

    test = paired_test(own)
    reach = test.critical(0.05) * test.error / 2.0
    low, high = (
        (figures.low, figures.high) if champion is not None else (figures.skill_low, figures.skill_high)
    )
    assert (low, high) == pytest.approx((0.25 - reach, 0.25 + reach))


def test_without_losses_nothing_is_counted():
    figures = decide(evidence(losses=None), GatePolicy()).figures

    assert (figures.origins, figures.source, figures.champion_mse) == (0, None, None)


def test_a_first_model_whose_skill_may_be_chance_is_not_promoted():
    seen = evidence(losses=losses(restless(0.95, deviation=0.3), level(1.0)))

    decision = decide(seen, GatePolicy())

    assert ruled(decision) == ("INCONCLUSIVE", "inconclusive")
    assert decision.figures.skill == pytest.approx(0.05)
    assert decision.figures.skill_low < 0 < decision.figures.skill_high
    assert decision.figures.effect is None


@pytest.mark.parametrize("origins", [3, 40])
def test_a_champion_whose_forecasts_are_not_finite_loses_to_any_that_passes_the_floor(origins):
    seen = evidence(losses=rivals(0.5, INF, origins))

    decision = decide(seen, GatePolicy())

    assert ruled(decision) == ("PROMOTE", "superior")
    assert (decision.figures.effect, decision.figures.champion_mse) == (1.0, None)
    assert decision.figures.statistic is None


def test_a_later_candidate_on_the_same_windows_needs_a_surer_difference():
    seen = losses(restless(1.92, deviation=0.3), level(4.0), level(2.0))

    verdicts = [decide(evidence(losses=seen, looks=looks), GatePolicy()).verdict for looks in (1, 2, 3, 20)]

    assert verdicts == ["PROMOTE", "PROMOTE", "INCONCLUSIVE", "INCONCLUSIVE"]


def test_a_worse_candidate_is_rejected_however_late_it_comes():
    seen = losses(restless(2.08, deviation=0.3), level(4.0), level(2.0))

    verdicts = {decide(evidence(losses=seen, looks=looks), GatePolicy()).verdict for looks in (1, 2, 3, 900)}

    assert verdicts == {"REJECT"}


def test_who_is_worse_is_told_at_the_level_of_the_first_candidate():
    seen = losses(restless(2.06, deviation=0.3), level(4.0), level(2.0))

    verdicts = [decide(evidence(losses=seen, looks=looks), GatePolicy()).verdict for looks in (1, 2, 900)]

    assert verdicts == ["REJECT", "REJECT", "REJECT"]


def test_at_a_level_that_no_test_bears_nobody_is_better_or_worse():
    policy = GatePolicy(alpha=1e-4)

    assert decide(evidence(losses=rivals(0.9, 0.8)), policy).verdict == "INCONCLUSIVE"
    assert decide(evidence(losses=rivals(0.5, 0.8)), policy).verdict == "INCONCLUSIVE"


@pytest.mark.parametrize(("margin", "reason"), [(0.0132, "inconclusive"), (0.0134, "fresh")])
def test_the_lane_asks_for_the_lower_bound_that_nine_in_ten_keep(margin, reason):
    seen = losses(restless(0.8, deviation=0.06), level(1.0), level(0.8))

    decision = decide(
        evidence(losses=seen, refresh=True, age=1), GatePolicy(margin=margin, refresh="noninferior")
    )

    assert decision.reasons == (reason,)


@pytest.mark.parametrize("looks", [0, -1])
def test_looks_count_the_candidate_itself(looks):
    with pytest.raises(ValueError, match="counts this candidate too"):
        evidence(looks=looks)


WIDELY = {"min_effect": 0.5, "slice_margin": 1.0}
WIDE = GatePolicy(margin=0.025)
NEWER = {"losses": rivals(0.8, 0.8), "refresh": True, "age": 1}
LANE = [
    ("fresh", NEWER, {}),
    ("inconclusive", NEWER | {"age": 0}, {}),
    ("inconclusive", NEWER | {"refresh": False}, {}),
    ("inconclusive", NEWER, {"refresh": "superior"}),
    ("inconclusive", NEWER, {"refresh": "superior", "mode": "strict"}),
    ("fresh", NEWER | {"age": 90, "span": 30}, {"refresh": "superior"}),
    ("inconclusive", NEWER | {"age": 89, "span": 30}, {"refresh": "superior"}),
    ("inconclusive", NEWER | {"age": 90, "span": 30}, {"refresh": "superior", "mode": "strict"}),
    ("inconclusive", NEWER | {"age": 90, "span": 30}, {"refresh": "superior", "max_age": 91}),
    ("inconclusive", NEWER | {"age": 90, "span": 0}, {"refresh": "superior"}),
    ("fresh", NEWER, {"mode": "strict", "refresh": "noninferior"}),
    ("fresh", NEWER | {"refresh": False, "age": 50}, {"max_age": 50}),
    ("inconclusive", NEWER | {"refresh": False, "age": 49}, {"max_age": 50}),
    ("fresh", NEWER | {"losses": rivals(0.807, 0.8)}, {"min_effect": 0.1}),
    ("worse", NEWER | {"losses": rivals(0.807, 0.8)}, {}),
    (
        "inconclusive",
        NEWER | {"losses": rivals(1.25, 1.0, baseline=2.0)},
        {"margin": 0.25, **WIDELY},
    ),
    (
        "fresh",
        NEWER | {"losses": rivals(1.25, 1.0, baseline=2.0)},
        {"margin": 0.26, **WIDELY},
    ),
    ("inconclusive", NEWER | {"losses": losses(restless(0.8, deviation=0.3), level(1.0), level(0.8))}, {}),
    ("inconclusive", NEWER | {"looks": 1000}, {}),
    ("inconclusive", NEWER | {"source": "refit"}, {}),
    ("inconclusive", NEWER | {"source": "refit", "age": 90}, {"max_age": 50}),
    ("fresh", NEWER | {"source": "published"}, {}),
    ("superior", NEWER | {"losses": rivals(0.5, 0.8)}, {}),
]


@pytest.mark.parametrize(("reason", "changes", "knobs"), LANE)
def test_newer_data_may_be_reason_enough_where_nothing_is_lost(reason, changes, knobs):
    verdict = {"fresh": "PROMOTE", "superior": "PROMOTE", "worse": "REJECT"}.get(reason, "INCONCLUSIVE")

    assert ruled(decide(evidence(**changes), GatePolicy(**{"refresh": "noninferior"} | knobs))) == (
        verdict,
        reason,
    )


def test_the_lane_asks_for_a_bound_that_grows_with_the_looks():
    seen = losses(restless(0.8, deviation=0.06), level(1.0), level(0.8))

    reasons = [
        decide(evidence(losses=seen, refresh=True, age=1, looks=looks), WIDE).reasons[0]
        for looks in (1, 2, 20)
    ]

    assert reasons == ["fresh", "fresh", "inconclusive"]


def test_a_gain_too_small_for_a_float_is_none_however_sure_the_test_is_of_it():
    huge, small = np.tile([1e16, 1.0], 20), np.tile([1e16, 1.5], 20)
    seen = evidence(losses=losses(huge, level(1e17), small))

    decision = decide(seen, GatePolicy(min_effect=0.0))

    assert decision.figures.statistic > decision.figures.critical
    assert (ruled(decision), decision.figures.effect) == (("INCONCLUSIVE", "inconclusive"), 0.0)


def said_elsewhere(seen):
    return {one.rule: one.verdict for one in alternatives(seen, GatePolicy())}


@pytest.mark.parametrize(
    ("candidate", "verdict"), [(0.7, "PROMOTE"), (0.8, "REJECT"), (0.9, "REJECT"), (NAN, "PROMOTE")]
)
def test_the_usual_rule_promotes_whatever_is_lower_or_no_number(candidate, verdict):
    seen = evidence(losses=losses(level(candidate), level(1.0), level(0.8)))

    assert said_elsewhere(seen)["lower MSE wins"] == verdict


def test_the_usual_rule_looks_at_windows_that_the_champion_has_learnt_from_too():
    clean = np.arange(40) < 10
    champion = np.where(clean, 2.0, 0.0)

    told = said_elsewhere(evidence(losses=losses(level(1.0), level(3.0), champion, clean)))

    assert told["lower MSE wins"] == "REJECT"


@pytest.mark.parametrize("looks", [1, 2])
def test_only_a_later_candidate_is_told_what_the_first_had_been_told(looks):
    told = said_elsewhere(evidence(looks=looks))

    assert ("as if it were the first candidate" in told) == (looks == 2)


@pytest.mark.parametrize(
    ("told", "source", "grade"),
    [(True, "clean", "verified"), (False, "clean", "unverified"), (True, "untold", "unverified")],
)
def test_a_verdict_is_verified_where_both_say_what_they_have_learnt_from(told, source, grade):
    assert decide(evidence(told=told, source=source), GatePolicy()).figures.grade == grade
