"""What the gate says: verdict, reasons, and every figure that they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lstm_pipeline.gate.evidence import Source
from lstm_pipeline.gate.policy import Mode

Verdict = Literal["PROMOTE", "REJECT", "INCONCLUSIVE", "HOLD"]
Grade = Literal["verified", "unverified"]
"""verified: both models say what they have learnt from, and windows are compared by that."""
Reason = Literal[
    "leaky_split",
    "not_finite",
    "integrity",
    "below_floor",
    "cap",
    "first",
    "superior",
    "worse",
    "fresh",
    "inconclusive",
    "no_clean_windows",
    "slice",
    "stale_data",
    "too_short",
    "not_newest",
    "rolled_back",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFigures:
    """The gate's own figures: over the compared origins, scaled per series; None where there is none."""

    mode: Mode
    """As configured."""
    used: Mode
    """The rule that decided: plain where there are too few origins to test."""
    windows_id: str | None
    origins: int
    """Origins compared."""
    mse: float | None
    champion_mse: float | None
    baseline: str | None = None
    """The naive baseline with the least error there."""
    baseline_mse: float | None
    skill: float | None = None
    """1 - mse / baseline_mse."""
    skill_low: float | None = None
    skill_high: float | None = None
    """Interval of the skill, 90 %, two-sided; None beside a champion, against whom the test is."""
    wide_skill: float | None = None
    """The same over all test windows and all series of the candidate."""
    effect: float | None
    """1 - mse / champion_mse."""
    low: float | None
    high: float | None
    """Interval of the effect, 90 %, two-sided."""
    grade: Grade = "verified"
    source: Source | None = None
    """Where the champion's losses come from; None without a champion."""
    looks: int = 1
    """Which distinct candidate this is on these windows: its test is held to alpha / looks."""
    alpha: float | None = None
    """The level of the test; this and the next four are None where nothing was tested."""
    statistic: float | None = None
    critical: float | None = None
    """What the statistic must pass."""
    size: float | None = None
    """Share of equal models that pass this test in a simulation, where origins are independent."""
    size_persistent: float | None = None
    """The same where neighbouring origins correlate by a half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one guard found."""

    guard: str
    """The slice, `all windows`, `tail` or `bias`."""
    candidate: float | None
    champion: float | None
    """Their figures: losses, of `tail` and `bias` errors in deviations of the training part."""
    origins: int
    """Origins in the slice."""
    chance: float | None
    """How often so much would be found where the slice is not worse by the margin; None where not tested."""
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict with its reasons and the figures it rests on."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    sentence: str
    """The verdict and its main reason in words."""
    figures: GateFigures
    guards: tuple[Finding, ...] = ()
    """What stood watch over a promotion; empty where none was due."""
