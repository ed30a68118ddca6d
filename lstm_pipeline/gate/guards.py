"""What stands watch over a promotion: better on the whole must not be bought with a part that gets worse."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from lstm_pipeline.gate.comparison import mean
from lstm_pipeline.gate.decision import Finding, Reason
from lstm_pipeline.gate.evidence import Evidence, Floats, OriginLosses, Pair, SliceLosses
from lstm_pipeline.gate.paired import paired_test
from lstm_pipeline.gate.policy import FEWEST, Rules

NEWEST = "newest quarter"


def watch(evidence: Evidence, rules: Rules, reason: Reason) -> tuple[Finding, ...]:
    """What each guard finds in a candidate that is about to be promoted for this reason."""
    losses = evidence.losses
    if losses is None or losses.champion is None:
        return ()
    slices = [_in_slice(name, part, rules) for name, part in _slices(evidence, losses)]
    allowed = rules.margin if reason == "fresh" else 0.0
    return (*_by_holm(slices, rules.alpha), *_whole(evidence, rules, allowed))


def _slices(evidence: Evidence, losses: OriginLosses) -> Iterator[tuple[str, SliceLosses]]:
    """Each slice with its losses on the compared origins."""
    counted = losses.compared
    # by name, as a record keeps them: a verdict that is made again finds its guards in the same order
    for name, part in sorted(evidence.slices.items()):
        seen = counted & ~np.isnan(part.candidate) & ~np.isnan(part.champion)
        yield name, SliceLosses(candidate=part.candidate[seen], champion=part.champion[seen])
    champion = losses.champion if losses.champion is not None else losses.candidate
    own, other = losses.candidate[counted], champion[counted]
    quarter = len(own) // 4
    if quarter:
        yield NEWEST, SliceLosses(candidate=own[-quarter:], champion=other[-quarter:])


def _in_slice(name: str, part: SliceLosses, rules: Rules) -> Finding:
    """One slice by itself; whether it passes is for all slices together to say."""
    return Finding(
        guard=name,
        candidate=_shown(mean(part.candidate)),
        champion=_shown(mean(part.champion)),
        origins=len(part.candidate),
        chance=_chance(part, rules.slice_margin) if len(part.candidate) >= FEWEST else None,
        passed=True,
    )


def _chance(part: SliceLosses, margin: float) -> float:
    """How often the slice would look so much worse were it not worse by the margin."""
    beyond: Floats = part.candidate - (1 + margin) * part.champion
    # a champion that is not finite anywhere cannot have been better there
    return paired_test(beyond).chance if np.isfinite(beyond).all() else 1.0


def _by_holm(slices: Sequence[Finding], alpha: float) -> Iterator[Finding]:
    """The same findings; those fail whose chance stands up to Holm's correction for their number."""
    tested = sorted((found.chance, place) for place, found in enumerate(slices) if found.chance is not None)
    failed: set[int] = set()
    for rank, (chance, place) in enumerate(tested):
        if not chance <= alpha / (len(tested) - rank):
            break
        failed.add(place)
    for place, found in enumerate(slices):
        yield replace(found, passed=place not in failed)


def _whole(evidence: Evidence, rules: Rules, allowed: float) -> Iterator[Finding]:
    """Guards over all compared windows at once."""
    if evidence.wide is not None and (beside := evidence.wide.beside) is not None:
        # origins a horizon apart may all lie on one hour of the day
        yield _found("all windows", beside, beside.candidate <= (1 + allowed) * beside.champion)
    if (tail := evidence.tail) is not None:
        yield _found("tail", tail, tail.candidate <= rules.tail_cap * tail.champion)
    if (bias := evidence.bias) is not None:
        yield _found("bias", bias, abs(bias.candidate) <= abs(bias.champion) + rules.bias_cap)


def _found(guard: str, pair: Pair, passed: bool) -> Finding:
    return Finding(
        guard=guard,
        candidate=_shown(pair.candidate),
        champion=_shown(pair.champion),
        origins=0,
        chance=None,
        passed=passed,
    )


def _shown(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None
