"""Seeded series for demos and tests: the tutorial's sine, autoregressive noise, trend + season + noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sine(length: int, stop: float) -> Floats:
    """sin(x) with x evenly from 0 to `stop`, both included. Shapes: -> (length,)."""
    return np.sin(np.linspace(0.0, stop, length))


def sines(shape: tuple[int, int], stop: float, rng: np.random.Generator) -> Floats:
    """Sines that differ in phase, height and level; the first is the plain one. Shapes: -> shape (N, T)."""
    count, length = shape
    phase, height, level = rng.uniform(0.0, 1.0, (3, count, 1)) * [[[2 * np.pi]], [[1.5]], [[10.0]]]
    height += 0.5
    phase[0], height[0], level[0] = 0.0, 1.0, 0.0
    return level + height * np.sin(np.linspace(0.0, stop, length) + phase)


def autoregressive(shape: tuple[int, int], phi: float, noise: float, rng: np.random.Generator) -> Floats:
    """x[t] = phi x[t-1] + noise e[t] around a level of its own, the first around 0. Shapes: -> shape (N, T).

    With |phi| < 1 the first value is drawn from the distribution that all later ones have.
    """
    values = noise * rng.standard_normal(shape)
    if abs(phi) < 1:
        values[:, 0] /= np.sqrt(1 - phi**2)
    for step in range(1, shape[1]):
        values[:, step] += phi * values[:, step - 1]
    return values + _levels(shape[0], rng)


def seasonal(
    shape: tuple[int, int], period: int, amplitude: float, trend: float, rng: np.random.Generator
) -> Floats:
    """A line that rises by `trend` a step and a wave of `period` steps, each at its own phase and level.

    Shapes: -> shape (N, T).
    """
    phase = rng.uniform(0.0, 2 * np.pi, (shape[0], 1))
    phase[0] = 0.0
    time = np.arange(shape[1])
    wave = amplitude * np.sin(2 * np.pi * time / period + phase)
    return trend * time + wave + _levels(shape[0], rng)


def _levels(count: int, rng: np.random.Generator) -> Floats:
    """What each series lies around; the first around 0. Shapes: -> (N, 1)."""
    levels = rng.uniform(-20.0, 20.0, (count, 1))
    levels[0] = 0.0
    return levels
