"""The decision in words that a person understands: verdict, reason, figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from lstm_pipeline.gate.comparison import Comparison
from lstm_pipeline.gate.evidence import GatePolicy, Reason

DIVERGED = (
    "Rejected: training diverged before a round had ended well; a lower training.learning_rate may help."
)
"""The sentence for a fit that never had weights worth judging."""
Telling = Reason | Literal["succeeds"]
"""A reason; `succeeds` is `first` after a champion that cannot be compared."""
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
    "below_floor": "Rejected: its error {baseline} on {origins}; to pass it must lie {floor}.",
    "cap": "Rejected: its test MSE of {test_mse} does not lie within the cap of {cap}.",
    "first": "Promoted: the first model of this pipeline; its error {baseline} on {origins}.",
    "succeeds": "Promoted: the champion knows none of these series; its error {baseline} on {origins}.",
    "superior": "Promoted: its error {champion} on {origins} that neither has learnt from.",
    "worse": "Rejected: its error {champion} on {origins} that neither has learnt from.",
    "inconclusive": "Inconclusive: its error {champion} on {origins} that neither has learnt from, and a "
    "promotion takes {margin}; the champion stays.",
}


def sentence(reason: Telling, compared: Comparison, policy: GatePolicy, test_mse: float) -> str:
    """The sentence for the first reason of a decision."""
    return _SENTENCES[reason].format(
        baseline=_place(compared.skill, compared.baseline_mse, "the best naive baseline's"),
        champion=_place(compared.effect, compared.champion_mse, "the champion's"),
        origins="1 origin" if compared.origins == 1 else f"{compared.origins} origins",
        floor=_floor(policy.min_skill),
        margin=f"at least {_percent(policy.min_effect)} less" if policy.min_effect > 0 else "less than that",
        test_mse=f"{test_mse:.4g}",
        cap="none" if policy.cap is None else f"{policy.cap:.4g}",
    )


def _place(gain: float, reference: float, whose: str) -> str:
    """Where an error lies, seen from another's: "is 12.3 % below the champion's"."""
    if math.isnan(gain):
        return f"cannot be compared with {whose}, which is {reference:.4g},"
    if math.isinf(reference):
        return f"is finite and {whose} is not,"
    if math.isinf(gain):
        return f"is above {whose}, which is {reference:.4g},"
    if gain == 0:
        return f"is equal to {whose}"
    return f"is {_percent(abs(gain))} {'below' if gain > 0 else 'above'} {whose}"


def _floor(min_skill: float) -> str:
    if min_skill == 0:
        return "below that"
    side = "more than {} below it" if min_skill > 0 else "less than {} above it"
    return side.format(_percent(abs(min_skill)))


def _percent(share: float) -> str:
    """Three digits that count; thousands with separators."""
    return f"{100 * share:,.0f} %" if share >= 10 else f"{100 * share:.3g} %"
