"""The decision in words that a person understands: verdict, reason, figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from lstm_pipeline.gate.case import Case, may_refresh
from lstm_pipeline.gate.comparison import gain
from lstm_pipeline.gate.decision import Finding, Reason
from lstm_pipeline.gate.evidence import Evidence
from lstm_pipeline.gate.policy import FEWEST, Rules

DIVERGED = (
    "Rejected: training diverged before a round had ended well; a lower training.learning_rate may help."
)
"""The sentence for a fit that never had weights worth judging."""
Telling = Reason | Literal["succeeds", "unsure", "too_few"]
"""A reason; `succeeds`: first, after a champion that cannot be compared; `unsure`: a first model whose
skill may be chance; `too_few`: some clean origins, too few to test on."""
_SENTENCES: Mapping[Telling, str] = {
    "too_short": "Held: no series has both windows to train on and observed targets to be judged by; see "
    "the reason beside each series, or hold out more in [split].",
    "integrity": "Rejected: the candidate's package does not load from its stored bytes unaltered: restore "
    "its folder under models/ from a copy, or delete it and run again.",
    "not_finite": "Rejected: not every forecast of the candidate is a finite number.",
    "leaky_split": "Held: the random split lets test targets into training; a leaky score is never promoted.",
    "stale_data": "Held: the newest row is older than the pipeline allows.",
    "not_newest": "Held: a forecast from later data is live already; a run with older data moves nothing.",
    "rolled_back": "Held: this very model was champion and was rolled back; only a person brings it back "
    "(models promote --force).",
    "no_clean_windows": "Inconclusive: no origin is left that neither has learnt from; the champion stays.",
    "too_few": "Inconclusive: {origins} left that neither has learnt from, and a test takes {fewest}; the "
    "champion stays.",
    "below_floor": "Rejected: its error {baseline} on {origins}{wide}; to pass it must lie {floor}.",
    "cap": "Rejected: its test MSE of {test_mse} does not lie within the cap of {cap}.",
    "first": "Promoted: the first model of this pipeline; its error {baseline} on {origins}{plainly}.",
    "succeeds": "Promoted: the champion knows none of these series; its error {baseline} on "
    "{origins}{plainly}.",
    "unsure": "Inconclusive: its error {baseline} on {origins}, which may be chance ({test}); nobody is "
    "promoted.",
    "superior": "Promoted: its error {champion} on {origins} {whose}{plainly}{looks}.",
    "fresh": "Promoted: it knows newer data, and is not worse than the champion by {loss} or more: its error "
    "{champion} on {origins} {whose}{looks}.",
    "worse": "Rejected: its error {champion} on {origins} {whose}{plainly}.",
    "inconclusive": "Inconclusive: its error {champion} on {origins} {whose}{why}{plainly}; the champion "
    "stays.",
    "slice": "Rejected: its error {champion} on {origins} {whose}, but {guard}; the champion stays.",
}
_WHOSE = {
    "clean": "that neither has learnt from",
    "tested": "that neither it nor the champion as it was tested has learnt from",
    "published": "of which the champion's recipe had published forecasts",
    "refit": "against the champion's recipe trained on the same data",
    "untold": "of which nobody tells who has learnt from them",
}


UNTOLD = "; unverified, as the command of a model does not say what it has learnt from."


def sentence_of(
    reason: Reason, evidence: Evidence, rules: Rules, case: Case, guards: Sequence[Finding]
) -> str:
    """The sentence for the first reason of a decision."""
    if reason == "not_finite" and not evidence.sound:
        return DIVERGED
    if reason == "stale_data" and evidence.unfit:
        return f"Held: {evidence.unfit}"
    compared = case.compared
    said = _SENTENCES[_telling(reason, evidence, case)]
    return (said if evidence.told else said.removesuffix(".") + UNTOLD).format(
        baseline=_place(compared.skill, compared.baseline_mse, "the best naive baseline's"),
        champion=_place(compared.effect, compared.champion_mse, "the champion's"),
        origins=_origins(compared.origins),
        fewest=FEWEST,
        floor=_floor(rules.min_skill),
        wide=_wide(evidence),
        test_mse=f"{evidence.test_mse:.4g}",
        cap="none" if rules.cap is None else f"{rules.cap:.4g}",
        whose=_WHOSE[evidence.source],
        test=_test(case),
        why=_why(evidence, rules, case),
        plainly=_plainly(rules, case),
        looks=_looks(evidence),
        loss=_percent(rules.margin),
        guard=" and ".join(_guard(found) for found in guards if not found.passed),
    )


def _telling(reason: Reason, evidence: Evidence, case: Case) -> Telling:
    if reason == "first" and evidence.stranger:
        return "succeeds"
    if reason == "no_clean_windows" and case.compared.origins:
        return "too_few"
    if reason == "inconclusive" and not case.compared.has_champion:
        return "unsure"
    return reason


def _origins(many: int) -> str:
    return "1 origin" if many == 1 else f"{many} origins"


def _wide(evidence: Evidence) -> str:
    """How it stands over all windows, where that is not the same."""
    wide = evidence.wide
    if wide is None:
        return ""
    return f" and {_place(gain(wide.mse, wide.baseline_mse), wide.baseline_mse, 'it')} over all test windows"


def _test(case: Case) -> str:
    """What the test found, and what it asks for."""
    if case.test is None:
        return "nothing was tested"
    needed = case.test.critical(case.level)
    if math.isinf(needed):
        return "after so many candidates on these windows no difference is sure enough"
    return f"t = {case.test.statistic:.2f}, and {needed:.2f} is needed"


def _why(evidence: Evidence, rules: Rules, case: Case) -> str:
    """What a promotion takes; where newer data alone would do, that too."""
    margin = f"at least {_percent(rules.min_effect)} less" if rules.min_effect > 0 else "less than that"
    if case.test is None:
        return f", and a promotion takes {margin}"
    kept = f"that it is not {_percent(rules.margin)} worse" if may_refresh(evidence, rules) else ""
    if not case.test.passes(case.level) and case.compared.effect > 0:
        also = f", and {kept} is not sure either" if kept else ""
        return f", which may be chance ({_test(case)}){also}"
    return f", and a promotion takes {margin}" + (f" or the certainty {kept}" if kept else "")


def _plainly(rules: Rules, case: Case) -> str:
    """That nothing was tested, where the mode asks for it."""
    if case.used == rules.mode:
        return ""
    return f" (judged by the plain rule: a test takes {FEWEST} origins)"


def _looks(evidence: Evidence) -> str:
    if evidence.looks == 1:
        return ""
    return f", as candidate {evidence.looks} on these windows"


def _guard(found: Finding) -> str:
    """What a guard holds against the candidate."""
    mine, theirs = (math.nan if figure is None else figure for figure in (found.candidate, found.champion))
    if found.guard == "tail":
        return f"its largest errors reach {mine:.3g} deviations where the champion's reach {theirs:.3g}"
    if found.guard == "bias":
        return f"it is off by {mine:+.3g} deviations on average where the champion is by {theirs:+.3g}"
    where = "over all test windows" if found.guard == "all windows" else f"in {found.guard}"
    return f"{_place(gain(mine, theirs), theirs, 'it')} {where}"


def _place(share: float, reference: float, whose: str) -> str:
    """Where an error lies, seen from another's: "is 12.3 % below the champion's"."""
    if math.isnan(share):
        return f"cannot be compared with {whose}, which is {reference:.4g},"
    if math.isinf(reference):
        return f"is finite and {whose} is not,"
    if math.isinf(share):
        return f"is above {whose}, which is {reference:.4g},"
    if share == 0:
        return f"is equal to {whose}"
    return f"is {_percent(abs(share))} {'below' if share > 0 else 'above'} {whose}"


def _floor(min_skill: float) -> str:
    if min_skill == 0:
        return "below that"
    side = "more than {} below it" if min_skill > 0 else "less than {} above it"
    return side.format(_percent(abs(min_skill)))


def _percent(share: float) -> str:
    """Three digits that count; thousands with separators."""
    return f"{100 * share:,.0f} %" if share >= 10 else f"{100 * share:.3g} %"
