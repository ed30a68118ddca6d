"""What holds of every decision, whatever the losses."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstm_pipeline.gate import GatePolicy, Pair, SliceLosses, WideErrors, decide, paired_test, settled
from tests.gate_examples import INF, NAN, evidence, level, losses

ORIGINS = [0, 1, 7, 8, 33]
WILD = st.one_of(
    st.floats(0, 10), st.sampled_from([0.0, -0.0, 1.0, 1.0 + 1e-15, 5e-324, 1e300, 1.7e308, INF, NAN])
)
SANE = st.floats(0.01, 10)
LOOKS = st.sampled_from([1, 1, 2, 20, 1000])
POLICIES = st.builds(
    GatePolicy,
    mode=st.sampled_from(["plain", "standard", "standard", "strict"]),
    alpha=st.sampled_from([None, 0.01, 0.45]),
    min_effect=st.sampled_from([None, 0.0, 0.3]),
    min_skill=st.sampled_from([0.005, 0.0, -9.0]),
    cap=st.sampled_from([None, 8.0]),
    refresh=st.sampled_from([None, "superior", "noninferior"]),
    max_age=st.sampled_from([None, 5]),
)


def calm(examples):
    """So many cases; the first one of a size waits for its simulation."""
    return settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@st.composite
def columns(draw, figures, count, origins):
    """As many columns of losses: a short pattern, which repeats, and noise on it in half of the cases."""
    rows = draw(st.lists(st.tuples(*[figures] * count), min_size=1, max_size=4))
    table = np.resize(np.array(rows, dtype=float), (origins, count)).T
    if not draw(st.booleans()) or not origins:
        return table
    noise = np.random.default_rng(draw(st.integers(0, 99))).uniform(0.5, 1.5, size=table.shape)
    with np.errstate(over="ignore"):
        return table * noise


@st.composite
def cases(draw, figures=WILD):
    """Evidence of any kind, faults of the package and the data aside."""
    origins = draw(st.sampled_from(ORIGINS))
    own, floor, other, one, two = draw(columns(figures, 5, origins))
    pairs = st.one_of(st.none(), st.builds(Pair, candidate=figures, champion=figures))
    wide = st.builds(WideErrors, mse=figures, baseline_mse=figures, beside=pairs)
    rival = draw(st.sampled_from([other, other, None]))
    clean = np.arange(origins) >= draw(st.integers(0, 2)) * origins // 3
    return evidence(
        losses=losses(own, floor, rival, clean),
        test_mse=draw(figures),
        looks=draw(LOOKS),
        refresh=draw(st.booleans()),
        age=draw(st.integers(-9, 9)),
        slices={} if rival is None else {"a": SliceLosses(candidate=one, champion=two)},
        wide=draw(st.one_of(st.none(), wide)),
        tail=draw(pairs),
        bias=draw(pairs),
    )


def scaled(rivals, unit):
    """Every loss in another unit, by name."""
    names = ("candidate", "baseline", "champion")
    found = {name: getattr(rivals, name) for name in names if getattr(rivals, name, None) is not None}
    return {name: values * unit for name, values in found.items()}


def is_finite_everywhere(seen):
    return bool(np.all(np.isfinite(seen.losses.candidate[seen.losses.scored])))


@calm(400)
@given(seen=cases(), policy=POLICIES)
def test_whatever_is_promoted_is_finite_within_the_cap_and_above_the_floor(seen, policy):
    decision = decide(seen, policy)

    if decision.verdict == "PROMOTE":
        assert is_finite_everywhere(seen)
        assert decision.figures.skill > policy.min_skill
        assert seen.wide is None or decision.figures.wide_skill > policy.min_skill
        assert policy.cap is None or seen.test_mse <= policy.cap
        assert decision.figures.origins >= (1 if decision.figures.used == "plain" else 0)
        assert all(finding.passed for finding in decision.guards)


@calm(400)
@given(seen=cases(), policy=POLICIES)
def test_whatever_is_promoted_over_a_champion_is_better_by_the_margin_or_newer_and_not_worse(seen, policy):
    decision = decide(seen, policy)

    rules, figures = settled(policy), decision.figures
    if decision.verdict == "PROMOTE" and figures.champion_mse is not None:
        compared = seen.losses.compared
        test = paired_test((seen.losses.champion - seen.losses.candidate)[compared])
        if decision.reasons == ("superior",):
            assert figures.mse < figures.champion_mse
            assert figures.effect >= rules.min_effect
            assert figures.used == "plain" or test.passes(rules.level(figures.origins, seen.looks))
        else:
            assert decision.reasons == ("fresh",)
            assert seen.age > 0
            assert test.bounds(rules.alpha / seen.looks)[0] > -rules.margin * figures.champion_mse


@calm(200)
@given(seen=cases(SANE), policy=POLICIES)
def test_a_first_model_is_promoted_only_where_its_skill_stands_the_test(seen, policy):
    first = dataclasses.replace(seen, losses=losses(seen.losses.candidate, seen.losses.baseline), slices={})

    decision = decide(first, policy)

    if decision.verdict == "PROMOTE":
        assert decision.reasons == ("first",)
        beyond = (1 - policy.min_skill) * first.losses.baseline - first.losses.candidate
        bar = settled(policy).level(len(beyond), first.looks)
        assert decision.figures.used == "plain" or paired_test(beyond).passes(bar)


@calm(300)
@given(seen=cases(SANE), policy=POLICIES, power=st.integers(-60, 60))
def test_scaling_every_loss_changes_no_verdict(seen, policy, power):
    unit = 2.0**power
    rivals = dataclasses.replace(seen.losses, **scaled(seen.losses, unit))
    slices = {name: SliceLosses(**scaled(slice_, unit)) for name, slice_ in seen.slices.items()}

    here = decide(seen, policy)
    there = decide(dataclasses.replace(seen, losses=rivals, slices=slices), policy)

    assert (here.verdict, here.reasons) == (there.verdict, there.reasons)
    assert here.figures.effect == there.figures.effect
    assert (here.figures.statistic, here.figures.low) == (there.figures.statistic, there.figures.low)


@calm(400)
@given(data=st.data(), policy=POLICIES, age=st.integers(-9, 9), origins=st.sampled_from(ORIGINS))
def test_of_two_rivals_at_most_one_can_displace_the_other(data, policy, age, origins):
    # newer data may displace an equal model: only one of the two has the newer data
    one, other = data.draw(columns(SANE, 2, origins))
    floor = level(100.0, origins)

    forth = decide(evidence(losses=losses(one, floor, other), refresh=True, age=age), policy)
    back = decide(evidence(losses=losses(other, floor, one), refresh=True, age=-age), policy)

    assert (forth.verdict, back.verdict).count("PROMOTE") <= 1


@calm(300)
@given(seen=cases(), policy=POLICIES, more=st.sampled_from([2, 20, 1000]))
def test_more_looks_never_turn_a_refusal_into_a_promotion(seen, policy, more):
    early = decide(seen, policy)
    late = decide(dataclasses.replace(seen, looks=seen.looks * more), policy)

    if early.verdict != "PROMOTE":
        assert late.verdict != "PROMOTE"


@calm(100)
@given(rows=columns(SANE, 1, 40), policy=POLICIES, looks=LOOKS, age=st.integers(-9, 9))
def test_an_equal_model_is_promoted_for_newer_data_or_not_at_all(rows, policy, looks, age):
    (own,) = rows

    decision = decide(
        evidence(losses=losses(own, level(100.0), own), looks=looks, refresh=True, age=age), policy
    )

    assert decision.reasons in {("fresh",), ("inconclusive",)}
    assert decision.reasons == ("inconclusive",) or age > 0


@calm(100)
@given(candidate=SANE, champion=SANE, margin=st.floats(0, 0.9))
def test_the_plain_verdict_over_a_champion_is_the_margin_rule(candidate, champion, margin):
    seen = evidence(losses=losses([candidate], [100.0], [champion]))

    decision = decide(seen, GatePolicy(mode="plain", min_effect=margin))

    effect = 1 - candidate / champion
    wins = effect >= margin and effect > 0
    assert decision.verdict == ("PROMOTE" if wins else "REJECT" if effect < -margin else "INCONCLUSIVE")


@given(faults=st.tuples(*[st.booleans()] * 6))
def test_one_doubt_is_enough_to_keep_a_better_candidate_out(faults):
    broken, infinite, leaky, stale, late, unfit = faults
    seen = evidence(
        intact=not broken, finite=not infinite, leaky=leaky, stale=stale, newest=not late, unfit="no." * unfit
    )

    decision = decide(seen, GatePolicy())

    assert (decision.verdict == "PROMOTE") == (not any(faults))
