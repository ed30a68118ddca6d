"""The decision: each rule in its order, each with its own reason, each written so that NaN is refused."""

from __future__ import annotations

import numpy as np

from lstm_pipeline.gate.case import Case, case_of, may_refresh
from lstm_pipeline.gate.comparison import gain
from lstm_pipeline.gate.decision import Decision, Finding, Reason, Verdict
from lstm_pipeline.gate.evidence import Evidence
from lstm_pipeline.gate.figures import figures_of
from lstm_pipeline.gate.guards import watch
from lstm_pipeline.gate.paired import PairedTest
from lstm_pipeline.gate.policy import GatePolicy, Rules, settled
from lstm_pipeline.gate.sentence import sentence_of

Judgement = tuple[Verdict, tuple[Reason, ...]]

_SLICE: Judgement = ("REJECT", ("slice",))


def decide(evidence: Evidence, policy: GatePolicy) -> Decision:
    """Judge a candidate.

    The rules in their order: a package that is whole and finite, data that may be judged by, the floor of
    the best naive baseline, the cap, the champion, and guards over what would be promoted. With a champion
    only those origins count, for all rivals, that neither model has learnt from.
    """
    rules = settled(policy)
    case = case_of(evidence, rules)
    (verdict, reasons), guards = _guarded(evidence, rules, case)
    return Decision(
        verdict=verdict,
        reasons=reasons,
        sentence=sentence_of(reasons[0], evidence, rules, case, guards),
        figures=figures_of(case, evidence, rules),
        guards=guards,
    )


def ruling(evidence: Evidence, policy: GatePolicy) -> Judgement:
    """Verdict and reasons alone, without the words and figures of a decision."""
    rules = settled(policy)
    return _guarded(evidence, rules, case_of(evidence, rules))[0]


def _guarded(evidence: Evidence, rules: Rules, case: Case) -> tuple[Judgement, tuple[Finding, ...]]:
    """The judgement, and what stood watch over it."""
    judgement = _judge(evidence, rules, case)
    watched = judgement[0] == "PROMOTE" and case.used != "plain"
    guards = watch(evidence, rules) if watched else ()
    return (judgement if all(found.passed for found in guards) else _SLICE), guards


def _judge(evidence: Evidence, rules: Rules, case: Case) -> Judgement:
    return (
        _unfit(evidence)
        or _held(evidence)
        or _below_floor(evidence, rules, case)
        or _above_cap(evidence.test_mse, rules.cap)
        or _against_champion(evidence, rules, case)
    )


def _unfit(evidence: Evidence) -> Judgement | None:
    losses = evidence.losses
    # first: a damaged package is not scored, and would pass for one that was too short to test
    if not evidence.intact:
        return "REJECT", ("integrity",)
    if losses is None or not np.any(losses.scored):
        return "HOLD", ("too_short",)
    if not evidence.sound:
        return "REJECT", ("not_finite",)
    if not (evidence.finite and np.all(np.isfinite(losses.candidate[losses.scored]))):
        return "REJECT", ("not_finite",)
    return None


def _held(evidence: Evidence) -> Judgement | None:
    doubts: dict[Reason, bool] = {
        "leaky_split": evidence.leaky,
        "stale_data": evidence.stale or bool(evidence.unfit),
        "not_newest": not evidence.newest,
        "rolled_back": evidence.rolled_back,
    }
    reasons: tuple[Reason, ...] = tuple(reason for reason, applies in doubts.items() if applies)
    return ("HOLD", reasons) if reasons else None


def _below_floor(evidence: Evidence, rules: Rules, case: Case) -> Judgement | None:
    wide, compared = evidence.wide, case.compared
    # over all windows too: compared origins may all lie on one hour, and a champion may not know every series
    skills = [gain(wide.mse, wide.baseline_mse)] if wide is not None else []
    skills += [compared.skill] if compared.origins else []
    passed = all(skill > rules.min_skill for skill in skills)
    return None if passed else ("REJECT", ("below_floor",))


def _above_cap(test_mse: float, cap: float | None) -> Judgement | None:
    passed = cap is None or test_mse <= cap
    return None if passed else ("REJECT", ("cap",))


def _against_champion(evidence: Evidence, rules: Rules, case: Case) -> Judgement:
    if not case.compared.origins:
        return "INCONCLUSIVE", ("no_clean_windows",)
    if case.used == "plain":
        return _plain(rules, case)
    if np.isposinf(case.compared.champion_mse):
        return "PROMOTE", ("superior",)
    # the test part would hold more: what is left of it is too little to tell luck from skill
    if case.test is None:
        return "INCONCLUSIVE", ("no_clean_windows",)
    if not case.compared.has_champion:
        return (
            ("PROMOTE", ("first",)) if case.test.passes(case.level) else ("INCONCLUSIVE", ("inconclusive",))
        )
    return _tested(evidence, rules, case, case.test)


def _plain(rules: Rules, case: Case) -> Judgement:
    """Lower error by a margin, whatever chance has to do with it."""
    if not case.compared.has_champion:
        return "PROMOTE", ("first",)
    # An equal model is not a better one, even where no margin is asked for.
    if case.compared.effect >= rules.min_effect and case.compared.effect > 0:
        return "PROMOTE", ("superior",)
    # between the margins neither is known to be better: the champion stays, and nobody is called worse
    if case.compared.effect < -rules.min_effect:
        return "REJECT", ("worse",)
    return "INCONCLUSIVE", ("inconclusive",)


def _tested(evidence: Evidence, rules: Rules, case: Case, test: PairedTest) -> Judgement:
    """The paired test, and the lane of those that need only not be worse."""
    effect = case.compared.effect
    if test.passes(case.level) and effect >= rules.min_effect and effect > 0:
        return "PROMOTE", ("superior",)
    # whatever the looks: they make it harder to pass for better, and none may be worse for that
    worse = test.critical(rules.level(test.origins, looks=1))
    if -test.statistic > worse and effect < -rules.min_effect:
        return "REJECT", ("worse",)
    # A bound and not the effect itself: on few origins anything may look about as good. Its level is not
    # lowered for them: that keeps chance from passing for superiority, and an equal newer model is welcome.
    kept = test.bounds(rules.alpha / evidence.looks)[0] > -rules.margin * case.compared.champion_mse
    if may_refresh(evidence, rules) and kept:
        return "PROMOTE", ("fresh",)
    return "INCONCLUSIVE", ("inconclusive",)
