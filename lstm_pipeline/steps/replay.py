"""Make a recorded decision again from its evidence: it must come out the same, to the last figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from lstm_pipeline import gate
from lstm_pipeline.artifacts import canonical, plain
from lstm_pipeline.errors import BrokenArtifact, UsageError
from lstm_pipeline.gate import Alternative, Decision, GatePolicy, Mode
from lstm_pipeline.steps.filed import Filed
from lstm_pipeline.version import VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Other thresholds to judge by; None: as it was."""

    mode: str | None = None
    alpha: float | None = None
    min_effect: float | None = None

    def __str__(self) -> str:
        """What is asked for, as on a command line; empty where it is nothing."""
        asked = {"--mode": self.mode, "--alpha": self.alpha, "--min-effect": self.min_effect}
        return " ".join(f"{name} {value}" for name, value in asked.items() if value is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A decision made again."""

    filed: Filed
    decision: Decision
    alternatives: tuple[Alternative, ...]
    what_if: str
    """The other thresholds it was made by; empty where it is the recorded decision itself."""


def replay(filed: Filed) -> Replayed:
    """Make the decision again, as it was recorded.

    Raises:
        BrokenArtifact: it comes out differently; the faults name every field that differs.
    """
    report = filed.report
    evidence = report.judged
    decision, others = gate.decide(evidence, report.policy), gate.alternatives(evidence, report.policy)
    again = plain({"decision": decision, "alternatives": others})
    recorded = plain({"decision": report.decision, "alternatives": report.alternatives})
    faults = [*_differing(recorded, again, "")]
    for place, said in filed.claims.items():
        made = {name: again["decision"][name] for name in said}
        faults += [f"{place}: {fault}" for fault in _differing(dict(said), made, "")]
    if faults:
        raise BrokenArtifact(f"gate report {filed.id}: {_why_other(report.version)}", faults)
    return Replayed(filed=filed, decision=decision, alternatives=others, what_if="")


def _why_other(version: str) -> str:
    """Why a decision may come out otherwise than a version of this package recorded it."""
    if version == VERSION:
        return (
            f"version {VERSION} recorded it, and comes to another decision now: it was altered; compare with "
            "a copy of the registry, or run the pipeline again"
        )
    return (
        f"version {version or '0.2 or older'} recorded it, and {VERSION} comes to another decision: its "
        "rules are others, or it was altered; replay it with the version that recorded it"
    )


def judge_otherwise(filed: Filed, asked: WhatIf) -> Replayed:
    """Judge the recorded evidence by other thresholds.

    Raises:
        UsageError: there are no such thresholds.
    """
    policy, evidence = _policy(filed.report.policy, asked), filed.report.judged
    return Replayed(
        filed=filed,
        decision=gate.decide(evidence, policy),
        alternatives=gate.alternatives(evidence, policy),
        what_if=str(asked),
    )


def _policy(policy: GatePolicy, asked: WhatIf) -> GatePolicy:
    """The policy with what is asked for; another mode comes with its own knobs, as in the alternatives."""
    if asked.mode is not None:
        policy = GatePolicy(mode=cast(Mode, asked.mode), min_skill=policy.min_skill, cap=policy.cap)
    knobs = {"alpha": asked.alpha, "min_effect": asked.min_effect}
    policy = replace(policy, **{name: value for name, value in knobs.items() if value is not None})
    try:
        return TypeAdapter(GatePolicy).validate_python(plain(policy))
    except ValidationError as error:
        faults = [f"{fault['loc'][0]}: got {fault['input']!r}: {fault['msg']}" for fault in error.errors()]
        raise UsageError(f"{asked}: there are no such thresholds", faults) from error


def _differing(recorded: Any, again: Any, at: str) -> Iterator[str]:
    """Each field that is not the same to the last bit."""
    if isinstance(recorded, dict) and isinstance(again, dict):
        mine, theirs = cast(dict[str, Any], recorded), cast(dict[str, Any], again)
        for name in dict.fromkeys([*mine, *theirs]):
            yield from _differing(mine.get(name), theirs.get(name), f"{at}.{name}" if at else name)
    elif isinstance(recorded, list) and isinstance(again, list) and len(recorded) == len(again):
        pairs = zip(cast(list[Any], recorded), cast(list[Any], again), strict=True)
        for place, (mine, theirs) in enumerate(pairs):
            yield from _differing(mine, theirs, f"{at}[{place}]")
    elif canonical(recorded) != canonical(again):
        yield f"{at}: recorded {canonical(recorded)}, made again {canonical(again)}"
