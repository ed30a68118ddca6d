"""The tables of the promotion gate: what each guard found, and what other thresholds would have said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from lstm_pipeline.gate import FEWEST, Alternative, Finding, Rules, skill
from lstm_pipeline.report.content import Ruling
from lstm_pipeline.report.numerals import ABSENT, count, known, number, percent

KNOBS = ("mode", "alpha", "min_effect", "refresh")
"""Knobs of which several settings are told, by the first word of a rule."""
IN_DEVIATIONS = {
    "tail": ("largest errors", "99th percentile, in deviations"),
    "bias": ("mean error", "in deviations"),
}
"""Name and unit of the guards whose figures are no squared errors."""
CHAMPIONS = ("min_effect", "refresh")
"""Knobs that ask nothing where there is no champion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRow:
    """One part of what was compared, and whether it got worse."""

    name: str
    unit: str
    """Empty for a scaled error."""
    candidate: str
    champion: str
    gain: str
    """Share by which the candidate's error is lower; absent where it is no squared error."""
    origins: str
    chance: str
    result: str
    passed: bool | None
    """None where it was only reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One other setting with its verdict."""

    setting: str
    verdict: str
    reason: str
    differs: bool
    """It would have ended otherwise."""
    chosen: bool
    """It is the setting of this pipeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """Other settings of one knob."""

    name: str
    chips: tuple[Chip, ...]


def guard_rows(ruling: Ruling) -> tuple[GuardRow, ...]:
    """Every guard; where none stood watch the losses of the slices all the same."""
    if ruling.guards:
        return tuple(_guard(found, ruling.rules) for found in ruling.guards)
    return tuple(
        GuardRow(
            name=part.name,
            unit="",
            candidate=number(part.candidate),
            champion=number(part.champion),
            gain=percent(skill(part.candidate, part.champion)),
            origins=count(part.origins),
            chance=ABSENT,
            result="only reported",
            passed=None,
        )
        for part in ruling.slices
    )


def why_unguarded(ruling: Ruling) -> str:
    """Why no guard stood watch, as a sentence; empty where one did, or there is nothing to guard."""
    if ruling.guards or not ruling.slices:
        return ""
    if ruling.verdict == "PROMOTE":
        return "The plain rule has no guards: these parts are only reported."
    return "Guards stand watch over a promotion; as none was due, these parts are only reported."


def knobs(ruling: Ruling) -> tuple[Knob, ...]:
    """What other thresholds would have said, the rule that is usual elsewhere first."""
    return tuple(_knobs(ruling))


def others_agree(ruling: Ruling) -> bool:
    """No other threshold would have come to another verdict."""
    return all(other.verdict == ruling.verdict for other in ruling.alternatives)


def _guard(found: Finding, rules: Rules) -> GuardRow:
    whole = found.guard in IN_DEVIATIONS
    return GuardRow(
        name=IN_DEVIATIONS[found.guard][0] if whole else found.guard,
        unit=IN_DEVIATIONS[found.guard][1] if whole else "",
        candidate=number(found.candidate),
        champion=number(found.champion),
        gain=ABSENT if whole else percent(skill(found.candidate, found.champion)),
        origins=count(found.origins) if found.origins else "all",
        chance=ABSENT if found.chance is None else percent(found.chance),
        result=_result(found, rules),
        passed=None if _untested(found) else found.passed,
    )


def _untested(found: Finding) -> bool:
    """A slice with too few origins of its own."""
    return found.passed and found.chance is None and 0 < found.origins < FEWEST


def _result(found: Finding, rules: Rules) -> str:
    """What became of one guard, in words."""
    if found.guard == "tail":
        return f"{_kept(found)} {rules.tail_cap:g} \u00d7 the champion's"
    if found.guard == "bias":
        return f"{_kept(found)} {rules.bias_cap:g} more than the champion's"
    return _slice_result(found, rules)


def _slice_result(found: Finding, rules: Rules) -> str:
    if not found.passed:
        return "worse: stops the promotion"
    if _untested(found):
        return f"only reported: a test takes {FEWEST} origins"
    worse = known(found.candidate) and known(found.champion) and found.candidate > found.champion
    if not worse:
        return "passed: not worse"
    if found.chance is None:
        return f"passed: within the margin of {percent(rules.margin)}"
    return f"passed: not shown to be worse by {percent(rules.slice_margin)}"


def _kept(found: Finding) -> str:
    return "passed: within" if found.passed else "stops the promotion: beyond"


def _knobs(ruling: Ruling) -> Iterator[Knob]:
    def first_word(other: Alternative) -> str:
        word = other.rule.partition(" ")[0]
        return word if word in KNOBS else other.rule

    alone = ruling.figures.source is None
    for name, others in groupby(ruling.alternatives, key=first_word):
        if alone and name in CHAMPIONS:
            continue
        yield Knob(name=name, chips=tuple(_chips(ruling, name, others)))


def _chips(ruling: Ruling, name: str, others: Iterable[Alternative]) -> Iterator[Chip]:
    chosen = getattr(ruling.rules, name) if name in KNOBS else None
    for other in others:
        setting = other.rule.removeprefix(name).strip()
        yield Chip(
            setting=setting,
            verdict=other.verdict,
            reason=other.reason,
            differs=other.verdict != ruling.verdict,
            chosen=setting == (f"{chosen:g}" if isinstance(chosen, float) else chosen),
        )
