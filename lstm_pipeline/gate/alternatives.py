"""What other thresholds would have said of the same evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lstm_pipeline.gate.comparison import compare
from lstm_pipeline.gate.decide import ruling
from lstm_pipeline.gate.decision import Verdict
from lstm_pipeline.gate.evidence import Evidence
from lstm_pipeline.gate.policy import GatePolicy, Mode

MODES: tuple[Mode, ...] = ("plain", "standard", "strict")
ALPHAS = (0.2, 0.1, 0.05, 0.01)
EFFECTS = (0.0, 0.005, 0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One other way to judge, and its verdict."""

    rule: str
    verdict: Verdict
    reason: str
    """The first of its reasons; empty for a rule that gives none."""


def alternatives(evidence: Evidence, policy: GatePolicy) -> tuple[Alternative, ...]:
    """The verdicts of other modes, levels and margins, and of the rule that is usual elsewhere."""
    return (_lower_wins(evidence), *_others(evidence, policy))


def _lower_wins(evidence: Evidence) -> Alternative:
    """Lower test error wins, over all that was scored; a first model always does."""
    losses = evidence.losses
    if losses is None:
        return Alternative(rule="lower MSE wins", verdict="HOLD", reason="")
    every = losses if losses.clean is None else replace(losses, clean=losses.scored)
    compared = compare(every)
    # written as it is found elsewhere, where nobody asks whether an error is a number at all
    stays = compared.has_champion and compared.mse >= compared.champion_mse
    return Alternative(rule="lower MSE wins", verdict="REJECT" if stays else "PROMOTE", reason="")


def _others(evidence: Evidence, policy: GatePolicy) -> Iterator[Alternative]:
    for mode in MODES:
        yield _judged(f"mode {mode}", evidence, _usual(mode, policy))
    for alpha in ALPHAS:
        yield _judged(f"alpha {alpha:g}", evidence, replace(policy, alpha=alpha))
    for effect in EFFECTS:
        yield _judged(f"min_effect {effect:g}", evidence, replace(policy, min_effect=effect))
    yield _judged("refresh superior", evidence, replace(policy, refresh="superior"))
    yield _judged("refresh noninferior", evidence, replace(policy, refresh="noninferior"))
    if evidence.looks > 1:
        yield _judged("as if it were the first candidate", replace(evidence, looks=1), policy)


def _usual(mode: Mode, policy: GatePolicy) -> GatePolicy:
    """Another mode with its own knobs, and this policy's floor and cap."""
    return GatePolicy(mode=mode, min_skill=policy.min_skill, cap=policy.cap)


def _judged(rule: str, evidence: Evidence, policy: GatePolicy) -> Alternative:
    verdict, reasons = ruling(evidence, policy)
    return Alternative(rule=rule, verdict=verdict, reason=reasons[0])
