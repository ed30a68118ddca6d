"""The decision: each rule in its order, each with its own reason, each written so that NaN is refused."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.gate.comparison import Comparison
from lstm_pipeline.gate.evidence import Decision, Evidence, Floats, GatePolicy, OriginLosses, Reason, Verdict
from lstm_pipeline.gate.sentence import DIVERGED, sentence

Judgement = tuple[Verdict, tuple[Reason, ...]]


def decide(evidence: Evidence, policy: GatePolicy) -> Decision:
    """Judge a candidate.

    The rules in their order: a package that is whole and finite, data that may be judged by, the floor of
    the best naive baseline, the cap, the champion. With a champion only those origins count, for all rivals,
    that neither model has learnt from. Every mode is decided by the plain rule: lower error by a margin.
    """
    compared = _compare(evidence.losses)
    verdict, reasons = _judge(evidence, policy, compared)
    return Decision(
        verdict=verdict,
        reasons=reasons,
        sentence=_sentence(evidence, reasons[0], compared, policy),
        mode=policy.mode,
        used="plain",
        origins=compared.origins,
        mse=compared.mse,
        champion_mse=compared.champion_mse,
        baseline_mse=compared.baseline_mse,
        effect=compared.effect,
        low=math.nan,
        high=math.nan,
    )


def _sentence(evidence: Evidence, reason: Reason, compared: Comparison, policy: GatePolicy) -> str:
    if reason == "not_finite" and not evidence.sound:
        return DIVERGED
    succeeds = evidence.stranger and reason == "first"
    return sentence("succeeds" if succeeds else reason, compared, policy, evidence.test_mse)


def _judge(evidence: Evidence, policy: GatePolicy, compared: Comparison) -> Judgement:
    return (
        _unfit(evidence)
        or _held(evidence)
        or _without_windows(compared)
        or _below_floor(compared, policy)
        or _above_cap(evidence.test_mse, policy.cap)
        or _against_champion(compared, policy)
    )


def _unfit(evidence: Evidence) -> Judgement | None:
    losses = evidence.losses
    # first: a damaged package is not scored, and would pass for one that was too short to test
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
        "rolled_back": evidence.rolled_back,
    }
    reasons: tuple[Reason, ...] = tuple(reason for reason, applies in doubts.items() if applies)
    return ("HOLD", reasons) if reasons else None


def _without_windows(compared: Comparison) -> Judgement | None:
    return None if compared.origins else ("INCONCLUSIVE", ("no_clean_windows",))


def _below_floor(compared: Comparison, policy: GatePolicy) -> Judgement | None:
    passed = compared.skill > policy.min_skill
    return None if passed else ("REJECT", ("below_floor",))


def _above_cap(test_mse: float, cap: float | None) -> Judgement | None:
    passed = cap is None or test_mse <= cap
    return None if passed else ("REJECT", ("cap",))


def _against_champion(compared: Comparison, policy: GatePolicy) -> Judgement:
    if not compared.has_champion:
        return "PROMOTE", ("first",)
    # An equal model is not a better one, even where no margin is asked for.
    if compared.effect >= policy.min_effect and compared.effect > 0:
        return "PROMOTE", ("superior",)
    # between the margins neither is known to be better: the champion stays, and nobody is called worse
    if compared.effect < -policy.min_effect:
        return "REJECT", ("worse",)
    return "INCONCLUSIVE", ("inconclusive",)


def _scored(losses: OriginLosses) -> NDArray[np.bool_]:
    """Origins with observed targets: (O,). The baseline always has a forecast, so that it tells."""
    return ~np.isnan(losses.baseline)


def _compare(losses: OriginLosses | None) -> Comparison:
    """Mean losses of all rivals over the same origins."""
    if losses is None:
        return Comparison(
            has_champion=False, origins=0, mse=math.nan, champion_mse=math.nan, baseline_mse=math.nan
        )
    counted = _scored(losses)
    if losses.champion is not None and losses.clean is not None:
        counted = counted & losses.clean & ~np.isnan(losses.champion)
    return Comparison(
        has_champion=losses.champion is not None,
        origins=int(np.count_nonzero(counted)),
        mse=_mean(losses.candidate[counted]),
        champion_mse=math.nan if losses.champion is None else _mean(losses.champion[counted]),
        baseline_mse=_mean(losses.baseline[counted]),
    )


def _mean(losses: Floats) -> float:
    """Mean; NaN of nothing, infinite where the sum passes the range of a float."""
    with np.errstate(over="ignore"):
        return float(np.mean(losses)) if len(losses) else math.nan
