"""What stands watch over a promotion: better on the whole must not be bought with a part that gets worse."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from lstm_pipeline.gate.comparison import finite, mean
from lstm_pipeline.gate.decision import Finding
from lstm_pipeline.gate.evidence import Evidence, Floats, OriginLosses, Pair, SliceLosses
from lstm_pipeline.gate.paired import paired_test
from lstm_pipeline.gate.policy import FEWEST, Rules

NEWEST = "newest quarter"


def watch(evidence: Evidence, rules: Rules) -> tuple[Finding, ...]:
    """What each guard finds in a candidate that is about to be promoted."""
    losses = evidence.losses
    if losses is None or losses.champion is None:
        return ()
    slices = [_in_slice(name, part, rules) for name, part in _slices(evidence, losses)]
    return (*_by_holm(slices, rules.alpha), *_whole(evidence, rules))


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
        candidate=finite(mean(part.candidate)),
        champion=finite(mean(part.champion)),
        origins=len(part.candidate),
        chance=_chance(part, rules.slice_margin) if len(part.candidate) >= FEWEST else None,
        passed=True,
    )


def _chance(part: SliceLosses, margin: float) -> float:
    """How often the slice would look so much worse were it not worse by the margin."""
    with np.errstate(over="ignore", invalid="ignore"):
        beyond: Floats = part.candidate - (1 + margin) * part.champion
    if np.isfinite(beyond).all():
        return paired_test(beyond).chance
    # whoever is not finite where the other is lost there for certain
    return 0.0 if np.isposinf(beyond).any() else 1.0


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


def _whole(evidence: Evidence, rules: Rules) -> Iterator[Finding]:
    """Guards over all compared windows at once."""
    if evidence.wide is not None and (beside := evidence.wide.beside) is not None:
        # origins a horizon apart may all lie on one hour of the day; not to the last digit, as most that
        # failed here by less proved better afterwards (benchmarks/results/retrainings.md)
        yield _found("all windows", beside, (1 + rules.margin) * beside.champion)
    if (tail := evidence.tail) is not None:
        yield _found("tail", tail, rules.tail_cap * tail.champion)
    if (bias := evidence.bias) is not None:
        yield _found("bias", bias, abs(bias.champion) + rules.bias_cap)


def _found(guard: str, pair: Pair, limit: float) -> Finding:
    """A figure of the candidate against the largest that is let through."""
    # a champion whose own figure is not finite would set no limit that can be kept, and stay for ever
    within = abs(pair.candidate) <= limit or not math.isfinite(pair.champion)
    return Finding(
        guard=guard,
        candidate=finite(pair.candidate),
        champion=finite(pair.champion),
        origins=0,
        chance=None,
        passed=math.isfinite(pair.candidate) and within,
    )
