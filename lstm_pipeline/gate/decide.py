"""The decision: each rule in its order, each with its own reason, each written so that NaN is refused."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.gate.evidence import Decision, Evidence, Floats, GatePolicy, OriginLosses, Reason, Verdict
from lstm_pipeline.gate.scores import Scores
from lstm_pipeline.gate.sentence import DIVERGED, sentence

Judgement = tuple[Verdict, tuple[Reason, ...]]


def decide(evidence: Evidence, policy: GatePolicy) -> Decision:
    """Judge a candidate.

    The rules in their order: a package that is whole and finite, data that may be judged by, the floor of
    the best naive baseline, the cap, the champion. With a champion only those origins count, for all rivals,
    that neither model has learnt from. Every mode is decided by the plain rule: lower error by a margin.
    """
    scores = _compare(evidence.losses)
    verdict, reasons = _judge(evidence, policy, scores)
    return Decision(
        verdict=verdict,
        reasons=reasons,
        sentence=_sentence(evidence, reasons[0], scores, policy),
        mode=policy.mode,
        used="plain",
        origins=scores.origins,
        mse=scores.mse,
        champion_mse=scores.champion_mse,
        baseline_mse=scores.baseline_mse,
        effect=scores.effect,
        low=math.nan,
        high=math.nan,
    )


def _sentence(evidence: Evidence, reason: Reason, scores: Scores, policy: GatePolicy) -> str:
    if reason == "not_finite" and not evidence.sound:
        return DIVERGED
    succeeds = evidence.stranger and reason == "first"
    return sentence("succeeds" if succeeds else reason, scores, policy, evidence.test_mse)


def _judge(evidence: Evidence, policy: GatePolicy, scores: Scores) -> Judgement:
    return (
        _unfit(evidence)
        or _held(evidence)
        or _without_windows(scores)
        or _below_floor(scores, policy)
        or _above_cap(evidence.test_mse, policy.cap)
        or _against_champion(scores, policy)
    )


def _unfit(evidence: Evidence) -> Judgement | None:
    losses = evidence.losses
    if not evidence.intact:
        return "REJECT", ("integrity",)
    if losses is None or not np.any(_scored(losses)):
        return "HOLD", ("too_short",)
    if not evidence.sound:
        return "REJECT", ("not_finite",)
    if not (evidence.finite and np.all(np.isfinite(losses.candidate[_scored(losses)]))):
        return "REJECT", ("not_finite",)
    return None


def _held(evidence: Evidence) -> Judgement | None:
    doubts: dict[Reason, bool] = {
        "leaky_split": evidence.leaky,
        "stale_data": evidence.stale,
        "not_newest": not evidence.newest,
    }
    reasons: tuple[Reason, ...] = tuple(reason for reason, applies in doubts.items() if applies)
    return ("HOLD", reasons) if reasons else None


def _without_windows(scores: Scores) -> Judgement | None:
    return None if scores.origins else ("INCONCLUSIVE", ("no_clean_windows",))


def _below_floor(scores: Scores, policy: GatePolicy) -> Judgement | None:
    passed = scores.skill > policy.min_skill
    return None if passed else ("REJECT", ("below_floor",))


def _above_cap(test_mse: float, cap: float | None) -> Judgement | None:
    passed = cap is None or test_mse <= cap
    return None if passed else ("REJECT", ("cap",))


def _against_champion(scores: Scores, policy: GatePolicy) -> Judgement:
    if not scores.has_champion:
        return "PROMOTE", ("first",)
    # An equal model is not a better one, even where no margin is asked for.
    if scores.effect >= policy.min_effect and scores.effect > 0:
        return "PROMOTE", ("superior",)
    if scores.effect < -policy.min_effect:
        return "REJECT", ("worse",)
    return "INCONCLUSIVE", ("inconclusive",)


def _scored(losses: OriginLosses) -> NDArray[np.bool_]:
    """Origins with observed targets: (O,). The baseline always has a forecast, so that it tells."""
    return ~np.isnan(losses.baseline)


def _compare(losses: OriginLosses | None) -> Scores:
    """Mean losses of all rivals over the same origins."""
    if losses is None:
        return Scores(
            has_champion=False, origins=0, mse=math.nan, champion_mse=math.nan, baseline_mse=math.nan
        )
    compared = _scored(losses)
    if losses.champion is not None and losses.clean is not None:
        compared = compared & losses.clean & ~np.isnan(losses.champion)
    return Scores(
        has_champion=losses.champion is not None,
        origins=int(np.count_nonzero(compared)),
        mse=_mean(losses.candidate[compared]),
        champion_mse=math.nan if losses.champion is None else _mean(losses.champion[compared]),
        baseline_mse=_mean(losses.baseline[compared]),
    )


def _mean(losses: Floats) -> float:
    """Mean; NaN of nothing, infinite where the sum passes the range of a float."""
    with np.errstate(over="ignore"):
        return float(np.mean(losses)) if len(losses) else math.nan
