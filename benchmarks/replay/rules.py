"""The rules of promotion that are held against each other: the usual ones, the gate, and the gate otherwise set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from lstm_pipeline.gate import Decision, Evidence, GatePolicy, decide

Refit = Literal["none", "parent", "contest", "published"]
"""none: the tested model publishes. In the others its child does, and the next candidate meets: the tested parent;
whoever the pipeline's contest chooses; or, without the parent, what was published or a stand-in."""


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


def _lane(parts: float, **knobs: Any) -> Callable[[Meeting], Ruling]:
    """Superiority, and after so many test parts any candidate that is not inferior."""

    def judge(meeting: Meeting) -> Ruling:
        age = max(1, round(parts * meeting.evidence.span))
        return gate(_superior(**{"max_age": age, **knobs}))(meeting)

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


ANY, EVER = -1e9, 10**9
"""A floor that any finite model passes, and an age that no champion reaches."""
NEVER = Rule(name="never", judge=_never)
ALWAYS = Rule(name="always", judge=_always)
LOWER = Rule(name="lower MSE", judge=_lower)
STORED = Rule(name="stored score", judge=_stored)
OURS = Rule(name="ours", judge=gate(GatePolicy()), refit="published")
"""As it ships: a promoted recipe is trained to the end of its data."""
BARE = Rule(name="ours, no refit", judge=gate(GatePolicy()))
OTHERS = (NEVER, ALWAYS, LOWER, STORED)


def _superior(**knobs: Any) -> GatePolicy:
    """Superiority for ever: no lane for old champions."""
    return GatePolicy(**{"refresh": "superior", "max_age": EVER, **knobs})


def _fresh(**knobs: Any) -> GatePolicy:
    """The champion's own recipe on newer data need only be noninferior; no lane for others."""
    return GatePolicy(**{"refresh": "noninferior", "max_age": EVER, **knobs})


def _rule(name: str, policy: GatePolicy, refit: Refit = "published") -> Rule:
    return Rule(name=name, judge=gate(policy), refit=refit)


MARGINS, AGES, PARTS, ALPHAS = (0.0, 0.005, 0.01, 0.025, 0.05), (4, 13), (1, 2, 3), (0.05, 0.2)
VARIANTS = (
    _rule("superior", _superior()),
    *(_rule(f"superior, alpha {100 * alpha:g} %", _superior(alpha=alpha)) for alpha in ALPHAS),
    *(_rule(f"noninferior, margin {100 * margin:g} %", _fresh(margin=margin)) for margin in MARGINS),
    *(
        _rule(
            f"noninferior, margin {100 * margin:g} %, alpha {100 * alpha:g} %",
            _fresh(margin=margin, alpha=alpha),
        )
        for alpha in (0.05, 0.15, 0.2)
        for margin in MARGINS[1:3]
    ),
    *(
        Rule(
            name=f"superior, max_age {age}, margin {100 * margin:g} %",
            judge=_aging(age, margin),
            refit="published",
        )
        for age in AGES
        for margin in MARGINS[1:4]
    ),
    *(
        Rule(
            name=f"superior, after {parts:g} test parts, margin {100 * margin:g} %",
            judge=_lane(parts, margin=margin),
            refit="published",
        )
        for parts in PARTS
        for margin in MARGINS[:4]
    ),
    _rule("strict", GatePolicy(mode="strict")),
    _rule("plain", GatePolicy(mode="plain")),
    _rule("ours without the floor", GatePolicy(min_skill=ANY)),
    Rule(
        name="ours, floor only if the champion passes", judge=_floor_for_both(GatePolicy()), refit="published"
    ),
    Rule(name="ours without guards", judge=_unguarded(GatePolicy()), refit="published"),
    *(
        _rule(f"ours, slice margin {100 * margin:g} %", GatePolicy(slice_margin=margin))
        for margin in (0.1, 0.2)
    ),
)
REFITS = (
    BARE,
    *(
        _rule(f"{name}, no refit", policy, "none")
        for name, policy in (
            ("superior", _superior()),
            ("noninferior, margin 1 %", _fresh(margin=0.01)),
            ("noninferior, margin 2.5 %", _fresh(margin=0.025)),
        )
    ),
    _rule("ours, tested before published", GatePolicy(), "contest"),
    _rule("noninferior, margin 1 %, tested before published", _fresh(margin=0.01), "contest"),
    replace(NEVER, name="never, refit", refit="parent"),
    replace(ALWAYS, name="always, refit", refit="parent"),
    replace(LOWER, name="lower MSE, refit", refit="parent"),
)
