"""What a comparison comes to: the verdict, what other thresholds had said, what to bear in mind."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstm_pipeline.gate import Decision, GatePolicy, Grade, Verdict
from lstm_pipeline.versus.contest import Contest, decide
from lstm_pipeline.versus.forecasts import Forecasts, stamp
from lstm_pipeline.versus.matching import LeftOut, Matched

ALPHAS, EFFECTS = (0.01, 0.05, 0.1, 0.2), (0.0, 0.005, 0.02)
UNVERIFIED = "nobody can tell whether a model has learnt from these windows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One of the two models."""

    source: str
    model: str
    data_end: str | None
    """Newest step that it has learnt from; None where nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """What other thresholds would have said."""

    mode: str
    alpha: float | None
    """None where nothing is tested."""
    min_effect: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A verdict with all that it rests on."""

    champion: Rival
    candidate: Rival
    grade: Grade
    decision: Decision
    contest: Contest
    others: tuple[Other, ...]
    scale: str
    """What errors are divided by."""
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    """What to bear in mind, as sentences."""


def rival_of(frame: Forecasts) -> Rival:
    """A model as a comparison names it."""
    end = None if frame.data_end is None else stamp(int(frame.data_end.max()), frame.dated)
    return Rival(source=frame.source, model=frame.model, data_end=end)


def compared(
    rivals: tuple[Rival, Rival], contest: Contest, matched: Matched, policy: GatePolicy, *, scale: str
) -> Compared:
    """Judge a contest of (champion, candidate), and say what else is to be said."""
    champion, candidate = rivals
    grade: Grade = "verified" if matched.told else "unverified"
    return Compared(
        champion=champion,
        candidate=candidate,
        grade=grade,
        decision=decide(contest, policy),
        contest=contest,
        others=tuple(_others(contest, policy)),
        scale=scale,
        left_out=matched.left_out,
        notes=tuple(_notes(contest, matched, grade, scale)),
    )


def _others(contest: Contest, policy: GatePolicy) -> Iterator[Other]:
    for effect in EFFECTS:
        plain = dataclasses.replace(policy, mode="plain", min_effect=effect)
        yield Other(mode="plain", alpha=None, min_effect=effect, verdict=decide(contest, plain).verdict)
    mode = "strict" if policy.mode == "strict" else "standard"
    for alpha in ALPHAS:
        for effect in EFFECTS:
            tested = dataclasses.replace(policy, mode=mode, alpha=alpha, min_effect=effect)
            verdict = decide(contest, tested).verdict
            yield Other(mode=mode, alpha=alpha, min_effect=effect, verdict=verdict)


def _notes(contest: Contest, matched: Matched, grade: Grade, scale: str) -> Iterator[str]:
    if grade == "unverified":
        yield f"Unverified: {UNVERIFIED}. Name the newest step that each has learnt from, as data_end."
    yield f"Origins are cutoffs one horizon apart or more, from the newest on: {len(contest.cutoffs):,}."
    yield f"Errors are divided by {scale}, so that every series weighs the same."
    if failed := int(np.count_nonzero(~np.isfinite(matched.champion))):
        yield f"{failed:,} forecasts of the champion are not finite numbers: there it loses infinitely."
    if contest.dropped:
        yield f"{contest.dropped:,} cutoffs are no origins: their windows overlap with those of a newer one."
    if contest.taught:
        yield f"{contest.taught:,} origins are left out: by its data_end a model has learnt a step of them."
    if not contest.floored:
        yield "No baseline was named, so that no floor was asked: both models may be worse than a naive one."
    if contest.flat:
        many = f"{len(contest.flat):,} series never change there and have no scale"
        yield f"{many}: not compared ({', '.join(contest.flat[:5])})."
    for left in matched.left_out:
        yield f"{left.rows:,} rows are not compared, as {left.why}: first {left.shown[0]}."
    yield "Whether this candidate is the first that these windows were shown to, nobody but you can tell."
