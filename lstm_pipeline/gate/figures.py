"""The figures of a decision as they are recorded and shown: what is not finite is None."""

from __future__ import annotations

import math

from lstm_pipeline.gate.case import Case
from lstm_pipeline.gate.comparison import finite, gain
from lstm_pipeline.gate.decision import GateFigures
from lstm_pipeline.gate.evidence import Evidence
from lstm_pipeline.gate.policy import Rules
from lstm_pipeline.gate.size import simulated_size

INTERVAL = 0.05
"""On each side of the interval."""


def figures_of(case: Case, evidence: Evidence, rules: Rules) -> GateFigures:
    """The figures of a case."""
    compared, test, wide = case.compared, case.test, evidence.wide
    low, high = _interval(case) if compared.has_champion else (math.nan, math.nan)
    skill_low, skill_high = (math.nan, math.nan) if compared.has_champion else _interval(case)
    size = simulated_size(test.origins, case.level) if test is not None else None
    return GateFigures(
        mode=rules.mode,
        used=case.used,
        windows_id=evidence.windows_id,
        origins=compared.origins,
        mse=finite(compared.mse),
        champion_mse=finite(compared.champion_mse),
        baseline=evidence.baseline,
        baseline_mse=finite(compared.baseline_mse),
        skill=finite(compared.skill),
        skill_low=finite(skill_low),
        skill_high=finite(skill_high),
        wide_skill=finite(gain(wide.mse, wide.baseline_mse)) if wide is not None else None,
        effect=finite(compared.effect),
        low=finite(low),
        high=finite(high),
        grade="verified" if evidence.told and evidence.source != "untold" else "unverified",
        source=evidence.source if compared.has_champion else None,
        looks=evidence.looks,
        alpha=case.level if test is not None else None,
        statistic=finite(test.statistic) if test is not None else None,
        critical=finite(test.critical(case.level)) if test is not None else None,
        size=size.independent if size is not None else None,
        size_persistent=size.persistent if size is not None else None,
    )


def _interval(case: Case) -> tuple[float, float]:
    """Bounds of the effect over the champion; without one, of the skill over what the floor asks for."""
    if case.test is None:
        return math.nan, math.nan
    compared = case.compared
    reference = compared.champion_mse if compared.has_champion else compared.baseline_mse
    if not reference > 0:
        return math.nan, math.nan
    lower, upper = case.test.bounds(INTERVAL)
    # without a champion the differences are from (1 - min_skill) of the baseline
    shift = 0.0 if compared.has_champion else compared.skill - case.test.mean / reference
    return lower / reference + shift, upper / reference + shift
