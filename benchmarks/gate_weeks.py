"""Three years of weekly retraining under a rule for promotion: what it costs, how often the champion changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from gate_scenes import HORIZON, Floats, by_origin, rivals
from numpy.typing import NDArray

from lstm_pipeline.gate.critical import critical_value
from lstm_pipeline.gate.paired import bandwidth

WEEKS, ORIGINS = 156, 30
QUALITY = 0.03
"""Deviation of a new model's true loss, as a share."""
DIFFICULTY = 0.15
"""Deviation of a week's difficulty, which all models share."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What chance deals, the same to every rule: (lives, weeks) each, losses with origins."""

    quality: Floats
    difficulty: Floats
    candidate: Floats
    """Losses of a model whose true loss is 1 in a week of difficulty 1: (lives, weeks, origins)."""
    champion: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What a rule sees in one week of all lives: (lives, origins) or (lives,)."""

    candidate: Floats
    champion: Floats
    stored: Floats
    """What the champion scored when it was promoted."""
    age: NDArray[np.int64]
    """Weeks since then."""


Rule = Callable[[Week], Bools]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Means over all lives."""

    loss: float
    """True loss of whoever published, over all weeks."""
    promotions: float
    harmful: float
    """Share of promotions of a model that was truly worse at that moment."""
    longest: float
    """Weeks of the champion that stayed longest."""


def draw_noise(rng: np.random.Generator, lives: int, correlation: float) -> Noise:
    """Deal it."""
    # life by life: all their steps at once would take gigabytes
    losses = [by_origin(rivals(rng, 2, WEEKS, ORIGINS * HORIZON, correlation)) for _ in range(lives)]
    candidate, champion = np.stack(losses, axis=1)
    return Noise(
        quality=QUALITY * rng.standard_normal((lives, WEEKS + 1)),
        difficulty=np.maximum(0.2, 1 + DIFFICULTY * rng.standard_normal((lives, WEEKS + 1))),
        candidate=candidate,
        champion=champion,
    )


def live(rule: Rule, noise: Noise, decay: float) -> Life:
    """Three years under one rule: a champion's true loss grows by `decay` a week."""
    lives = len(noise.quality)
    quality, age = 1 + noise.quality[:, 0], np.zeros(lives, np.int64)
    stored = quality * noise.difficulty[:, 0]
    losses, promotions, harmful, longest = np.zeros((4, lives))
    for at in range(WEEKS):
        age += 1
        true, challenger = quality * (1 + decay * age), 1 + noise.quality[:, at + 1]
        hard = noise.difficulty[:, at + 1][:, None]
        own = challenger[:, None] * hard * noise.candidate[:, at]
        week = Week(
            candidate=own,
            champion=true[:, None] * hard * noise.champion[:, at],
            stored=stored,
            age=age.copy(),
        )
        won = rule(week)
        promotions, harmful = promotions + won, harmful + (won & (challenger > true))
        quality, age = np.where(won, challenger, quality), np.where(won, 0, age)
        stored = np.where(won, own.mean(axis=1), stored)
        losses, longest = losses + np.where(won, challenger, true), np.maximum(longest, age)
    return Life(
        loss=float(losses.mean() / WEEKS),
        promotions=float(promotions.mean()),
        harmful=float(harmful.sum() / max(1.0, promotions.sum())),
        longest=float(longest.mean()),
    )


def never(week: Week) -> Bools:
    """The first model for ever."""
    return np.zeros(len(week.age), bool)


def always(week: Week) -> Bools:
    """Every new model."""
    return np.ones(len(week.age), bool)


def lower(week: Week) -> Bools:
    """Lower MSE on the same windows."""
    return week.candidate.mean(axis=1) < week.champion.mean(axis=1)


def stored_score(week: Week) -> Bools:
    """Lower MSE than the champion had when it was promoted, on other windows."""
    return week.candidate.mean(axis=1) < week.stored


def by_test(alpha: float, min_effect: float, *, margin: float | None = None, max_age: int = 1) -> Rule:
    """The gate's rule: superior, or in the lane of newer data from a champion's age on; no margin, no lane."""

    def rule(week: Week) -> Bools:
        mean, error = _test(week)
        reference = week.champion.mean(axis=1)
        superior = (mean > _critical(alpha) * error) & (mean / reference >= min_effect) & (mean > 0)
        if margin is None:
            return superior
        worse = (-mean > _critical(alpha) * error) & (mean / reference < -min_effect)
        kept = mean - _critical(alpha) * error > -margin * reference
        return superior | (kept & ~worse & (week.age >= max_age))

    return rule


def _critical(level: float) -> float:
    return critical_value(bandwidth(ORIGINS) / ORIGINS, level)


def _test(week: Week) -> tuple[Floats, Floats]:
    """Mean of the differences and its standard error, of all lives at once: as `gate.paired_test` has them."""
    differences = week.champion - week.candidate
    mean, width = differences.mean(axis=1), bandwidth(ORIGINS)
    walk = np.zeros((len(mean), ORIGINS + 1))
    np.cumsum(differences - mean[:, None], axis=1, out=walk[:, 1:])
    begin = np.arange(1 - width, ORIGINS)
    sums = walk[:, np.minimum(begin + width, ORIGINS)] - walk[:, np.maximum(begin, 0)]
    return mean, np.sqrt((sums**2).sum(axis=1) / (ORIGINS * width) / ORIGINS)
