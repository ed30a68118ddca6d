"""Two forecasters whose truth is known, as the gate sees them: which of them it promotes, and how often."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from lstm_pipeline.gate import Evidence, GatePolicy, OriginLosses, decide

Floats = NDArray[np.float64]

HORIZON = 24
SHARED = 0.8
"""Share of the variance of step errors that both forecasters have in common: the truth's own surprises."""


def related(rng: np.random.Generator, shape: tuple[int, ...], correlation: float) -> Floats:
    """Noise of variance 1 whose neighbours along the last axis correlate: AR(1)."""
    noise = rng.standard_normal(shape)
    for at in range(1, shape[-1]):
        noise[..., at] = correlation * noise[..., at - 1] + math.sqrt(1 - correlation**2) * noise[..., at]
    return noise


def rivals(rng: np.random.Generator, many: int, draws: int, steps: int, correlation: float) -> Floats:
    """Step errors of as many equal forecasters: (many, draws, steps)."""
    common = related(rng, (draws, steps), correlation)
    own = related(rng, (many, draws, steps), correlation)
    return math.sqrt(SHARED) * common + math.sqrt(1 - SHARED) * own


def by_origin(errors: Floats) -> Floats:
    """Losses of origins a horizon apart: (..., steps) -> (..., origins)."""
    return (errors.reshape(*errors.shape[:-1], -1, HORIZON) ** 2).mean(axis=-1)


def by_step(errors: Floats) -> Floats:
    """Losses of windows that begin at every step: (..., steps) -> (..., windows)."""
    total = np.cumsum(errors**2, axis=-1)
    first = total[..., HORIZON - 1 : HORIZON]
    return np.concatenate([first, total[..., HORIZON:] - total[..., :-HORIZON]], axis=-1) / HORIZON


def is_promoted(candidate: Floats, champion: Floats, *, looks: int = 1) -> bool:
    """What the gate says of one pair in its standard mode, where only a better model is let through."""
    evidence = Evidence(
        losses=OriginLosses(
            candidate=candidate,
            baseline=4 * champion,
            champion=champion,
            clean=np.ones(len(champion), bool),
        ),
        intact=True,
        sound=True,
        finite=True,
        test_mse=0.0,
        leaky=False,
        stale=False,
        newest=True,
        looks=looks,
    )
    return decide(evidence, GatePolicy()).verdict == "PROMOTE"


def share_promoted(candidate: Floats, champion: Floats) -> float:
    """The share of pairs in which the gate promotes. Shapes: (draws, origins)."""
    return float(np.mean([is_promoted(own, other) for own, other in zip(candidate, champion, strict=True)]))


def share_of_t(differences: Floats, level: float) -> float:
    """The share of rows whose t passes, were its values independent. Shapes: (draws, n)."""
    n = differences.shape[-1]
    t = differences.mean(axis=-1) / (differences.std(axis=-1, ddof=1) / math.sqrt(n))
    return float(np.mean(t > -NormalDist().inv_cdf(level)))


def equal_models(rng: np.random.Generator, origins: int, correlation: float, draws: int) -> dict[str, float]:
    """How often each rule promotes one of two equal models."""
    own, other = rivals(rng, 2, draws, origins * HORIZON, correlation)
    level = 0.1 if origins >= 30 else 0.05
    return {
        "gate": share_promoted(by_origin(own), by_origin(other)),
        "t by origin": share_of_t(by_origin(other) - by_origin(own), level),
        "lower MSE": float(np.mean(by_origin(own).mean(axis=-1) < by_origin(other).mean(axis=-1))),
        "t, stride 1": share_of_t(by_step(other) - by_step(own), level),
    }


def persistent_origins(
    rng: np.random.Generator, origins: int, correlation: float, draws: int
) -> dict[str, float]:
    """The same where an origin's loss goes on into the next origins."""
    own, other = (
        1 + 0.1 * noise
        for noise in (
            math.sqrt(SHARED) * related(rng, (draws, origins), correlation)
            + math.sqrt(1 - SHARED) * related(rng, (2, draws, origins), correlation)
        )
    )
    level = 0.1 if origins >= 30 else 0.05
    return {"gate": share_promoted(own, other), "t by origin": share_of_t(other - own, level)}


def power(rng: np.random.Generator, origins: int, correlation: float, gap: float, draws: int) -> float:
    """How often the gate finds a candidate whose expected loss is smaller by this share."""
    own, other = rivals(rng, 2, draws, origins * HORIZON, correlation)
    return share_promoted((1 - gap) * by_origin(own), by_origin(other))


def lottery(rng: np.random.Generator, origins: int, many: int, draws: int) -> dict[str, float]:
    """How often one of many equal candidates on the same windows is promoted, by how many were looked at."""
    losses = by_origin(rivals(rng, many + 1, draws, origins * HORIZON, 0.5))
    champion, candidates = losses[0], losses[1:]
    told = {"as candidates 1 to 20": True, "each as the first": False}
    return {
        name: float(np.mean([_any_promoted(candidates[:, at], champion[at], counted) for at in range(draws)]))
        for name, counted in told.items()
    }


def _any_promoted(candidates: Floats, champion: Floats, counted: bool) -> bool:
    return any(
        is_promoted(own, champion, looks=place + 1 if counted else 1) for place, own in enumerate(candidates)
    )


def many_series(rng: np.random.Generator, series: int, origins: int, draws: int) -> dict[str, float]:
    """Equal models on many series that a common shock moves: pooled by origin, and a t-test over series."""
    pooled, over_series = np.empty((draws, origins)), np.empty((draws, series))
    for at in range(draws):
        shock, own = rng.standard_normal(origins), rng.standard_normal((series, origins))
        differences = math.sqrt(0.3) * shock + math.sqrt(0.7) * own
        pooled[at], over_series[at] = differences.mean(axis=0), differences.mean(axis=1)
    champion = np.full_like(pooled, 10.0)
    return {
        "gate, pooled by origin": share_promoted(champion - pooled, champion),
        "t over series": share_of_t(over_series, 0.1),
    }
