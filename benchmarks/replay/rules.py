"""The rules of promotion that are held against each other: the usual ones, the gate, and the gate otherwise set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from lstm_pipeline.gate import Decision, Evidence, GatePolicy, decide

Refit = Literal["none", "parent", "contest"]
"""none: the tested model publishes. parent: its child does, and the next candidate meets the tested parent.
contest: its child does, and the next candidate meets it by the rules of the pipeline's contest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What a rule may look at."""

    evidence: Evidence
    stored: float
    """The champion's scaled test error as it was stored when it was a candidate."""
    every: int
    """Steps between two retrainings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a rule says."""

    promotes: bool
    decision: Decision | None = None
    """Of the gate; None for a rule without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of promotion."""

    name: str
    judge: Callable[[Meeting], Ruling]
    refit: Refit = "none"


def _never(meeting: Meeting) -> Ruling:
    return Ruling(promotes=False)


def _always(meeting: Meeting) -> Ruling:
    return Ruling(promotes=True)


def _lower(meeting: Meeting) -> Ruling:
    """Lower mean error over all test windows, the champion scored on the candidate's."""
    wide = meeting.evidence.wide
    beside = wide.beside if wide is not None else None
    return Ruling(promotes=beside is not None and beside.candidate < beside.champion)


def _stored(meeting: Meeting) -> Ruling:
    """Lower test error than the champion's own, each on its own test part."""
    wide = meeting.evidence.wide
    return Ruling(promotes=wide is not None and wide.mse < meeting.stored)


def gate(policy: GatePolicy) -> Callable[[Meeting], Ruling]:
    """The gate under a policy."""

    def judge(meeting: Meeting) -> Ruling:
        decision = decide(meeting.evidence, policy)
        return Ruling(promotes=decision.verdict == "PROMOTE", decision=decision)

    return judge


def _aging(retrainings: int, margin: float = 0.025) -> Callable[[Meeting], Ruling]:
    """Superiority, and after so many retrainings any candidate that is not inferior."""

    def judge(meeting: Meeting) -> Ruling:
        policy = GatePolicy(refresh="superior", max_age=retrainings * meeting.every, margin=margin)
        return gate(policy)(meeting)

    return judge


def _unguarded(policy: GatePolicy) -> Callable[[Meeting], Ruling]:
    """The same decision before any guard looks at it: guards that nothing can fail."""
    open_ = replace(policy, slice_margin=1e9, tail_cap=1e9, bias_cap=1e9)

    def judge(meeting: Meeting) -> Ruling:
        wide = meeting.evidence.wide
        bare = replace(wide, beside=None) if wide is not None else None
        return gate(open_)(replace(meeting, evidence=replace(meeting.evidence, wide=bare)))

    return judge


def _floor_for_both(policy: GatePolicy) -> Callable[[Meeting], Ruling]:
    """No floor where the champion lies below it on the same windows."""

    def judge(meeting: Meeting) -> Ruling:
        figures = decide(meeting.evidence, policy).figures
        theirs, naive = figures.champion_mse, figures.baseline_mse
        passes = theirs is not None and naive is not None and theirs < (1 - policy.min_skill) * naive
        return gate(policy if passes else replace(policy, min_skill=ANY))(meeting)

    return judge


ANY = -1e9
"""A floor that any finite model passes."""
NEVER = Rule(name="never", judge=_never)
ALWAYS = Rule(name="always", judge=_always)
LOWER = Rule(name="lower MSE", judge=_lower)
STORED = Rule(name="stored score", judge=_stored)
OURS = Rule(name="ours", judge=gate(GatePolicy()))
OTHERS = (NEVER, ALWAYS, LOWER, STORED)

SUPERIOR = GatePolicy(refresh="superior")
VARIANTS = (
    Rule(name="refresh superior", judge=gate(SUPERIOR)),
    *(
        Rule(name=f"noninferior, margin {100 * margin:g} %", judge=gate(GatePolicy(margin=margin)))
        for margin in (0.0, 0.01, 0.05, 0.1)
    ),
    *(Rule(name=f"superior, max_age {age}", judge=_aging(age)) for age in (4, 8, 13)),
    *(Rule(name=f"superior, max_age {age}, margin 5 %", judge=_aging(age, 0.05)) for age in (4, 8)),
    *(
        Rule(name=f"{kind}, alpha {100 * alpha:g} %", judge=gate(GatePolicy(refresh=kind, alpha=alpha)))
        for kind in ("noninferior", "superior")
        for alpha in (0.05, 0.2)
    ),
    Rule(name="strict", judge=gate(GatePolicy(mode="strict"))),
    Rule(name="plain", judge=gate(GatePolicy(mode="plain"))),
    Rule(name="ours without the floor", judge=gate(GatePolicy(min_skill=ANY))),
    Rule(name="superior without the floor", judge=gate(GatePolicy(refresh="superior", min_skill=ANY))),
    Rule(name="ours, floor only if the champion passes", judge=_floor_for_both(GatePolicy())),
    Rule(name="superior, floor only if the champion passes", judge=_floor_for_both(SUPERIOR)),
    Rule(name="ours without guards", judge=_unguarded(GatePolicy())),
    Rule(name="superior without guards", judge=_unguarded(SUPERIOR)),
)
REFITS = (
    replace(NEVER, name="never, refit", refit="parent"),
    replace(ALWAYS, name="always, refit", refit="parent"),
    replace(LOWER, name="lower MSE, refit", refit="parent"),
    replace(OURS, name="ours, refit, parent met", refit="parent"),
    replace(OURS, name="ours, refit, by contest", refit="contest"),
    Rule(name="superior, refit, parent met", judge=gate(SUPERIOR), refit="parent"),
    Rule(name="superior, refit, by contest", judge=gate(SUPERIOR), refit="contest"),
)
